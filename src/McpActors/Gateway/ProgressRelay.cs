using System.Text.Json.Nodes;
using System.Threading.Channels;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Gateway;

/// <summary>
/// Sends the progress of one call to its client, in order and before the result. A client that reads slowly loses the oldest reports.
/// </summary>
internal sealed class ProgressRelay : IProgress<CallProgress>, IAsyncDisposable
{
    private const int Kept = 64;

    private readonly Channel<CallProgress> _reports = Channel.CreateBounded<CallProgress>(
        new BoundedChannelOptions(Kept) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private readonly Task _sending;

    /// <param name="client">The client, by the stream of its call.</param>
    /// <param name="token">The client's progress token.</param>
    /// <param name="cancellation">Ends the sending.</param>
    public ProgressRelay(McpServer client, JsonNode token, CancellationToken cancellation) =>
        _sending = SendAsync(client, token, cancellation);

    public void Report(CallProgress value) => _reports.Writer.TryWrite(value);

    /// <summary>Sends what is left. Later reports are dropped.</summary>
    public async ValueTask DisposeAsync()
    {
        _reports.Writer.TryComplete();
        await _sending.ConfigureAwait(false);
    }

    private async Task SendAsync(McpServer client, JsonNode token, CancellationToken cancellation)
    {
        try
        {
            await foreach (var report in _reports.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
                await client.SendMessageAsync(Notification(report, token), cancellation).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The client is gone or cancelled; its call ends for the same reason.
        }
    }

    private static JsonRpcNotification Notification(CallProgress report, JsonNode token)
    {
        var parameters = new JsonObject { ["progressToken"] = token.DeepClone(), ["progress"] = report.Progress };
        if (report.Total is { } total)
            parameters["total"] = total;
        if (report.Message is { } message)
            parameters["message"] = message;
        return new JsonRpcNotification { Method = NotificationMethods.ProgressNotification, Params = parameters };
    }
}
