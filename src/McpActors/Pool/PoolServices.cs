using Akka.Actor;
using McpActors.Balancing;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;

namespace McpActors.Pool;

/// <summary>What the actors of one pool share, made once before the first of them starts.</summary>
/// <param name="Started">The settings the pool starts with.</param>
/// <param name="MakeConnector">Makes what opens connections, for these settings.</param>
/// <param name="Strategies">The strategies by name.</param>
/// <param name="Seed">Where every random choice and jitter comes from.</param>
internal sealed record PoolServices(
    PoolSettings Started, Func<PoolSettings, Connector> MakeConnector, IReadOnlyDictionary<string, StrategyFactory> Strategies, int Seed)
{
    /// <summary>The system is a node of a cluster, whose pools have the same servers and routes.</summary>
    public bool IsNode => Shards is not null;

    /// <summary>
    /// The configuration that holds now; the servers of the pool are <see cref="Servers"/>. Only the pool actor writes them, and reads them when
    /// it starts again after a crash.
    /// </summary>
    public PoolSettings Settings { get; set; } = Started;

    private readonly Random _seeds = new(Seed);

    /// <summary>What opens connections by <see cref="Settings"/>.</summary>
    public Connector Connector { get; set; } = MakeConnector(Started);

    /// <summary>Where servers live that have one connection in the cluster; null where the actor system is no node of one.</summary>
    public IActorRef? Shards { get; set; }

    /// <summary>A seed for another source of random choices. Thread-safe.</summary>
    public int NextSeed()
    {
        lock (_seeds)
            return _seeds.Next();
    }

    /// <summary>The servers of the pool as commands have changed them.</summary>
    public IReadOnlyList<KnownServer> Servers { get; set; } = [.. Started.Servers.Select(server => new KnownServer(server, 0))];

    /// <summary>Who is told of events, also after a crash.</summary>
    public Subscribers Subscribers { get; } = new();

    /// <summary>What operators have said of servers, where they have.</summary>
    public Dictionary<string, OperatorIntent> OperatorIntents { get; } = new(StringComparer.Ordinal);
}

/// <summary>A server as it was last defined.</summary>
/// <param name="Settings">Its settings.</param>
/// <param name="Revision">Of any two settings of one server the later ones have the higher number; 0: as configured.</param>
internal sealed record KnownServer(ServerSettings Settings, long Revision);
