using McpActors.Balancing;
using McpActors.Transports;

namespace McpActors.Hosting;

/// <summary>
/// The objects that a program gives its pool in code, beside the <see cref="Configuration.PoolSettings"/>, which hold all that a file can
/// say.
/// </summary>
public sealed class McpPoolOptions
{
    /// <summary>The servers that <c>memory://</c> addresses. Default: none.</summary>
    public MemoryServers MemoryServers { get; set; } = new();

    /// <summary>The strategies that a configuration can name: those of the library, and your own under names of your choice.</summary>
    public IDictionary<string, StrategyFactory> Strategies { get; } = new Dictionary<string, StrategyFactory>(Balancing.Strategies.BuiltIn);

    /// <summary>The seed of every random choice and jitter; null (default): a different one at each start.</summary>
    public int? RandomSeed { get; set; }

    /// <summary>
    /// The addresses to which the pool connects servers that were added through the network (<see
    /// cref="Configuration.ServerSettings.GuardTarget"/>): host names with <c>*</c>, addresses, or networks such as <c>10.0.0.0/8</c>.
    /// Link-local and cloud metadata addresses are never among them. Default: <c>*</c>, every other address.
    /// </summary>
    public IReadOnlyList<string> AllowedTargets { get; set; } = ["*"];

    internal static McpPoolOptions From(Action<McpPoolOptions>? configure)
    {
        var options = new McpPoolOptions();
        configure?.Invoke(options);
        return options;
    }
}
