using McpActors.Configuration;

namespace McpActors.Pool;

/// <summary>Waits until a pool can serve.</summary>
/// <param name="status">Asks for the pool's status.</param>
/// <param name="events">Subscribes to the pool's events.</param>
/// <param name="time">The clock of the time limit.</param>
internal sealed class Readiness(
    Func<CancellationToken, Task<PoolStatus>> status, Func<CancellationToken, IAsyncEnumerable<PoolEvent>> events, TimeProvider time)
{
    /// <summary>The wait of a caller that sets none: longer than a program's first start usually takes.</summary>
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(1);

    /// <summary>The longest time limit that a timer can hold.</summary>
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(24);

    /// <summary>The time limit of a wait.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above zero, or above 24 days and not infinite.</exception>
    public static TimeSpan LimitOf(TimeSpan? timeout)
    {
        if (timeout is { } given && given != Timeout.InfiniteTimeSpan && (given <= TimeSpan.Zero || given > LongestTimeout))
            throw new ArgumentOutOfRangeException(nameof(timeout), given, "It must be above zero and at most 24 days, or infinite.");
        return timeout ?? DefaultTimeout;
    }

    /// <param name="group">The group that needs a connected server; null: any.</param>
    /// <param name="limit">The time limit.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="start">Waits until the pool has started, within the same limit; null: it has.</param>
    public async Task<PoolStatus> WaitAsync(
        string? group, TimeSpan limit, CancellationToken cancellationToken, Func<CancellationToken, Task>? start = null)
    {
        using var timeUp = new CancellationTokenSource(limit, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeUp.Token);
        PoolStatus? last = null;
        try
        {
            // An event that a subscription misses is only in a status that is read after it, so nothing may come between the two.
            if (start is not null)
                await start(stop.Token).ConfigureAwait(false);
            return await WatchAsync(group, seen => last = seen, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeUp.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(Describe(last, group, limit));
        }
    }

    private async Task<PoolStatus> WatchAsync(string? group, Action<PoolStatus> seen, CancellationTokenSource stop)
    {
        // Subscribed before the first look, so that no change falls between the two.
        var isFirst = true;
        var changes = events(stop.Token).GetAsyncEnumerator(CancellationToken.None);
        var change = changes.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                var now = await status(stop.Token).ConfigureAwait(false);
                seen(now);
                if (now.Servers.Any(server => server.Status == ServerStatus.Connected && IsWanted(server, group)))
                    return now;
                if (isFirst && group is not null && !Knows(now, group))
                    throw new McpPoolException(PoolErrorKind.UnknownGroup, DescribeUnknown(now, group));
                isFirst = false;
                var isRunning = await change.ConfigureAwait(false);
                stop.Token.ThrowIfCancellationRequested();
                if (!isRunning)
                    throw new OperationCanceledException("The actor system of the pool has ended.");
                change = changes.MoveNextAsync().AsTask();
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await change.ConfigureAwait(false);
            await changes.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The message of a wait that ended with its time limit.</summary>
    /// <param name="status">The pool's last status; null when it has not answered.</param>
    /// <param name="group">The group that was waited for; null: any.</param>
    /// <param name="limit">The time limit.</param>
    public static string Describe(PoolStatus? status, string? group, TimeSpan limit)
    {
        var which = group is null ? "No server of the pool" : $"No server of group {group}";
        var after = $"is connected after {limit.TotalSeconds:0.###} s";
        if (status is null)
            return $"{which} {after}: the pool has not answered.";
        var servers = status.Servers.Where(server => IsWanted(server, group)).ToList();
        if (servers.Count > 0)
            return $"{which} {after}. {string.Join("; ", servers.Select(server => $"{server.Name}: {Reason(server)}"))}.";
        return group is null
            ? $"{which} {after}: it has no servers."
            : $"{which} {after}: the group has no servers. The pool's groups: {string.Join(", ", GroupsOf(status))}.";
    }

    // A group of the settings may get servers later. A pool that reports no routing has settings that are not known here.
    private static bool Knows(PoolStatus status, string group) =>
        status.Routing is not { } routing
        || group == ServerSettings.DefaultGroup
        || group == routing.DefaultRoute
        || routing.Groups.ContainsKey(group)
        || status.Servers.Any(server => server.Group == group);

    private static string DescribeUnknown(PoolStatus status, string group) =>
        $"No server of the pool is in the group {CallWords.Cut(group)}, and its settings have no such group. "
        + $"The pool's groups: {string.Join(", ", GroupsOf(status).Union(status.Routing!.Groups.Keys).DefaultIfEmpty("none"))}. "
        + "Correct the name, or write groups { } for a group whose servers are added later.";

    private static bool IsWanted(ServerInfo server, string? group) => group is null || server.Group == group;

    private static IEnumerable<string> GroupsOf(PoolStatus status) => status.Servers.Select(server => server.Group).Distinct();

    private static string Reason(ServerInfo server) =>
        server.LastError is { } error ? $"{server.Status}, {error}" : server.Status.ToString();
}
