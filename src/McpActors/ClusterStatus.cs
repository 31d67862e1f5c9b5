using System.Text.Json.Serialization;

namespace McpActors;

/// <summary>Asks for a <see cref="ClusterStatus"/>.</summary>
public sealed record GetClusterStatus
{
    /// <summary>Asks for every server of every node.</summary>
    public static GetClusterStatus Instance { get; } = new();

    /// <summary>
    /// The servers that <see cref="NodeInfo.Servers"/> lists; null (default): all of them; empty: none, so that the size of the answer
    /// depends on the number of nodes alone. The counts are always those of all servers.
    /// </summary>
    public IReadOnlyList<string>? Servers { get; init; }
}

/// <summary>
/// The nodes of the cluster as one node knows them. A pool without a cluster answers with one node, <see cref="NodeInfo.Local"/>.
/// </summary>
/// <param name="Nodes">Every node that has a pool, by address.</param>
/// <param name="At">The time of this status.</param>
public sealed record ClusterStatus(IReadOnlyList<NodeInfo> Nodes, DateTimeOffset At);

/// <summary>The state of a node in the cluster.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NodeState>))]
public enum NodeState
{
    /// <summary>It joins; not every other node knows it yet.</summary>
    Joining,

    /// <summary>A member.</summary>
    Up,

    /// <summary>It leaves.</summary>
    Leaving,

    /// <summary>The cluster considers it dead and is about to remove it.</summary>
    Down,
}

/// <summary>One node: its state, and its last report about its servers.</summary>
public sealed record NodeInfo
{
    /// <summary>The address of a pool without a cluster.</summary>
    public const string Local = "local";

    /// <summary>Where the other nodes reach it, as <c>host:port</c>; <see cref="Local"/> outside a cluster.</summary>
    public required string Address { get; init; }

    /// <summary>True for the node that answers.</summary>
    public bool Self { get; init; }

    /// <summary>Its state in the cluster.</summary>
    public NodeState State { get; init; }

    /// <summary>False while the cluster cannot reach it; its report about its servers is then as old.</summary>
    public bool Reachable { get; init; } = true;

    /// <summary>False until it has reported its servers, within seconds of becoming a member; the counts are zero until then.</summary>
    public bool Known { get; init; } = true;

    /// <summary>The number of servers of its pool.</summary>
    public int Total { get; init; }

    /// <summary>The number of servers that it can call, over its own connection or that of another node.</summary>
    public int Connected { get; init; }

    /// <summary>The number of circuits that are not closed: open, half open or isolated.</summary>
    public int CircuitsOpen { get; init; }

    /// <summary>The number of these connections that are on this node.</summary>
    public int Holds { get; init; }

    /// <summary>Its servers by name, limited to those that <see cref="GetClusterStatus.Servers"/> names.</summary>
    public IReadOnlyList<ServerOnNode> Servers { get; init; } = [];
}

/// <summary>One server as one node sees it.</summary>
/// <param name="Name">The server.</param>
/// <param name="Status">The state of its connection.</param>
/// <param name="Circuit">The state of its circuit.</param>
/// <param name="HeldBy">
/// The <see cref="NodeInfo.Address"/> of the node that has the connection; null while no node has the cluster's one connection.
/// </param>
/// <param name="Reason">Why it is in error, or why its circuit is not closed, in at most 200 characters.</param>
public sealed record ServerOnNode(string Name, ServerStatus Status, CircuitState Circuit, string? HeldBy, string? Reason = null);
