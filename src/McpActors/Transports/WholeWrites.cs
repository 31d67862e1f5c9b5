using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// A connection on which a message is written whole or not at all. The SDK hands the caller's token to each write of its pipe: a call given up
/// while it is being written would leave a line without its end, and the next message would be read as part of it. Thread-safe.
/// </summary>
/// <param name="inner">The connection.</param>
internal sealed class WholeWrites(ITransport inner) : ITransport
{
    public string? SessionId => inner.SessionId;

    public ChannelReader<JsonRpcMessage> MessageReader => inner.MessageReader;

    /// <summary>Sends one message. Cancelling gives up the wait, never the write; a request that was given up so is cancelled once it is written.</summary>
    public async Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var write = inner.SendMessageAsync(message, CancellationToken.None);
        try
        {
            await write.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _ = CancelOnceWrittenAsync(write, message);
            throw;
        }
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    // The SDK tells the server of a cancel only when the request was written before it.
    private async Task CancelOnceWrittenAsync(Task write, JsonRpcMessage message)
    {
        try
        {
            await write.ConfigureAwait(false);
            if (message is JsonRpcRequest request)
            {
                await inner.SendMessageAsync(
                    new JsonRpcNotification
                    {
                        Method = NotificationMethods.CancelledNotification,
                        Params = new JsonObject { ["requestId"] = JsonSerializer.SerializeToNode(request.Id.Id) },
                    },
                    CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception)
        {
            // Nobody waits for it any more, and the reading side reports the end of the connection.
        }
    }
}
