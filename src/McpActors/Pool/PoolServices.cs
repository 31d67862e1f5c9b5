using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Routing.Balancing;

namespace McpActors.Pool;

/// <summary>What the actors of one pool share, made once before the first of them starts.</summary>
/// <param name="Settings">The settings the pool starts with; changes made while it runs are in <see cref="Servers"/>.</param>
/// <param name="Connector">Opens connections, so many at a time.</param>
/// <param name="Strategies">The strategies by name.</param>
/// <param name="Seed">Where every random choice and jitter comes from.</param>
internal sealed record PoolServices(
    PoolSettings Settings, Connector Connector, IReadOnlyDictionary<string, StrategyFactory> Strategies, int Seed)
{
    /// <summary>
    /// The servers of the pool as commands have changed them. Only the pool actor writes it, and reads it when it starts again after a crash.
    /// </summary>
    public IReadOnlyList<ServerSettings> Servers { get; set; } = Settings.Servers;
}
