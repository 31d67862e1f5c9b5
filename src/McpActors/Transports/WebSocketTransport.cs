using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Transports;

/// <summary>Options of a <see cref="WebSocketTransport"/>.</summary>
public sealed record WebSocketTransportOptions
{
    /// <summary>The name of the other end in logs and errors. Default: <c>websocket</c>.</summary>
    public string Name { get; init; } = "websocket";

    /// <summary>Largest message received, in bytes; a larger one fails only its own call. Default: 16 MiB.</summary>
    public long MaxReceiveSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>Largest message sent, in bytes; a larger one is not sent. Default: 16 MiB.</summary>
    public long MaxSendSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>Time limit of the closing handshake; after it the socket is aborted. Default: 5 s.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock of <see cref="CloseTimeout"/>. Default: the system clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

/// <summary>
/// MCP over a connected WebSocket, for client and server: one JSON-RPC message per text message, subprotocol <see cref="SubProtocol"/>.
/// Thread-safe. Owns the socket. A server calls <see cref="ServeAsync"/> with each accepted socket.
/// </summary>
public sealed class WebSocketTransport : TransportBase
{
    /// <summary>The WebSocket subprotocol of MCP.</summary>
    public const string SubProtocol = "mcp";

    private const int BufferSize = 16 * 1024;
    private const int MalformedPerSecond = 1000;

    private readonly WebSocket _socket;
    private readonly WebSocketTransportOptions _options;
    private readonly ILogger _log;
    private readonly RareWarnings _warnings;
    private readonly MessageRate _malformed;
    private readonly bool _isClient;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _shutdown = new();
    private readonly Task _receiving;
    private int _disposed;

    /// <summary>Creates the server's end of a connection.</summary>
    /// <param name="socket">A connected socket; the transport closes and disposes it.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <param name="logs">Creates the logger; null for none.</param>
    public WebSocketTransport(WebSocket socket, WebSocketTransportOptions? options = null, ILoggerFactory? logs = null)
        : this(socket, options ?? new(), logs, isClient: false)
    {
    }

    internal WebSocketTransport(WebSocket socket, WebSocketTransportOptions options, ILoggerFactory? logs, bool isClient)
        : base(options.Name, logs)
    {
        _socket = socket;
        _options = options;
        _log = logs?.CreateLogger<WebSocketTransport>() ?? NullLogger<WebSocketTransport>.Instance;
        _warnings = new RareWarnings(options.TimeProvider);
        _malformed = new MessageRate(MalformedPerSecond, options.TimeProvider);
        _isClient = isClient;
        SetConnected();
        _receiving = Task.Run(ReceiveAsync);
    }

