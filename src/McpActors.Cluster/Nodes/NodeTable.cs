using McpActors.Resilience;
using McpActors.Telemetry;


namespace McpActors.Clustering.Nodes;

/// <summary>
/// The nodes of the cluster as this one knows them: the members, whether they can be reached, and what each has told of its servers. What somebody says who
/// is no member, or no longer, is not heard. Not thread-safe.
/// </summary>
internal sealed class NodeTable
{
    private sealed class Node(string address)
    {
        public string Address => address;

        public NodeState State { get; set; }

        public bool Reachable { get; set; } = true;

        public NodeServers Servers { get; } = new(address);
    }

    private readonly Dictionary<NodeId, Node> _nodes = [];
    private readonly NodeId _self;
    private readonly Node _own;

    /// <param name="self">This node.</param>
    /// <param name="address">Its address, as people write it.</param>
    /// <param name="state">Where it stands to begin with.</param>
    public NodeTable(NodeId self, string address, NodeState state = NodeState.Joining)
    {
        _self = self;
        _own = new Node(address) { State = state };
        _nodes.Add(self, _own);
    }

    /// <summary>This node's own servers.</summary>
    public NodeServers Own => _own.Servers;

    /// <summary>Each node's <see cref="NodeState"/>, or that it cannot be reached.</summary>
    public IReadOnlyList<string> States => [.. _nodes.Values.Select(node => node.Reachable ? node.State.ToString() : PoolMetrics.Unreachable)];

    /// <summary>A node is a member, in this state.</summary>
    /// <param name="node">The node.</param>
    /// <param name="address">Its address, as people write it.</param>
    /// <param name="state">Where it stands.</param>
    public void Member(NodeId node, string address, NodeState state)
    {
        if (!_nodes.TryGetValue(node, out var known))
            _nodes.Add(node, known = new Node(address));
        known.State = state;
    }

    /// <summary>A node is no member any more.</summary>
    public void Removed(NodeId node)
    {
        if (node == _self)
            _own.State = NodeState.Down;
        else
            _nodes.Remove(node);
    }

    /// <summary>The cluster can, or cannot, reach a node.</summary>
    public void Reach(NodeId node, bool reachable)
    {
        if (_nodes.TryGetValue(node, out var known))
            known.Reachable = reachable;
    }

    /// <summary>Takes in what changed at a node.</summary>
    /// <returns>The servers whose circuit has opened there, and which this node holds a connection of its own to.</returns>
    public IReadOnlyList<string> Hear(NodeNews news) => Other(news.From) is { } node ? OwnAmong(node.Servers.Hear(news with { Servers = Named(news.Servers) })) : [];

    /// <summary>Takes in a part of all that a node says.</summary>
    /// <returns>As above.</returns>
    public IReadOnlyList<string> Hear(NodeSnapshot snapshot) =>
        Other(snapshot.From) is { } node ? OwnAmong(node.Servers.Hear(snapshot with { Servers = Named(snapshot.Servers) })) : [];

    /// <summary>Takes in how much a node has said.</summary>
    /// <returns>True when something of it is missing here.</returns>
    public bool Misses(NodeBeat beat) => Other(beat.From) is { } node && !node.Servers.HasAllUpTo(beat.Number);

    /// <summary>The answer to a query.</summary>
    public ClusterStatus Answer(GetClusterStatus query, DateTimeOffset at) => new(
        [.. _nodes.Values.OrderBy(node => node.Address, StringComparer.Ordinal).Select(node => Describe(node, query.Servers))], at);

    private NodeInfo Describe(Node node, IReadOnlyList<string>? wanted)
    {
        var servers = node.Servers;
        var self = ReferenceEquals(node, _own);
        var info = new NodeInfo { Address = node.Address, Self = self, State = node.State, Reachable = node.Reachable, Known = self || servers.IsKnown };
        if (!info.Known)
            return info;
        var lines = wanted is null ? servers.All : wanted.Distinct(StringComparer.Ordinal).Select(servers.Find).OfType<ServerNews>();
        return info with
        {
            Total = servers.Total,
            Connected = servers.Connected,
            CircuitsOpen = servers.CircuitsOpen,
            Holds = servers.Holds,
            Servers =
            [
                .. lines.OrderBy(line => line.Server, StringComparer.Ordinal)
                    .Select(line => new ServerOnNode(line.Server, line.Status, line.Circuit, servers.HolderOf(line), line.Reason)),
            ],
        };
    }

    private Node? Other(NodeId from) => from == _self ? null : _nodes.GetValueOrDefault(from);

    private IReadOnlyList<string> OwnAmong(IReadOnlyList<string> opened) =>
        opened.Count == 0 ? opened : [.. opened.Where(server => Own.Find(server) is { Shared: false })];

    // The nodes of a cluster mostly have the same servers: their names are kept once, not once for each node.
    private ServerNews[] Named(IReadOnlyList<ServerNews> servers) =>
        [.. servers.Select(news => Own.Find(news.Server) is { } own ? news with { Server = own.Server } : news)];
}
