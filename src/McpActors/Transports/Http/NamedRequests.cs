using System.Threading.Channels;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports.Http;

/// <summary>A connection whose requests have headers that can be written (<see cref="McpName"/>).</summary>
/// <param name="inner">The connection.</param>
internal sealed class NamedRequests(ITransport inner) : ITransport
{
    public string? SessionId => inner.SessionId;

    public ChannelReader<JsonRpcMessage> MessageReader => inner.MessageReader;

    public Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
    {
        McpName.Encode(message);
        return inner.SendMessageAsync(message, cancellationToken);
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
