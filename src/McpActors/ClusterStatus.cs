namespace McpActors;

/// <summary>Asks for a <see cref="ClusterStatus"/>.</summary>
public sealed record GetClusterStatus
{
    /// <summary>Asks for every server of every node.</summary>
    public static GetClusterStatus Instance { get; } = new();

    /// <summary>
    /// The servers that <see cref="NodeInfo.Servers"/> is to list; null (default): every one; empty: none, which makes the answer as small as the number of
    /// nodes. The counts are always those of all servers.
    /// </summary>
    public IReadOnlyList<string>? Servers { get; init; }
}

/// <summary>
/// The nodes of the cluster as one of them knows them at one moment. A pool that is in no cluster answers with one node, <see cref="NodeInfo.Local"/>.
/// </summary>
/// <param name="Nodes">Every node that has a pool, by address.</param>
/// <param name="At">When this was taken.</param>
public sealed record ClusterStatus(IReadOnlyList<NodeInfo> Nodes, DateTimeOffset At);

/// <summary>Where a node stands in the cluster.</summary>
public enum NodeState
{
    /// <summary>On its way in; the others have not all heard of it.</summary>
    Joining,

    /// <summary>A member.</summary>
    Up,

    /// <summary>On its way out.</summary>
    Leaving,

    /// <summary>Taken for gone; it is about to be removed.</summary>
    Down,
}

/// <summary>One node at one moment: where it stands, and what it last told of its servers.</summary>
public sealed record NodeInfo
{
    /// <summary>The address of a pool that is in no cluster.</summary>
    public const string Local = "local";

    /// <summary>Where the other nodes reach it, as <c>host:port</c>; <see cref="Local"/> outside a cluster.</summary>
    public required string Address { get; init; }

    /// <summary>True for the node that answers.</summary>
    public bool Self { get; init; }

    /// <summary>Where it stands in the cluster.</summary>
    public NodeState State { get; init; }

    /// <summary>False while the cluster cannot reach it; what is told of its servers is then as old as that.</summary>
    public bool Reachable { get; init; } = true;

    /// <summary>False until it has told of its servers, within seconds of becoming a member; the counts are zero until then.</summary>
    public bool Known { get; init; } = true;

    /// <summary>How many servers its pool has.</summary>
    public int Total { get; init; }

    /// <summary>How many of them are connected for it, over its own connection or that of another node.</summary>
    public int Connected { get; init; }

    /// <summary>How many circuits are not closed: open, half open or isolated.</summary>
    public int CircuitsOpen { get; init; }

    /// <summary>How many of these connections are on this node.</summary>
    public int Holds { get; init; }

    /// <summary>Its servers by name, as far as <see cref="GetClusterStatus.Servers"/> asks for them.</summary>
    public IReadOnlyList<ServerOnNode> Servers { get; init; } = [];
}

/// <summary>One server as one node sees it.</summary>
/// <param name="Name">The server.</param>
/// <param name="Status">The state of its connection.</param>
/// <param name="Circuit">The state of its circuit.</param>
/// <param name="HeldBy">The <see cref="NodeInfo.Address"/> of the node whose connection it is; null while no node has the one connection of the cluster.</param>
/// <param name="Reason">Why it is in error, or why its circuit is not closed, in at most 200 characters.</param>
public sealed record ServerOnNode(string Name, ServerStatus Status, CircuitState Circuit, string? HeldBy, string? Reason = null);
