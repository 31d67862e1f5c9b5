using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// Writes each message completely although its caller cancels, and then reports the cancellation to the server: an incomplete line would
/// spoil the next message, and the SDK sends no cancellation for a request whose write it had to give up. Thread-safe.
/// </summary>
/// <param name="inner">The connection.</param>
internal sealed class WholeWrites(ITransport inner) : ITransport
{
    public string? SessionId => inner.SessionId;

    public ChannelReader<JsonRpcMessage> MessageReader => inner.MessageReader;

    /// <summary>
    /// Sends one message. A cancellation ends the wait, never the write; the server receives the cancellation of the request after the
    /// write.
    /// </summary>
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

    // The SDK sends a cancellation only for a request whose write had completed.
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
            // The caller no longer waits, and the reading side reports the end of the connection.
        }
    }
}
