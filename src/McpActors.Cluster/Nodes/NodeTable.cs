using McpActors.Telemetry;


namespace McpActors.Clustering.Nodes;

/// <summary>
/// The nodes of the cluster as this node knows them: the members, whether they can be reached, and the last state of their servers.
/// Messages from a system that is not a member are ignored. Not thread-safe.
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
    /// <param name="address">Its address, as <c>host:port</c>.</param>
    /// <param name="state">Its state at first.</param>
    public NodeTable(NodeId self, string address, NodeState state = NodeState.Joining)
    {
        _self = self;
        _own = new Node(address) { State = state };
        _nodes.Add(self, _own);
    }

    /// <summary>This node's own servers.</summary>
    public NodeServers Own => _own.Servers;

    /// <summary>The <see cref="NodeState"/> of each node, or <see cref="PoolMetrics.Unreachable"/>.</summary>
    public IReadOnlyList<string> States =>
        [.. _nodes.Values.Select(node => node.Reachable ? node.State.ToString() : PoolMetrics.Unreachable)];

    /// <summary>Adds a member or changes its state.</summary>
    /// <param name="node">The node.</param>
    /// <param name="address">Its address, as <c>host:port</c>.</param>
    /// <param name="state">Its state.</param>
    public void SetMember(NodeId node, string address, NodeState state)
    {
        if (!_nodes.TryGetValue(node, out var known))
            _nodes.Add(node, known = new Node(address));
        known.State = state;
    }

    /// <summary>Removes a member. This node itself stays, as down.</summary>
    public void RemoveMember(NodeId node)
    {
        if (node == _self)
            _own.State = NodeState.Down;
        else
            _nodes.Remove(node);
    }

    /// <summary>Sets whether the cluster can reach a node.</summary>
    public void SetReachable(NodeId node, bool reachable)
    {
        if (_nodes.TryGetValue(node, out var known))
            known.Reachable = reachable;
    }

    /// <summary>Applies an update of another node.</summary>
    /// <returns>The servers whose circuit has opened there and to which this node has a connection of its own.</returns>
    public IReadOnlyList<string> Apply(NodeUpdate update) =>
        Other(update.From) is { } node ? OwnAmong(node.Servers.Apply(update with { Servers = WithOwnNames(update.Servers) })) : [];

    /// <summary>Applies a part of another node's snapshot.</summary>
    /// <returns><inheritdoc cref="Apply(NodeUpdate)" path="/returns"/></returns>
    public IReadOnlyList<string> Apply(NodeSnapshot snapshot) =>
        Other(snapshot.From) is { } node ? OwnAmong(node.Servers.Apply(snapshot with { Servers = WithOwnNames(snapshot.Servers) })) : [];

    /// <summary>Whether an update of the node is missing here.</summary>
    public bool IsMissingUpdates(NodeHeartbeat heartbeat) =>
        Other(heartbeat.From) is { } node && !node.Servers.HasAllUpTo(heartbeat.Number);

    /// <summary>Answers a query.</summary>
    public ClusterStatus Answer(GetClusterStatus query, DateTimeOffset at) => new(
        [.. _nodes.Values.OrderBy(node => node.Address, StringComparer.Ordinal).Select(node => Describe(node, query.Servers))], at);

    private NodeInfo Describe(Node node, IReadOnlyList<string>? names)
    {
        var servers = node.Servers;
        var self = ReferenceEquals(node, _own);
        var info = new NodeInfo
        {
            Address = node.Address,
            Self = self,
            State = node.State,
            Reachable = node.Reachable,
            Known = self || servers.IsKnown,
        };
        if (!info.Known)
            return info;
        var listed = names is null ? servers.All : names.Distinct(StringComparer.Ordinal).Select(servers.Find).OfType<ServerNews>();
        return info with
        {
            Total = servers.Total,
            Connected = servers.Connected,
            CircuitsOpen = servers.CircuitsOpen,
            Holds = servers.Holds,
            Servers =
            [
                .. listed
                    .OrderBy(server => server.Server, StringComparer.Ordinal)
                    .Select(line => new ServerOnNode(line.Server, line.Status, line.Circuit, servers.HolderOf(line), line.Reason)),
            ],
        };
    }

    private Node? Other(NodeId from) => from == _self ? null : _nodes.GetValueOrDefault(from);

    private IReadOnlyList<string> OwnAmong(IReadOnlyList<string> opened) =>
        opened.Count == 0 ? opened : [.. opened.Where(server => Own.Find(server) is { Shared: false })];

    // The nodes of a cluster mostly have the same servers: this keeps one string for each name instead of one for each name and node.
    private ServerNews[] WithOwnNames(IReadOnlyList<ServerNews> servers) =>
        [.. servers.Select(server => Own.Find(server.Server) is { } own ? server with { Server = own.Server } : server)];
}
