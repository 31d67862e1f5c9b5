using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Transports;

/// <summary>What a <see cref="WebSocketTransport"/> may be told.</summary>
public sealed record WebSocketTransportOptions
{
    /// <summary>Who is at the other end, for logs and errors. Default: <c>websocket</c>.</summary>
    public string Name { get; init; } = "websocket";

    /// <summary>Largest message received, in bytes; a larger one fails the call it belongs to and no other. Default: 16 MiB.</summary>
    public long MaxReceiveSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>Largest message that is sent, in bytes; a larger one is not sent. Default: 16 MiB.</summary>
    public long MaxSendSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>How long the closing handshake may take before the socket is torn down. Default: 5 s.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock of <see cref="CloseTimeout"/>. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

/// <summary>
/// MCP over a connected WebSocket, at either end: one JSON-RPC message for each text frame, subprotocol <see cref="SubProtocol"/>.
/// Thread-safe. Owns the socket. A server that has accepted a socket need only call <see cref="ServeAsync"/>.
/// </summary>
public sealed class WebSocketTransport : TransportBase
{
    /// <summary>The WebSocket subprotocol of MCP.</summary>
    public const string SubProtocol = "mcp";

    private const int BufferSize = 16 * 1024;

    private static readonly JsonTypeInfo<JsonRpcMessage> MessageType =
        (JsonTypeInfo<JsonRpcMessage>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcMessage));

    private readonly WebSocket _socket;
    private readonly WebSocketTransportOptions _options;
    private readonly ILogger _log;
    private readonly bool _isClient;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _shutdown = new();
    private readonly Task _receiving;
    private int _disposed;

