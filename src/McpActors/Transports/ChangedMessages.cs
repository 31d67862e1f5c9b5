using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// The messages of a connection, each changed before the SDK sees it. An exception in a reader would end the SDK's loop without a word, and
/// leave a connection open on which nothing is heard: so an answer that cannot be changed becomes a <see cref="StandIn"/>, and any other
/// message stays as it came.
/// </summary>
/// <param name="inner">The messages as they come.</param>
/// <param name="change">Yields the message in place of another; used by one reader.</param>
internal sealed class ChangedMessages(ChannelReader<JsonRpcMessage> inner, Func<JsonRpcMessage, JsonRpcMessage> change)
    : ChannelReader<JsonRpcMessage>
{
    public override Task Completion => inner.Completion;

    public override bool TryRead([MaybeNullWhen(false)] out JsonRpcMessage item)
    {
        if (!inner.TryRead(out item))
            return false;
        item = Changed(item);
        return true;
    }

    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) =>
        inner.WaitToReadAsync(cancellationToken);

    private JsonRpcMessage Changed(JsonRpcMessage message)
    {
        try
        {
            return change(message);
        }
        catch (Exception e)
        {
            return message is JsonRpcResponse or JsonRpcError
                ? StandIn.For(((JsonRpcMessageWithId)message).Id, StandIn.Unreadable, $"the answer cannot be read: {e.Message}")
                : message;
        }
    }
}
