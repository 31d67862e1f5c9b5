using System.Threading.Channels;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports.Http;

/// <summary>
/// A connection whose requests have headers that can be written (<see cref="McpName"/>), and whose notifications and responses are not
/// waited for: nobody needs the answer, and some servers give none.
/// </summary>
/// <param name="inner">The connection.</param>
/// <param name="patience">How long the answer to a notification or response may take; it counts as sent then.</param>
/// <param name="time">The clock.</param>
/// <param name="older">Whether it is one of the older transport.</param>
internal sealed class NamedRequests(ITransport inner, TimeSpan patience, TimeProvider time, Func<bool> older) : ITransport
{
    /// <summary>The session of the older transport, which ends with its stream; its id is in the address of messages.</summary>
    private const string OlderSession = "sse";

    public string? SessionId => inner.SessionId ?? (older() ? OlderSession : null);

    public ChannelReader<JsonRpcMessage> MessageReader => inner.MessageReader;

    public Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
    {
        McpName.Encode(message);
        return message is JsonRpcRequest
            ? inner.SendMessageAsync(message, cancellationToken)
            : SendOneWayAsync(message, cancellationToken);
    }

    private async Task SendOneWayAsync(JsonRpcMessage message, CancellationToken cancellationToken)
    {
        using var end = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellationToken);
        try
        {
            await inner.SendMessageAsync(message, either.Token).ConfigureAwait(false);
        }
        catch (Exception) when (end.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
        }
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
