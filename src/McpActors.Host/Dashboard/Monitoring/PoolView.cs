
namespace McpActors.Host.Dashboard.Monitoring;

/// <summary>All that the pages show of the pool at one moment. Immutable.</summary>
/// <param name="At">When it was taken; the pages count their times from here.</param>
/// <param name="Servers">Every server in configured order.</param>
/// <param name="Totals">All servers together.</param>
/// <param name="Feed">What happened last, the newest first.</param>
/// <param name="Catalogue">Another number than before when the servers or what they offer may have changed.</param>
public sealed record PoolView(
    DateTimeOffset At, IReadOnlyList<ServerView> Servers, PoolTotals Totals, IReadOnlyList<FeedEntry> Feed, long Catalogue = 0)
{
    public static PoolView Empty { get; } = new(DateTimeOffset.MinValue, [], new PoolTotals(), []);

    /// <summary>The nodes of the cluster, with counts alone; outside a cluster the one that this pool is.</summary>
    public IReadOnlyList<NodeInfo> Nodes { get; init; } = [];

    /// <summary>Whether this pool is one of a cluster.</summary>
    public bool InCluster => Nodes.Any(node => node.Address != NodeInfo.Local);

    /// <summary>The server of that name, if it is in the pool.</summary>
    public ServerView? Find(string name) => Servers.FirstOrDefault(server => server.Name == name);
}

/// <summary>One server at one moment.</summary>
/// <param name="Info">What the pool says of it.</param>
/// <param name="CallsPerSecond">Attempts a second, over about ten seconds.</param>
/// <param name="ErrorRate">The share of the last minute's attempts that failed; null while there were none.</param>
public sealed record ServerView(ServerInfo Info, double CallsPerSecond, double? ErrorRate)
{
    public string Name => Info.Name;

    /// <summary>The time half of the last minute's answers took at most.</summary>
    public TimeSpan? P50 => Info.LatencyP50;

    /// <summary>The time 99 of 100 of them took at most.</summary>
    public TimeSpan? P99 => Info.LatencyP99;
}

/// <summary>All servers together.</summary>
public sealed record PoolTotals
{
    public int Servers { get; init; }

    public int Connected { get; init; }

    public int Connecting { get; init; }

    public int Failed { get; init; }

    public int Disconnected { get; init; }

    /// <summary>Connected, and held back by its circuit or by being drained.</summary>
    public int HeldBack { get; init; }

    public int InFlight { get; init; }

    public double CallsPerSecond { get; init; }

    public double? ErrorRate { get; init; }

    /// <summary>The mean of the servers' medians, each counted by its attempts.</summary>
    public TimeSpan? P50 { get; init; }

    /// <summary>The 99th percentile of the slowest server.</summary>
    public TimeSpan? P99 { get; init; }
}
