using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using McpActors.Resilience;

namespace McpActors.Clustering.Nodes;

/// <summary>One life of one node: a node that starts again at the same address is another one.</summary>
/// <param name="Address">The address of its actor system.</param>
/// <param name="Uid">Another number for each life.</param>
internal sealed record NodeId(string Address, int Uid)
{
    public static NodeId Of(UniqueAddress node) => new(node.Address.ToString(), node.Uid);
}

/// <summary>One server as a node sees it; all of it, not what changed.</summary>
/// <param name="Server">The server's name.</param>
/// <param name="Status">The state of its connection.</param>
/// <param name="Circuit">The state of its circuit.</param>
/// <param name="Reason">Why one of the two is not well.</param>
/// <param name="Shared">The cluster has one connection to it, and the node that tells may not be the one that has it; else the connection is the node's own.</param>
/// <param name="HeldBy">The node that has that one connection, as <c>host:port</c>; null: none has.</param>
internal sealed record ServerNews(string Server, ServerStatus Status, CircuitState Circuit, string? Reason = null, bool Shared = false, string? HeldBy = null)
{
    /// <param name="server">The server's name.</param>
    /// <param name="report">What its circuit reports.</param>
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
/// What changed at a node, published to all: usually one server. The numbers of a node's messages rise by one, and what is said of a server holds until
/// a message with a higher number says otherwise.
/// </summary>
/// <param name="From">The node.</param>
/// <param name="Number">The number of this message.</param>
/// <param name="Servers">The servers that changed.</param>
/// <param name="Left">The servers that left the pool.</param>
internal sealed record NodeNews(NodeId From, long Number, IReadOnlyList<ServerNews> Servers, IReadOnlyList<string> Left) : IDeadLetterSuppression;

/// <summary>Published now and then: whoever has not heard all of a node's messages up to this number asks it with <see cref="SnapshotWanted"/>.</summary>
/// <param name="From">The node.</param>
/// <param name="Number">The number of its last message.</param>
internal sealed record NodeBeat(NodeId From, long Number) : IDeadLetterSuppression;

/// <summary>Asks a node for all of its servers; answered with the parts of a <see cref="NodeSnapshot"/>.</summary>
internal sealed record SnapshotWanted : IDeadLetterSuppression
{
    public static SnapshotWanted Instance { get; } = new();
}

/// <summary>One part of all that a node says of its servers.</summary>
/// <param name="From">The node.</param>
/// <param name="Number">The number of its last message, which this includes.</param>
/// <param name="Part">Which part this is, from 0.</param>
/// <param name="Parts">How many there are, at least one.</param>
/// <param name="Servers">The servers of this part.</param>
internal sealed record NodeSnapshot(NodeId From, long Number, int Part, int Parts, IReadOnlyList<ServerNews> Servers) : IDeadLetterSuppression;
