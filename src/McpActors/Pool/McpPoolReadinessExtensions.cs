namespace McpActors.Pool;

/// <summary>Waiting for a pool to serve. Its servers connect in the background, and a call that nobody can take yet fails at once.</summary>
public static class McpPoolReadinessExtensions
{
    /// <summary>Waits until a server is connected: for programs that call right after their start. Returns at once when one is.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="group">The group the server is to be of; null: any.</param>
    /// <param name="cancellationToken">Ends the wait; a server that never comes up would make it last for ever.</param>
    /// <returns>The pool's status when it was so.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public static async Task<PoolStatus> WaitUntilReadyAsync(this IMcpPool pool, string? group = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pool);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var events = pool.ReadEventsAsync(stop.Token).GetAsyncEnumerator(CancellationToken.None);
        // Subscribed before the first look, so that no change falls between the two.
        var change = events.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                var status = await pool.GetStatusAsync(cancellationToken).ConfigureAwait(false);
                if (status.Servers.Any(server => server.Status == ServerStatus.Connected && (group is null || server.Group == group)))
                    return status;
                await change.ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                change = events.MoveNextAsync().AsTask();
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await change.ConfigureAwait(false);
            await events.DisposeAsync().ConfigureAwait(false);
        }
    }
}