    /// <summary>The server's end of a connection.</summary>
    /// <param name="socket">A connected socket; the transport closes and disposes it.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <param name="logs">Where to log; null for nowhere.</param>
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
        _isClient = isClient;
        SetConnected();
        _receiving = Task.Run(ReceiveAsync);
    }

    /// <summary>Serves MCP to the client at the other end of a socket until either end closes, or the token is cancelled.</summary>
    /// <param name="socket">An accepted socket; it is closed and disposed.</param>
    /// <param name="server">What is served.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <param name="logs">Where to log; null for nowhere.</param>
    /// <param name="cancellationToken">Ends the connection with a closing handshake; it is no error then.</param>
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
            // The SDK's server waits at the end of a connection for handlers that still run; its disposal cancels them.
            var session = McpServer.Create(transport, server, logs);
            await using (session.ConfigureAwait(false))
            {
                _ = session.RunAsync(CancellationToken.None);
                await transport.Completion.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Ends, never with an error, when the connection has ended, whoever ended it.</summary>
    public Task Completion => _receiving;

    /// <summary>
    /// Sends one message. Cancelling gives up the wait; it never cuts a message that is being written. In place of a reply that is too large an
    /// error goes out that says so: the caller must not take the call for one that was never run.
    /// </summary>
    /// <exception cref="IOException">The connection is closed, broke, or the request or notification is too large.</exception>
    public override async Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(message, MessageType);
        if (bytes.Length > _options.MaxSendSize)
        {
            bytes = message is JsonRpcResponse or JsonRpcError
                ? JsonSerializer.SerializeToUtf8Bytes(
                    MessageLimits.TooLargeError(((JsonRpcMessageWithId)message).Id, bytes.Length, _options.MaxSendSize), MessageType)
                : throw MessageLimits.NotSent(Name, bytes.Length, _options.MaxSendSize);
        }

        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        var write = WriteAsync(bytes);
        await (write.IsCompleted || !cancellationToken.CanBeCanceled ? write : Abandonable(write, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Closes the connection: with the closing handshake if the other end answers it in time, else by tearing it down.</summary>
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
            {
                await _receiving.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await _shutdown.CancelAsync().ConfigureAwait(false);
        _socket.Abort();
        await _receiving.ConfigureAwait(false);
        _socket.Dispose();
        _shutdown.Dispose();
    }

    /// <summary>Writes under the lock that the caller took, and gives it back, also when nobody waits any more.</summary>
    private async Task WriteAsync(byte[] bytes)
    {
        try
        {
            if (!IsConnected || _socket.State != WebSocketState.Open)
            {
                throw new MessageNotSentException($"The connection to {Name} is closed. Nothing of the message was sent.");
            }

            // Never the caller's token: a cancelled write aborts the whole socket, and with it every other call.
            await _socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not IOException)
        {
            throw new IOException($"The connection to {Name} broke while a message was sent: {e.Message}", e);
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
            // Nobody is left to hear of an error of the write; the receiving side reports the connection's end.
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
            // Whatever ends the connection becomes its completion details; a close of our own is no error.
            error = Volatile.Read(ref _disposed) == 0 ? e : null;
        }

        if (error is not null)
        {
            _log.LogDebug("{Name}: connection lost ({Reason})", Name, error.Message);
        }

        SetDisconnected(_isClient ? new ClientTransportClosedException(Details(error)) : null);
    }

    /// <summary>One message, or false at the end of the connection.</summary>
    private async Task<bool> ReceiveMessageAsync()
    {
        // An idle connection holds no buffer: this returns when there is something to read.
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
                {
                    buffer = Grow(buffer, length);
                }

                var part = await _socket.ReceiveAsync(buffer.AsMemory(length), _shutdown.Token).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    await AnswerCloseAsync().ConfigureAwait(false);
                    return false;
                }

                length += part.Count;
                if (length > _options.MaxReceiveSize)
                {
                    await SkipAsync(buffer, length, part.EndOfMessage).ConfigureAwait(false);
                    return true;
                }

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
        {
            return;
        }

        try
        {
            if (JsonSerializer.Deserialize(frame.Span, MessageType) is { } message)
            {
                await WriteMessageAsync(message).ConfigureAwait(false);
                return;
            }

            _log.LogWarning("{Name}: dropped a frame that holds no JSON-RPC message", Name);
        }
        catch (JsonException e)
        {
            // The text of the frame stays out of the log: it may hold a caller's data.
            _log.LogWarning("{Name}: dropped a malformed frame of {Size} bytes ({Reason})", Name, frame.Length, e.Message);
        }
    }

    /// <summary>Reads past a message that is too large, and fails the one call it belongs to.</summary>
    private async Task SkipAsync(byte[] buffer, int length, bool isAtEnd)
    {
        var envelope = new JsonRpcEnvelope();
        envelope.Read(buffer.AsSpan(0, length));
        long size = length;
        while (!isAtEnd)
        {
            var part = await _socket.ReceiveAsync(buffer.AsMemory(), _shutdown.Token).ConfigureAwait(false);
            envelope.Read(buffer.AsSpan(0, part.Count));
            size += part.Count;
            isAtEnd = part.EndOfMessage || part.MessageType == WebSocketMessageType.Close;
        }

        _log.LogWarning(
            "{Name}: a message of {Size} bytes is over the limit of {Limit} bytes and was dropped", Name, size, _options.MaxReceiveSize);
        if (envelope.Id is not { } id)
        {
            return;
        }

        var error = MessageLimits.TooLargeError(id, size, _options.MaxReceiveSize);
        if (!envelope.HasMethod)
        {
            await WriteMessageAsync(error).ConfigureAwait(false);
            return;
        }

        try
        {
            await SendMessageAsync(error).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            _log.LogDebug("{Name}: the sender of a message that is too large could not be told ({Reason})", Name, e.Message);
        }
    }

    private async Task AnswerCloseAsync()
    {
        using var limit = new CancellationTokenSource(_options.CloseTimeout, _options.TimeProvider);
        await TryCloseAsync(limit.Token).ConfigureAwait(false);
    }

    /// <summary>Sends a close frame unless one was sent; false when it could not be sent in time.</summary>
    private async Task<bool> TryCloseAsync(CancellationToken limit)
    {
        if (_socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
        {
            return false;
        }

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
        Exception = error ?? (_socket.CloseStatus is { } status
            ? new IOException($"The connection to {Name} was closed by the server ({status}{Reason()}).")
            : null),
    };

    private string Reason() => _socket.CloseStatusDescription is { Length: > 0 } reason ? $": {reason}" : "";
}

/// <summary>How a WebSocket connection ended.</summary>
public sealed class WebSocketCompletionDetails : ClientCompletionDetails
{
    /// <summary>The code the other end closed with; null when it did not close but broke off.</summary>
    public WebSocketCloseStatus? CloseStatus { get; init; }

    /// <summary>The reason the other end gave.</summary>
    public string? CloseDescription { get; init; }
}
