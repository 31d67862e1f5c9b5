using System.Text.Json;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// One end of a connection within this process. Messages cross as JSON bytes, so that the ends share no mutable node, and the sender writes
/// them to the channel of the other end: no stream, no line splitting, no thread in between.
/// </summary>
internal sealed class MemoryTransport : TransportBase
{
    private readonly bool _isClient;
    private readonly long _maxReceive;
    private MemoryTransport _peer = null!;

    private MemoryTransport(string name, bool isClient, long maxReceive) : base(name, loggerFactory: null)
    {
        _isClient = isClient;
        _maxReceive = maxReceive;
        SetConnected();
    }

    /// <summary>Creates both ends of a new connection.</summary>
    /// <param name="name">The server's name.</param>
    /// <param name="maxRequest">Largest message to the server, in bytes.</param>
    /// <param name="maxResult">Largest message to the client, in bytes.</param>
    public static (MemoryTransport Client, MemoryTransport Server) Connect(string name, long maxRequest, long maxResult)
    {
        var client = new MemoryTransport(name, isClient: true, maxResult);
        var server = new MemoryTransport(name, isClient: false, maxRequest) { _peer = client };
        client._peer = server;
        return (client, server);
    }

    public override Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
    {
        if (!IsConnected)
            throw new MessageNotSentException($"The connection to memory server '{Name}' is closed. Nothing of the message was sent.");
        var bytes = JsonSerializer.SerializeToUtf8Bytes(message, McpJson.MessageType);
        if (bytes.Length <= _peer._maxReceive)
            return _peer.WriteMessageAsync(JsonSerializer.Deserialize(bytes, McpJson.MessageType)!, CancellationToken.None);
        return message is JsonRpcRequest or JsonRpcNotification || message is not JsonRpcMessageWithId { Id: var id }
            ? throw MessageLimits.NotSent($"memory server '{Name}'", bytes.Length, _peer._maxReceive)
            : _peer.WriteMessageAsync(MessageLimits.TooLargeError(id, _peer._maxReceive), CancellationToken.None);
    }

    /// <summary>Ends the connection at both ends, as a network failure would.</summary>
    public void Cut()
    {
        End(new IOException($"Memory server '{Name}' closed the connection."));
        _peer.End(new IOException($"Memory server '{Name}' closed the connection."));
    }

    public override ValueTask DisposeAsync()
    {
        End(null);
        _peer.End(null);
        return ValueTask.CompletedTask;
    }

    private void End(Exception? reason) =>
        SetDisconnected(_isClient ? new ClientTransportClosedException(new ClientCompletionDetails { Exception = reason }) : null);
}
