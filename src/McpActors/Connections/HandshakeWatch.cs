using System.Threading.Channels;
using McpActors.Transports;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>
/// A transport that keeps how far its handshake came, repairs its results (<see cref="HandshakeRepair"/>), and reports progress in the
/// order in which it comes: the SDK handles each notification in a task of its own.
/// </summary>
/// <param name="inner">The transport.</param>
/// <param name="onProgress">Called with each progress notification, by the reader of messages.</param>
internal sealed class HandshakeWatch(IClientTransport inner, Action<JsonRpcNotification> onProgress) : IClientTransport
{
    private Action? _onFirstMessage;
    private volatile HandshakeStep _step;
    private volatile HandshakeRequest? _asked;

    public string Name => inner.Name;

    public HandshakeStep Step => _step;

    public async Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default) =>
        new Session(await inner.ConnectAsync(cancellationToken).ConfigureAwait(false), this);

    /// <summary>The server has sent a message.</summary>
    public bool HasHeard { get; private set; }

    /// <summary>Calls back once, when the server sends its first message.</summary>
    public void OnFirstMessage(Action onFirstMessage) => _onFirstMessage = onFirstMessage;

    private void Sending(JsonRpcMessage message)
    {
        if (message is not JsonRpcRequest request)
            return;
        _step = request.Method == RequestMethods.Initialize ? HandshakeStep.Initializing
            : _step == HandshakeStep.NotSent ? HandshakeStep.Discovering
            : _step;
        _asked = HandshakeRequest.Of(request);
    }

    private JsonRpcMessage Received(JsonRpcMessage message)
    {
        if (!HasHeard)
        {
            HasHeard = true;
            _onFirstMessage?.Invoke();
        }
        if (message is JsonRpcNotification { Method: NotificationMethods.ProgressNotification } progress)
            onProgress(progress);
        if (_asked is { } asked && message is JsonRpcResponse answer && answer.Id == asked.Id)
            answer.Result = HandshakeRepair.Repaired(asked, answer.Result);
        return message;
    }

    private sealed class Session(ITransport inner, HandshakeWatch watch) : ITransport
    {
        public string? SessionId => inner.SessionId;

        public ChannelReader<JsonRpcMessage> MessageReader { get; } = new ChangedMessages(inner.MessageReader, watch.Received);

        public Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
        {
            watch.Sending(message);
            return inner.SendMessageAsync(message, cancellationToken);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
