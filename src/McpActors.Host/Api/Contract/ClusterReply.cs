using System.ComponentModel;

namespace McpActors.Host.Api.Contract;

/// <summary>The answer of <c>GET /api/cluster</c>: a <see cref="ClusterStatus"/>.</summary>
internal sealed record ClusterReply(
    [property: Description("Every node, ordered by address; outside a cluster a single one named local.")] IReadOnlyList<NodeReply> Nodes,
    [property: Description("The time of this status.")] DateTimeOffset At)
{
    public static ClusterReply From(ClusterStatus status) => new([.. status.Nodes.Select(NodeReply.From)], status.At);
}

/// <summary>One node at one moment.</summary>
internal sealed record NodeReply
{
    [Description("The address at which other nodes reach it: host:port.")]
    public required string Address { get; init; }

    [Description("True for the node that answers this request.")]
    public required bool Self { get; init; }

    [Description("Its state in the cluster.")]
    public required NodeState State { get; init; }

    [Description("False while the cluster cannot reach it; its servers are then shown as last reported.")]
    public required bool Reachable { get; init; }

    [Description("False until it has reported its servers; the counts are zero until then.")]
    public required bool Known { get; init; }

    [Description("The number of servers in its pool.")]
    public required int Total { get; init; }

    [Description("The number of these servers that are connected, by its own connection or that of another node.")]
    public required int Connected { get; init; }

    [Description("The number of circuits that are not closed.")]
    public required int CircuitsOpen { get; init; }

    [Description("The number of these connections that this node itself has.")]
    public required int Holds { get; init; }

    [Description("Its servers by name, as far as requested.")]
    public required IReadOnlyList<NodeServerReply> Servers { get; init; }

    public static NodeReply From(NodeInfo node) => new()
    {
        Address = node.Address,
        Self = node.Self,
        State = node.State,
        Reachable = node.Reachable,
        Known = node.Known,
        Total = node.Total,
        Connected = node.Connected,
        CircuitsOpen = node.CircuitsOpen,
        Holds = node.Holds,
        Servers = [.. node.Servers.Select(s => new NodeServerReply(s.Name, s.Status, s.Circuit, s.HeldBy, s.Reason))],
    };
}

/// <summary>One server as one node sees it.</summary>
internal sealed record NodeServerReply(
    [property: Description("The name of the server.")] string Name,
    [property: Description("The state of its connection.")] ServerStatus Status,
    [property: Description("Whether calls may go to it.")] CircuitState Circuit,
    [property: Description("The node that has the connection; absent while no node has it.")] string? HeldBy,
    [property: Description("The reason for its error, or for the state of its circuit.")] string? Reason);
