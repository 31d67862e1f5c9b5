namespace McpActors.Connections;

/// <summary>A connection that is being opened. It can be abandoned at any moment without leaving anything open behind.</summary>
internal sealed class PendingConnection(CancellationTokenSource cancellation, Task<Connection> connection)
{
    public Task<Connection> Connection => connection;

    /// <summary>The connection opened or failed, and its owner has the outcome.</summary>
    public void Complete() => cancellation.Dispose();

    /// <summary>Cancels the attempt to open it, and closes the connection if it opens all the same.</summary>
    public void Abandon(TimeSpan closeLimit)
    {
        cancellation.Cancel();
        _ = CloseOnceOpenAsync(closeLimit);
    }

    private async Task CloseOnceOpenAsync(TimeSpan limit)
    {
        try
        {
            await (await connection.ConfigureAwait(false)).CloseAsync(limit).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It never opened, which is the purpose of the cancellation.
        }
        finally
        {
            cancellation.Dispose();
        }
    }
}
