
namespace McpActors.Host.Dashboard.Monitoring;

/// <summary>A snapshot of the pool for the pages. Immutable.</summary>
/// <param name="At">Its time; ages on the pages refer to it.</param>
/// <param name="Servers">Every server in configured order.</param>
/// <param name="Totals">All servers together.</param>
/// <param name="Feed">The last events, the newest first.</param>
/// <param name="Catalogue">Changes whenever the servers or their catalogues may have changed.</param>
public sealed record PoolView(
    DateTimeOffset At, IReadOnlyList<ServerView> Servers, PoolTotals Totals, IReadOnlyList<FeedEntry> Feed, long Catalogue = 0)
{
    public static PoolView Empty { get; } = new(DateTimeOffset.MinValue, [], new PoolTotals(), []);

    /// <summary>The nodes of the cluster with their counts; outside a cluster a single one.</summary>
    public IReadOnlyList<NodeInfo> Nodes { get; init; } = [];

    /// <summary>The routing in force; null before the first status.</summary>
    public PoolRouting? Routing { get; init; }

    /// <summary>Whether this pool is part of a cluster.</summary>
    public bool InCluster => Nodes.Any(node => node.Address != NodeInfo.Local);

    /// <summary>The server of that name; null if it is not in the pool.</summary>
    public ServerView? Find(string name) => Servers.FirstOrDefault(server => server.Name == name);
}

/// <summary>A snapshot of one server.</summary>
/// <param name="Info">Its status.</param>
/// <param name="CallsPerSecond">Attempts per second, over about ten seconds.</param>
/// <param name="ErrorRate">The share of the last minute's attempts that failed; null while there were none.</param>
public sealed record ServerView(ServerInfo Info, double CallsPerSecond, double? ErrorRate)
{
    public string Name => Info.Name;

    /// <summary>The median latency of the last minute.</summary>
    public TimeSpan? P50 => Info.LatencyP50;

    /// <summary>The 99th percentile of the latency of the last minute.</summary>
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

    /// <summary>Connected servers without calls, because of their circuit or because they are being drained.</summary>
    public int HeldBack { get; init; }

    public int InFlight { get; init; }

    public double CallsPerSecond { get; init; }

    public double? ErrorRate { get; init; }

    /// <summary>The mean of the servers' medians, weighted by attempts.</summary>
    public TimeSpan? P50 { get; init; }

    /// <summary>The 99th percentile of the slowest server.</summary>
    public TimeSpan? P99 { get; init; }
}
