namespace McpActors.Connections;

/// <summary>A connection that is being opened. It can be abandoned at any moment without leaving anything open behind.</summary>
internal sealed class PendingConnection(CancellationTokenSource cancellation, Task<Connection> connection, TimeProvider time)
{
    /// <summary>The connection opened or failed, and its owner has the outcome.</summary>
    public void Complete() => cancellation.Dispose();

    /// <summary>Cancels the attempt to open it, and closes the connection if it opens all the same.</summary>
    /// <param name="limit">The time to wait for the end; what is not closed by then goes on closing.</param>
    /// <returns>Completes once nothing of it is left, or after the limit. Never fails.</returns>
    public async Task AbandonAsync(TimeSpan limit)
    {
        try
        {
            await CloseOnceOpenAsync(limit).WaitAsync(limit, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // A server that cannot be stopped must not hold up the next connection for ever.
        }
    }

    private async Task CloseOnceOpenAsync(TimeSpan limit)
    {
        try
        {
            await cancellation.CancelAsync().ConfigureAwait(false);
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
