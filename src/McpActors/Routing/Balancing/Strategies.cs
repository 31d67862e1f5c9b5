using System.Collections.Frozen;

namespace McpActors.Routing.Balancing;

/// <summary>The strategies a configuration can name.</summary>
public static class Strategies
{
    /// <summary>The strategies of this library, by name.</summary>
    public static IReadOnlyDictionary<string, StrategyFactory> BuiltIn { get; } = new Dictionary<string, StrategyFactory>
    {
        [RoundRobin.Name] = (_, _) => new RoundRobin(),
        [RandomChoice.Name] = (random, _) => new RandomChoice(random),
        [LeastConnections.Name] = (random, _) => new LeastConnections(random),
        [PriorityChoice.Name] = (_, _) => new PriorityChoice(),
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
