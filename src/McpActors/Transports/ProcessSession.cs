using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// MCP with a program: one JSON-RPC message a line on its stdin and stdout; its stderr is read, logged, and its last lines are kept. No
/// line is larger in memory than its limit. The connection ends with the program, and the program with the connection: its stdin is closed,
/// then it gets SIGTERM, then it is killed, each after a third of the close time-out. Thread-safe.
/// </summary>
internal sealed class ProcessSession : TransportBase
{
    /// <summary>
    /// The most that is read in vain of stdout, in bytes a second. Some programs log there, much and all at once; what ends one is the
    /// time that it takes from this process. A line costs as much as some of its bytes, and more when it had to be parsed.
    /// </summary>
    private const int NoisePerSecond = 64 * 1024 * 1024;
    private const int CostOfLine = 1024;
    private const int CostOfParsing = 4 * 1024;

    private const int ErrorLines = 10;
    private const int MaxErrorLine = 1024;

    private static readonly TimeSpan TimeForLastWords = TimeSpan.FromSeconds(1);

    // As the SDK writes it, with an escape for every character beyond ASCII: many programs read the encoding of their locale, and ASCII is
    // the same in all of them.
    private static readonly JsonTypeInfo<JsonRpcMessage> MessageType =
        (JsonTypeInfo<JsonRpcMessage>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcMessage));

    private readonly Process _process;
    private readonly ProcessFamily _family;
    private readonly long _maxLine;
    private readonly long _maxRequest;
    private readonly TimeSpan _step;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ProgramOutput? _output;
    private readonly Stream _stdin;
    private readonly Stream _stdout;
    private readonly Stream _stderr;
    private readonly int _id;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Queue<string> _errorLines = new(ErrorLines);
    private readonly RareWarnings _warnings;
    private readonly MessageRate _noise;
    private readonly Task _readingErrors;
    private readonly Lazy<Task> _ending;
    private readonly TaskCompletionSource<ClientTransportClosedException> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _error;
    private volatile bool _hasClosedOutput;

    /// <summary>Begins to read.</summary>
    /// <param name="name">The server's name.</param>
    /// <param name="process">The started program with redirected streams; owned by the session.</param>
    /// <param name="family">The program with its descendants.</param>
    /// <param name="maxLine">The largest line on stdout, in bytes; the call of a larger one fails alone.</param>
    /// <param name="maxRequest">The largest message to the program, in bytes of JSON without escapes for characters beyond ASCII.</param>
    /// <param name="closeTimeout">How long the program may take to end.</param>
    /// <param name="time">The clock of time limits.</param>
    /// <param name="logs">Creates the loggers; null for none.</param>
    /// <param name="output">Receives what the program writes; null: nothing does.</param>
    public ProcessSession(
        string name, Process process, ProcessFamily family, long maxLine, long maxRequest, TimeSpan closeTimeout, TimeProvider time,
        ILoggerFactory? logs, ProgramOutput? output = null)
        : base(name, logs)
    {
        (_process, _family, _maxLine, _maxRequest, _step, _time) = (process, family, maxLine, maxRequest, closeTimeout / 3, time);
        _output = output;
        _log = logs?.CreateLogger<ProcessSession>() ?? NullLogger<ProcessSession>.Instance;
        _warnings = new RareWarnings(time);
        _noise = new MessageRate(NoisePerSecond, time);
        (_stdin, _stdout, _stderr) =
            (process.StandardInput.BaseStream, process.StandardOutput.BaseStream, process.StandardError.BaseStream);
        _id = process.Id;
        _ending = new Lazy<Task>(EndAsync);
        SetConnected();
        _readingErrors = Task.Run(ReadErrorsAsync);
        _ = Task.Run(ReadAsync);
        _ = EndFamilyWithProgramAsync();
    }

    /// <summary>Writes one message. The token ends the wait for other writes, not the write.</summary>
    /// <exception cref="IOException">
    /// The connection has ended, the program does not read, or the request or notification is too large.
    /// </exception>
    public override async Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
    {
        byte[] line = [.. ExactId.Written(message, JsonSerializer.SerializeToUtf8Bytes(message, MessageType)), (byte)'\n'];
        if (line.Length > _maxRequest && message is (JsonRpcRequest or JsonRpcNotification))
            ThrowIfTooLarge(message);
        if (await WriteAsync(line, cancellationToken).ConfigureAwait(false) is { } failure)
            throw await WithLastWordsAsync(failure).ConfigureAwait(false);
    }

    /// <summary>Ends the program and its descendants, then the connection.</summary>
    public override async ValueTask DisposeAsync() => await _ending.Value.ConfigureAwait(false);

    /// <summary>Writes a line; returns the failure.</summary>
    private async Task<IOException?> WriteAsync(byte[] line, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!IsConnected || _ending.IsValueCreated)
                return new MessageNotSentException($"The program of {Name} has ended. Nothing of the message was sent");
            await _stdin.WriteAsync(line, CancellationToken.None).ConfigureAwait(false);
            await _stdin.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            return null;
        }
        catch (Exception e)
        {
            return new IOException($"A message to the program of {Name} could not be written: {e.Message}", e);
        }
        finally
        {
            _writing.Release();
        }
    }

    // A write fails a moment before the end of the program is known. Its exit code and last words say more than a broken pipe.
    private async Task<IOException> WithLastWordsAsync(IOException failure)
    {
        try
        {
            var end = await _ended.Task.WaitAsync(TimeForLastWords, _time).ConfigureAwait(false);
            return failure is MessageNotSentException ? new MessageNotSentException(failure.Message, end) : end;
        }
        catch (TimeoutException)
        {
            return failure;
        }
    }

    // The limit is that of the message, as with the other transports, not of the escapes in it.
    private void ThrowIfTooLarge(JsonRpcMessage message)
    {
        var size = JsonSerializer.SerializeToUtf8Bytes(message, McpJson.MessageType).Length;
        if (size > _maxRequest)
            throw MessageLimits.NotSent($"the program of {Name}", size, _maxRequest);
    }

    private async Task ReadAsync()
    {
        try
        {
            using var lines = new LineReader(_stdout, _maxLine, _maxLine * MessageLimits.MostSkipped);
            while (await lines.ReadAsync().ConfigureAwait(false) is { } line)
            {
                _output?.NoteLine(line.Text.Span);
                await DeliverAsync(line).ConfigureAwait(false);
            }
            _hasClosedOutput = !_ending.IsValueCreated;
        }
        catch (Exception e)
        {
            // After the end of the connection its streams are closed.
            if (!_ending.IsValueCreated)
                Volatile.Write(ref _error, e);
        }
        await _ending.Value.ConfigureAwait(false);
    }

    private async Task DeliverAsync(OutputLine line)
    {
        if (!line.IsWhole)
        {
            Warn("large", "a line of stdout that is larger than the limit", line.Size);
            if (line.Envelope?.AnswerTo is { } id)
                await WriteMessageAsync(MessageLimits.TooLargeError(id, _maxLine)).ConfigureAwait(false);
            else if (line.Envelope is { Id: { } request })
                await TrySendAsync(MessageLimits.RequestTooLargeError(request, line.Size, _maxLine)).ConfigureAwait(false);
            return;
        }
        var text = line.Text.Trim(" \t"u8);
        if (text.IsEmpty)
            return;
        if (text.Span[0] != '{' && !(text.Span[0] == '[' && MessageTexts.Split(text.Span) is not null))
        {
            Warn("words", "words of stdout that are not a message (a program should write them to stderr)", line.Size);
            if (MessageTexts.AnswerAfterWords(text.Span) is not { } answer)
            {
                CountNoise(line.Size + CostOfLine);
                return;
            }
            text = text[answer..];
        }
        var mayBeMessage = MessageTexts.MayBeMessage(text.Span);
        var messages = mayBeMessage ? IncomingMessage.Read(text.Span) : [];
        foreach (var message in messages)
            await WriteMessageAsync(message).ConfigureAwait(false);
        if (messages.Count > 0)
            return;
        Warn("malformed", "a line of stdout that is not a JSON-RPC message", line.Size);
        CountNoise(line.Size + (mayBeMessage ? CostOfParsing : CostOfLine));
    }

    private void CountNoise(long cost)
    {
        if (!_noise.TryTake(cost))
        {
            throw new IOException(
                $"The program wrote more to stdout that is no message than can be skipped, {NoisePerSecond / CostOfLine} lines or "
                + $"{NoisePerSecond} bytes a second; let it write its log to stderr.");
        }
    }

    private async Task TrySendAsync(JsonRpcMessage message)
    {
        try
        {
            await SendMessageAsync(message).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            _log.LogDebug("{Name}: the reply to a request that is too large could not be sent ({Reason})", Name, e.Message);
        }
    }

    // The text is not logged, because it may contain data of callers.
    private void Warn(string kind, string what, long size)
    {
        if (_warnings.Due(kind) is { } omitted)
            _log.LogWarning("{Name}: dropped {What}, of {Size} bytes; {Omitted} more since the last such line", Name, what, size, omitted);
    }

    private async Task ReadErrorsAsync()
    {
        try
        {
            using var lines = new LineReader(_stderr, MaxErrorLine);
            while (await lines.ReadAsync().ConfigureAwait(false) is { } line)
            {
                var text = Encoding.UTF8.GetString(line.Text.Span);
                lock (_errorLines)
                {
                    if (_errorLines.Count == ErrorLines)
                        _errorLines.Dequeue();
                    _errorLines.Enqueue(text);
                }
                _output?.OnErrorLine?.Invoke(text);
                _log.LogDebug("{Name} wrote to stderr: {Line}", Name, text);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The connection has ended.
        }
    }

    // The descendants of a program that has ended may hold its pipes open; nothing would be read from them, and no end.
    private async Task EndFamilyWithProgramAsync()
    {
        await ExitAsync(Timeout.InfiniteTimeSpan).ConfigureAwait(false);
        if (!_ending.IsValueCreated)
            await _family.KillAsync(_step, _time, _log).ConfigureAwait(false);
    }

    private async Task EndAsync()
    {
        _family.Remember();
        await CloseInputAsync().ConfigureAwait(false);
        if (!await ExitAsync(_step).ConfigureAwait(false))
        {
            if (_hasClosedOutput)
                Volatile.Write(ref _error, new IOException("The program closed its stdout and went on running; it was ended"));
            _family.RequestEnd();
            await ExitAsync(_step).ConfigureAwait(false);
        }
        await _family.KillAsync(_step, _time, _log).ConfigureAwait(false);
        await ExitAsync(_step).ConfigureAwait(false);
        // The last words are read by now, unless a process holds the pipe that could not be found.
        await _readingErrors.WaitAsync(_step, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var end = new ClientTransportClosedException(Details());
        _ended.SetResult(end);
        SetDisconnected(end);
        ProcessWatchdog.Forget(_id);
        await _stdout.DisposeAsync().ConfigureAwait(false);
        await _stderr.DisposeAsync().ConfigureAwait(false);
        _process.Dispose();
    }

    private async Task CloseInputAsync()
    {
        try
        {
            await _stdin.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The program has ended.
        }
    }

    /// <summary>Waits for the end of the program; false when the time was up before.</summary>
    private async Task<bool> ExitAsync(TimeSpan limit)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(limit, _time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            // The process was disposed of.
            return true;
        }
    }

    private ClientCompletionDetails Details()
    {
        if (_error is { } error)
            return new ClientCompletionDetails { Exception = error };
        lock (_errorLines)
        {
            return new StdioClientCompletionDetails
            {
                ProcessId = _id,
                ExitCode = _process.HasExited ? _process.ExitCode : null,
                StandardErrorTail = _errorLines.Count > 0 ? [.. _errorLines] : null,
            };
        }
    }
}
