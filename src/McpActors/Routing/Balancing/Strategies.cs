using System.Collections.Frozen;

namespace McpActors.Routing.Balancing;

/// <summary>The strategies a configuration can name.</summary>
public static class Strategies
{
    /// <summary>The strategies of this library, by name.</summary>
    public static IReadOnlyDictionary<string, StrategyFactory> BuiltIn { get; } = new Dictionary<string, StrategyFactory>
    {
        [RoundRobin.Name] = _ => new RoundRobin(),
        [RandomChoice.Name] = context => new RandomChoice(context.Random),
        [LeastConnections.Name] = context => new LeastConnections(context.Random),
        [PriorityChoice.Name] = _ => new PriorityChoice(),
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
