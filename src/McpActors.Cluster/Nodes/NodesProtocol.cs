using Akka.Cluster;
using Akka.Event;
using McpActors.Resilience;

namespace McpActors.Clustering.Nodes;

/// <summary>One incarnation of a node: a node that starts again at the same address gets another id.</summary>
/// <param name="Address">The address of its actor system.</param>
/// <param name="Uid">Different for each incarnation.</param>
internal sealed record NodeId(string Address, int Uid)
{
    public static NodeId Of(UniqueAddress node) => new(node.Address.ToString(), node.Uid);
}

/// <summary>The whole state of one server as a node sees it, not a difference.</summary>
/// <param name="Server">The server's name.</param>
/// <param name="Status">The state of its connection.</param>
/// <param name="Circuit">The state of its circuit.</param>
/// <param name="Reason">Why the connection is in error, or else why the circuit is not closed; null: neither.</param>
/// <param name="Shared">The cluster has one connection to it, which may be on another node; else the reporting node has its own.</param>
/// <param name="HeldBy">The node that has the shared connection, as <c>host:port</c>; null: none.</param>
internal sealed record ServerNews(
    string Server, ServerStatus Status, CircuitState Circuit, string? Reason = null, bool Shared = false, string? HeldBy = null)
{
    /// <param name="server">The server's name.</param>
    /// <param name="report">The report of its circuit.</param>
    /// <param name="shared">The cluster has one connection to it.</param>
    public static ServerNews Of(string server, ServerReport report, bool shared = false) => new(
        server,
        report.Connection.Status,
        report.Circuit,
        report.ShortReason,
        shared,
        report.HeldBy is { } holder ? NodeName.Of(holder) : null);
}

/// <summary>
/// The servers that changed at a node, published to all nodes: usually one. The numbers of a node's updates rise by one, and the state of a
/// server holds until an update with a higher number replaces it.
/// </summary>
/// <param name="From">The node.</param>
/// <param name="Number">The number of this update.</param>
/// <param name="Servers">The servers that changed.</param>
/// <param name="Removed">The servers that left the pool.</param>
internal sealed record NodeUpdate(NodeId From, long Number, IReadOnlyList<ServerNews> Servers, IReadOnlyList<string> Removed)
    : IDeadLetterSuppression;

/// <summary>Published regularly. A node that misses an update up to this number answers with <see cref="RequestSnapshot"/>.</summary>
/// <param name="From">The node.</param>
/// <param name="Number">The number of its last update.</param>
internal sealed record NodeHeartbeat(NodeId From, long Number) : IDeadLetterSuppression;

/// <summary>Requests all servers of a node; answered with the parts of a <see cref="NodeSnapshot"/>.</summary>
internal sealed record RequestSnapshot : IDeadLetterSuppression
{
    public static RequestSnapshot Instance { get; } = new();
}

/// <summary>One part of the state of all servers of a node.</summary>
/// <param name="From">The node.</param>
/// <param name="Number">The number of the last update that it includes.</param>
/// <param name="Part">The index of this part, from 0.</param>
/// <param name="Parts">The number of parts, at least one.</param>
/// <param name="Servers">The servers of this part.</param>
internal sealed record NodeSnapshot(NodeId From, long Number, int Part, int Parts, IReadOnlyList<ServerNews> Servers)
    : IDeadLetterSuppression;
