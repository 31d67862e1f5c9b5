using McpActors.Balancing;
using McpActors.Transports;


namespace McpActors.Hosting;

/// <summary>What a pool gets from the program that embeds it, beside its settings.</summary>
public sealed class McpPoolOptions
{
    /// <summary>The servers that <c>memory://</c> addresses. Default: none.</summary>
    public MemoryServers MemoryServers { get; set; } = new();

    /// <summary>The strategies a configuration can name: those of the library, and your own under names of your choice.</summary>
    public IDictionary<string, StrategyFactory> Strategies { get; } = new Dictionary<string, StrategyFactory>(Balancing.Strategies.BuiltIn);

    /// <summary>The seed of every random choice and jitter; null (default): a different one at each start.</summary>
    public int? RandomSeed { get; set; }
}
