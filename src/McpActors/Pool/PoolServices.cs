using Akka.Actor;
using McpActors.Balancing;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;

namespace McpActors.Pool;

/// <summary>
/// State that the actors of one pool share and that outlives a crash of the pool actor. Only the pool actor writes it, unless a member says
/// otherwise.
/// </summary>
/// <param name="started">The settings the pool starts with.</param>
/// <param name="makeConnector">Makes the connector for these settings.</param>
/// <param name="strategies">The strategies by name.</param>
/// <param name="seed">The seed of every random choice and jitter.</param>
internal sealed class PoolServices(
    PoolSettings started, Func<PoolSettings, Connector> makeConnector, IReadOnlyDictionary<string, StrategyFactory> strategies, int seed)
{
    private readonly Random _seeds = new(seed);

    public IReadOnlyDictionary<string, StrategyFactory> Strategies => strategies;

    /// <summary>The seed of the router's random choices.</summary>
    public int Seed => seed;

    /// <summary>The pool's place in a cluster; null when it serves alone.</summary>
    public IPoolNode? Node { get; set; }

    /// <summary>Messages of the pool can cross to and from other processes.</summary>
    public bool ServesOtherProcesses { get; set; } = true;

    /// <summary>Whether a sender may not command the pool, only call it.</summary>
    public Func<IActorRef, bool> RefusesCommandsOf { get; set; } = _ => false;

    /// <summary>What the configuration said when it was last read.</summary>
    public PoolSettings Configured { get; set; } = started;

    /// <summary>The settings in force. Their servers are those of the configuration; <see cref="Servers"/> has those of the pool.</summary>
    public PoolSettings Settings { get; set; } = started;

    /// <summary>The servers of the pool as commands have changed them, by their place in configured order.</summary>
    public SortedDictionary<int, KnownServer> Servers { get; set; } =
        new(started.Servers.Index().ToDictionary(server => server.Index, server => new KnownServer(server.Item, 0)));

    /// <summary>Checks the settings of commands.</summary>
    public SettingsCheck Check { get; init; } = new(secret => secret.Resolve(), SettingsCheck.Limit, TimeProvider.System);

    /// <summary>The actor that closes the pool and waits for the end; null while the pool is open.</summary>
    public IActorRef? Closer { get; set; }

    /// <summary>Opens connections by <see cref="Settings"/>.</summary>
    public Connector Connector { get; private set; } = makeConnector(started);

    /// <summary>The subscribers to the pool's events.</summary>
    public Subscribers Subscribers { get; } = new();

    /// <summary>The commands of operators that hold until an operator takes them back, by server.</summary>
    public Dictionary<string, OperatorIntent> OperatorIntents { get; } = new(StringComparer.Ordinal);

    /// <summary>Makes <see cref="Connector"/> again for the settings in force.</summary>
    public void RenewConnector() => Connector = makeConnector(Settings);

    /// <summary>A seed for another source of random choices. Thread-safe.</summary>
    public int NextSeed()
    {
        lock (_seeds)
            return _seeds.Next();
    }
}

/// <summary>A server as it was last defined.</summary>
/// <param name="Settings">Its settings.</param>
/// <param name="Revision">Of two settings of one server the later ones have the higher number; 0: as configured.</param>
internal sealed record KnownServer(ServerSettings Settings, long Revision)
{
    /// <summary>What its actors keep over a crash.</summary>
    public ConnectionMemory Memory { get; init; } = new();

    /// <summary>The cluster has one connection to the server, if there is a cluster.</summary>
    public bool IsOneNode => Settings.EffectivePlacement == ServerPlacement.OneNode;
}
