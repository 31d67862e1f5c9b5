using System.ComponentModel;

namespace McpActors.Host.Api.Contract;

/// <summary>The answer of <c>GET /api/cluster</c>: what <see cref="ClusterStatus"/> holds.</summary>
internal sealed record ClusterReply(
    [property: Description("Every node, by address; outside a cluster one, named local.")] IReadOnlyList<NodeReply> Nodes,
    [property: Description("When this was taken.")] DateTimeOffset At)
{
    public static ClusterReply From(ClusterStatus status) => new([.. status.Nodes.Select(NodeReply.From)], status.At);
}

/// <summary>One node at one moment.</summary>
internal sealed record NodeReply
{
    [Description("Where the other nodes reach it: host:port.")]
    public required string Address { get; init; }

    [Description("True for the node that answers.")]
    public required bool Self { get; init; }

    [Description("Where it stands in the cluster.")]
    public required NodeState State { get; init; }

    [Description("False while the cluster cannot reach it; what is told of its servers is then as old as that.")]
    public required bool Reachable { get; init; }

    [Description("False until it has told of its servers; the counts are zero until then.")]
    public required bool Known { get; init; }

    [Description("How many servers its pool has.")]
    public required int Total { get; init; }

    [Description("How many of them are connected for it, over its own connection or that of another node.")]
    public required int Connected { get; init; }

    [Description("How many circuits are not closed.")]
    public required int CircuitsOpen { get; init; }

    [Description("How many of these connections are on this node.")]
    public required int Holds { get; init; }

    [Description("Its servers by name, as far as they were asked for.")]
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
        Servers = [.. node.Servers.Select(server => new NodeServerReply(server.Name, server.Status, server.Circuit, server.HeldBy, server.Reason))],
    };
}

/// <summary>One server as one node sees it.</summary>
internal sealed record NodeServerReply(
    [property: Description("The server.")] string Name,
    [property: Description("The state of its connection.")] ServerStatus Status,
    [property: Description("Whether calls may go to it.")] CircuitState Circuit,
    [property: Description("The node whose connection it is; absent while no node has the one connection of the cluster.")] string? HeldBy,
    [property: Description("Why it is in error, or why its circuit is not closed.")] string? Reason);
