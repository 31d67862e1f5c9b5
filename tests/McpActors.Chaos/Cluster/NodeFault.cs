namespace McpActors.Chaos.Cluster;

/// <summary>The faults of nodes, one at a time.</summary>
internal enum NodeFault
{
    /// <summary>kill -9, started again at once.</summary>
    Kill,

    /// <summary>kill -9, started again when its servers are elsewhere.</summary>
    Lose,

    /// <summary>SIGSTOP until the others have removed it, then SIGCONT; started again when it has shut itself down.</summary>
    Freeze,

    /// <summary>
    /// The connections between the nodes are reset and refused for a moment, a few times, too short for a node to be missed.
    /// </summary>
    Cut,

    /// <summary>SIGTERM, started again when it has left.</summary>
    Leave,

    /// <summary>Every node, one after the other, as <see cref="Leave"/>.</summary>
    Rolling,
}

internal static class NodeFaults
{
    public static IReadOnlyList<NodeFault> Parse(string names) =>
        [.. names.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(name => Enum.Parse<NodeFault>(name, ignoreCase: true))];

    public static string Name(this NodeFault fault) => fault.ToString().ToLowerInvariant();

    /// <summary>The node leaves in order: no call may fail.</summary>
    public static bool IsGraceful(this NodeFault fault) => fault is NodeFault.Leave or NodeFault.Rolling;
}
