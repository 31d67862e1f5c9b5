namespace McpActors.Connections;

/// <summary>A connection that is being opened, and can be given up at any moment without leaving anything open behind.</summary>
internal sealed class PendingConnection(CancellationTokenSource cancellation, Task<Connection> connection)
{
    public Task<Connection> Connection => connection;

    /// <summary>The connection was taken over by whoever waited for it.</summary>
    public void Adopted() => cancellation.Dispose();

    /// <summary>Nobody waits for it any more: it is cancelled, and closed if it opens all the same.</summary>
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
            // It never opened, which is what was wanted.
        }
        finally
        {
            cancellation.Dispose();
        }
    }
}
