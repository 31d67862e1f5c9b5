using System.Collections.Frozen;

namespace McpActors.Balancing;

/// <summary>The strategies a configuration can name.</summary>
public static class Strategies
{
    /// <summary>The strategies of this library, by name.</summary>
    public static IReadOnlyDictionary<string, StrategyFactory> BuiltIn { get; } = new Dictionary<string, StrategyFactory>
    {
        [RoundRobin.Name] = _ => new RoundRobin(),
        [RandomChoice.Name] = context => new RandomChoice(context.Random),
        [LeastConnections.Name] = context => new LeastConnections(context),
        [PowerOfTwo.Name] = context => new PowerOfTwo(context),
        [PeakEwma.Name] = context => new PeakEwma(context),
        [ConsistentHash.Name] = context => new ConsistentHash(context, bounded: false),
        [ConsistentHash.BoundedName] = context => new ConsistentHash(context, bounded: true),
        [PriorityChoice.Name] = context => new PriorityChoice(context.Random),
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
