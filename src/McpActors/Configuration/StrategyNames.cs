namespace McpActors.Configuration;

/// <summary>The names of the strategies that the library has.</summary>
internal static class StrategyNames
{
    public const string RoundRobin = "round-robin";
    public const string Random = "random";
    public const string LeastConnections = "least-connections";
    public const string PowerOfTwo = "power-of-two";
    public const string PeakEwma = "peak-ewma";
    public const string Priority = "priority";
    public const string ConsistentHash = "consistent-hash";
    public const string ConsistentHashBounded = "consistent-hash-bounded";

    public static IReadOnlyList<string> All { get; } =
        [RoundRobin, Random, LeastConnections, PowerOfTwo, PeakEwma, Priority, ConsistentHash, ConsistentHashBounded];

    /// <summary>Whether the strategy chooses by the call's affinity key.</summary>
    public static bool IsByKey(string name) => name is ConsistentHash or ConsistentHashBounded;
}
