namespace McpActors.Host.Tests.Browser;

/// <summary>Statuses of the last 15 minutes of a pool under load, so that the charts have data.</summary>
internal static class PastStatuses
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <summary>The statuses until now.</summary>
    /// <param name="servers">The servers' names.</param>
    /// <param name="load">For the step (0 to 199) and the server: calls in it, failures among them, the median in milliseconds.</param>
    public static IEnumerable<PoolStatus> Of(IReadOnlyList<string> servers, Func<int, int, (int Calls, int Failures, double Median)> load)
    {
        const int steps = 200;
        // A little into the future, so that there is no gap while the host starts.
        var start = TimeProvider.System.GetUtcNow() - ((steps - 2) * Every);
        var counts = new (long Calls, long Failures)[servers.Count];
        for (var step = 0; step < steps; step++)
        {
            var infos = new List<ServerInfo>();
            for (var i = 0; i < servers.Count; i++)
            {
                var (calls, failures, median) = load(step, i);
                counts[i] = (counts[i].Calls + calls, counts[i].Failures + failures);
                infos.Add(new ServerInfo
                {
                    Name = servers[i],
                    Endpoint = $"memory://{servers[i]}",
                    Group = "default",
                    Status = ServerStatus.Connected,
                    Calls = counts[i].Calls,
                    Failures = counts[i].Failures,
                    LatencyP50 = TimeSpan.FromMilliseconds(median),
                    LatencyP99 = TimeSpan.FromMilliseconds(median * 3.5),
                });
            }

            yield return new PoolStatus(infos, start + (step * Every));
        }
    }
}