    /// <summary>Serves MCP to a client until either end closes the connection, or the token is cancelled.</summary>
    /// <param name="socket">An accepted socket; it is closed and disposed.</param>
    /// <param name="server">The MCP server's options.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <param name="logs">Creates the loggers; null for none.</param>
    /// <param name="cancellationToken">Ends the connection with a closing handshake; no exception is thrown.</param>
    public static async Task ServeAsync(
        WebSocket socket,
        McpServerOptions server,
        WebSocketTransportOptions? options = null,
        ILoggerFactory? logs = null,
        CancellationToken cancellationToken = default)
    {
        var transport = new WebSocketTransport(socket, options, logs);
        await using (transport.ConfigureAwait(false))
        {
            // At the end of a connection the SDK's server waits for running handlers; its disposal cancels them.
            var session = McpServer.Create(transport, server, logs);
            await using (session.ConfigureAwait(false))
            {
                _ = session.RunAsync(CancellationToken.None);
                await transport.Completion.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Completes when the connection has ended, from either end; never fails.</summary>
    public Task Completion => _receiving;

    /// <summary>
    /// Sends one message. A cancellation ends the wait, never the write. A reply that is too large is replaced by an error that says so,
    /// because the caller must know that the call has run.
    /// </summary>
    /// <exception cref="IOException">The connection is closed or broke, or the request or notification is too large.</exception>
    public override async Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
    {
        var bytes = ExactId.Written(message, JsonSerializer.SerializeToUtf8Bytes(message, McpJson.MessageType));
        if (bytes.Length > _options.MaxSendSize)
        {
            bytes = message is JsonRpcResponse or JsonRpcError
                ? JsonSerializer.SerializeToUtf8Bytes(Unsent(((JsonRpcMessageWithId)message).Id, bytes.Length), McpJson.MessageType)
                : throw MessageLimits.NotSent(Name, bytes.Length, _options.MaxSendSize);
        }
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        var write = WriteAsync(bytes);
        await (write.IsCompleted || !cancellationToken.CanBeCanceled ? write : Abandonable(write, cancellationToken)).ConfigureAwait(false);
    }

    private JsonRpcError Unsent(RequestId id, long size) => StandIn.For(
        id,
        MessageLimits.TooLarge,
        $"its answer of {size} bytes was not sent: the limit of its WebSocket is {_options.MaxSendSize} bytes (MaxSendSize)");

    /// <summary>Closes the connection with the closing handshake; aborts it if the other end does not answer in time.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            await _receiving.ConfigureAwait(false);
            return;
        }
        using (var limit = new CancellationTokenSource(_options.CloseTimeout, _options.TimeProvider))
        {
            if (await TryCloseAsync(limit.Token).ConfigureAwait(false))
                await _receiving.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await _shutdown.CancelAsync().ConfigureAwait(false);
        _socket.Abort();
        await _receiving.ConfigureAwait(false);
        _socket.Dispose();
        _shutdown.Dispose();
    }

    /// <summary>Writes under the lock that the caller has acquired, and releases it, even if the caller no longer waits.</summary>
    private async Task WriteAsync(byte[] bytes)
    {
        try
        {
            if (!IsConnected || _socket.State != WebSocketState.Open)
                throw new MessageNotSentException($"The connection to {Name} is closed. Nothing of the message was sent.");
            // Not the caller's token: a cancelled write aborts the whole socket, and with it all other calls.
            await _socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not IOException)
        {
            // Without the cause, whose words would follow.
            throw new IOException($"A message was being sent when this happened: {WebSocketWords.Of(e, Name)}.");
        }
        finally
        {
            _writing.Release();
        }
    }

    private static async Task Abandonable(Task write, CancellationToken cancellationToken)
    {
        try
        {
            await write.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // An error of the write has no observer any more; the receiving side reports the end of the connection.
            _ = write.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw;
        }
    }

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        try
        {
            while (await ReceiveMessageAsync().ConfigureAwait(false))
            {
            }
        }
        catch (Exception e)
        {
            // Becomes the completion details of the connection; an exception during our own close is not an error.
            error = Volatile.Read(ref _disposed) != 0 ? null : e is IOException ? e : new IOException(WebSocketWords.Of(e, Name));
        }
        if (error is not null)
            _log.LogDebug("{Name}: connection lost ({Reason})", Name, error.Message);
        SetDisconnected(_isClient ? new ClientTransportClosedException(Details(error)) : null);
    }

    /// <summary>Receives one message; false at the end of the connection.</summary>
    private async Task<bool> ReceiveMessageAsync()
    {
        // Returns when there is something to read, so that an idle connection needs no buffer.
        var ready = await _socket.ReceiveAsync(Memory<byte>.Empty, _shutdown.Token).ConfigureAwait(false);
        if (ready.MessageType == WebSocketMessageType.Close)
        {
            await AnswerCloseAsync().ConfigureAwait(false);
            return false;
        }
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var length = 0;
            while (true)
            {
                if (length == buffer.Length)
                    buffer = Grow(buffer, length);
                var part = await _socket.ReceiveAsync(buffer.AsMemory(length), _shutdown.Token).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    await AnswerCloseAsync().ConfigureAwait(false);
                    return false;
                }
                length += part.Count;
                if (length > _options.MaxReceiveSize)
                    return await SkipAsync(buffer, length, part.EndOfMessage).ConfigureAwait(false);
                if (part.EndOfMessage)
                {
                    await DeliverAsync(buffer.AsMemory(0, length)).ConfigureAwait(false);
                    return true;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private byte[] Grow(byte[] buffer, int length)
    {
        // One byte over the limit is enough to know that a message is too large.
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Min(length * 2L, _options.MaxReceiveSize + 1), Array.MaxLength));
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private async Task DeliverAsync(ReadOnlyMemory<byte> frame)
    {
        if (frame.IsEmpty)
            return;
        var messages = IncomingMessage.Read(frame.Span);
        foreach (var message in messages)
            await WriteMessageAsync(message).ConfigureAwait(false);
        if (messages.Count > 0)
            return;
        Warn("malformed", "a malformed frame", frame.Length);
        if (!_malformed.TryTake())
            throw new IOException($"{Name} sent more than {MalformedPerSecond} malformed frames a second.");
    }

    // The text of a frame is not logged, because it may contain data of callers.
    private void Warn(string kind, string what, long size)
    {
        if (_warnings.Due(kind) is { } omitted)
            _log.LogWarning("{Name}: dropped {What}, of {Size} bytes; {Omitted} more since the last such line", Name, what, size, omitted);
    }

    /// <summary>Skips a message that is too large, and fails its call; false at the end of the connection.</summary>
    private async Task<bool> SkipAsync(byte[] buffer, int length, bool isAtEnd)
    {
        var envelope = new JsonRpcEnvelope();
        envelope.Read(buffer.AsSpan(0, length));
        long size = length;
        while (!isAtEnd)
        {
            var part = await _socket.ReceiveAsync(buffer.AsMemory(), _shutdown.Token).ConfigureAwait(false);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await AnswerCloseAsync().ConfigureAwait(false);
                return false;
            }
            envelope.Read(buffer.AsSpan(0, part.Count));
            size += part.Count;
            isAtEnd = part.EndOfMessage;
            if (size > _options.MaxReceiveSize * MessageLimits.MostSkipped)
                throw new IOException($"{Name} sent a message of more than {size} bytes; the limit is {_options.MaxReceiveSize} bytes.");
        }
        Warn("large", "a message that is larger than the limit", size);
        if (envelope.Id is not { } id)
            return true;
        if (envelope.AnswerTo is { } answered)
        {
            await WriteMessageAsync(MessageLimits.TooLargeError(answered, _options.MaxReceiveSize)).ConfigureAwait(false);
            return true;
        }
        try
        {
            await SendMessageAsync(MessageLimits.RequestTooLargeError(id, size, _options.MaxReceiveSize)).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            _log.LogDebug("{Name}: the error reply to a message that is too large could not be sent ({Reason})", Name, e.Message);
        }
        return true;
    }

    private async Task AnswerCloseAsync()
    {
        using var limit = new CancellationTokenSource(_options.CloseTimeout, _options.TimeProvider);
        await TryCloseAsync(limit.Token).ConfigureAwait(false);
    }

    /// <summary>Sends a close frame unless one was sent; false if it was not sent in time.</summary>
    private async Task<bool> TryCloseAsync(CancellationToken limit)
    {
        if (_socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
            return false;
        try
        {
            await _writing.WaitAsync(limit).ConfigureAwait(false);
            try
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit).ConfigureAwait(false);
                return true;
            }
            finally
            {
                _writing.Release();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or InvalidOperationException or IOException)
        {
            _log.LogDebug("{Name}: no closing handshake ({Reason})", Name, e.Message);
            return false;
        }
    }

    private WebSocketCompletionDetails Details(Exception? error) => new()
    {
        CloseStatus = _socket.CloseStatus,
        CloseDescription = _socket.CloseStatusDescription,
        Exception = error ?? (Volatile.Read(ref _disposed) != 0 ? new IOException($"The connection to {Name} was closed by this side.")
            : _socket.CloseStatus is { } status
            ? new IOException($"The connection to {Name} was closed by the server ({status}{Reason()}).")
            : null),
    };

    private string Reason() => _socket.CloseStatusDescription is { Length: > 0 } reason ? $": {reason}" : "";
}

/// <summary>How a WebSocket connection ended.</summary>
public sealed class WebSocketCompletionDetails : ClientCompletionDetails
{
    /// <summary>The close code of the other end; null if the connection broke without a close frame.</summary>
    public WebSocketCloseStatus? CloseStatus { get; init; }

    /// <summary>The close reason of the other end.</summary>
    public string? CloseDescription { get; init; }
}
