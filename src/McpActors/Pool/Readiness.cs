namespace McpActors.Pool;

/// <summary>Waits until a pool can serve.</summary>
internal static class Readiness
{
    /// <summary>The wait of a caller that sets none: longer than a program's first start usually takes.</summary>
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(1);

    public static async Task<PoolStatus> WaitAsync(
        IMcpPool pool, string? group, TimeSpan? timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var limit = timeout ?? DefaultTimeout;
        using var timeUp = new CancellationTokenSource(limit, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeUp.Token);
        PoolStatus last = new([], default);
        // Subscribed before the first look, so that no change falls between the two.
        var events = pool.ReadEventsAsync(stop.Token).GetAsyncEnumerator(CancellationToken.None);
        var change = events.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                last = await pool.GetStatusAsync(cancellationToken).ConfigureAwait(false);
                if (last.Servers.Any(server => server.Status == ServerStatus.Connected && IsWanted(server, group)))
                    return last;
                var isRunning = await change.ConfigureAwait(false);
                stop.Token.ThrowIfCancellationRequested();
                if (!isRunning)
                    throw new OperationCanceledException("The actor system of the pool has ended.");
                change = events.MoveNextAsync().AsTask();
            }
        }
        catch (OperationCanceledException) when (timeUp.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(Describe(last, group, limit));
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await change.ConfigureAwait(false);
            await events.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static bool IsWanted(ServerInfo server, string? group) => group is null || server.Group == group;

    private static string Describe(PoolStatus status, string? group, TimeSpan limit)
    {
        var which = group is null ? "No server of the pool" : $"No server of group {group}";
        var after = $"is connected after {limit.TotalSeconds:0.###} s";
        var servers = status.Servers.Where(server => IsWanted(server, group)).ToList();
        if (servers.Count > 0)
            return $"{which} {after}. {string.Join("; ", servers.Select(server => $"{server.Name}: {Reason(server)}"))}.";
        return group is null
            ? $"{which} {after}: it has no servers."
            : $"{which} {after}: the group has no servers. The pool's groups: {string.Join(", ", GroupsOf(status))}.";
    }

    private static IEnumerable<string> GroupsOf(PoolStatus status) => status.Servers.Select(server => server.Group).Distinct();

    private static string Reason(ServerInfo server) =>
        server.LastError is { } error ? $"{server.Status}, {error}" : server.Status.ToString();
}
