using System.Collections.Frozen;
using McpActors.Configuration;

namespace McpActors.Balancing;

/// <summary>The strategies that a configuration can name.</summary>
public static class Strategies
{
    /// <summary>The strategies of this library, by name.</summary>
    public static IReadOnlyDictionary<string, StrategyFactory> BuiltIn { get; } = new Dictionary<string, StrategyFactory>
    {
        [StrategyNames.RoundRobin] = _ => new RoundRobin(),
        [StrategyNames.Random] = context => new RandomChoice(context.Random),
        [StrategyNames.LeastConnections] = context => new LeastConnections(context),
        [StrategyNames.PowerOfTwo] = context => new PowerOfTwo(context),
        [StrategyNames.PeakEwma] = context => new PeakEwma(context),
        [StrategyNames.ConsistentHash] = context => new ConsistentHash(context, bounded: false),
        [StrategyNames.ConsistentHashBounded] = context => new ConsistentHash(context, bounded: true),
        [StrategyNames.Priority] = context => new PriorityChoice(context.Random),
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
