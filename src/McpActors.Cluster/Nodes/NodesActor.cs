using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using McpActors.Clustering.Senders;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Resilience;
using McpActors.Telemetry;

namespace McpActors.Clustering.Nodes;

/// <summary>
/// Publishes the state of this node's servers to the other nodes of the cluster, keeps the state of theirs, and answers queries about both.
/// When a circuit opens on another node, this node probes its own connection to that server at once; no circuit opens here because of it.
/// <code>
///   Subscribing ──SubscribeAck──▶ Publishing
/// </code>
/// Changes are published immediately, further changes within a short interval as one message. Messages between nodes may be lost: each node
/// regularly publishes the number of its last update (<see cref="NodeHeartbeat"/>), and a node that misses one requests a snapshot.
/// </summary>
internal sealed class NodesActor : ReceiveActor, IWithTimers
{
    private sealed record HeartbeatDue : INoSerializationVerificationNeeded;
    private sealed record ChangesDue : INoSerializationVerificationNeeded;

    /// <summary>The topic of all nodes.</summary>
    public const string Topic = "mcp-pool";

    /// <summary>A node that lost a message, or is new, finds out within this time.</summary>
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(5);

    /// <summary>From a new member to the first heartbeat for it: the mediators need about a second to learn of it.</summary>
    private static readonly TimeSpan FirstHeartbeatDelay = TimeSpan.FromSeconds(1);

    /// <summary>Between two updates; changes in between go into one.</summary>
    private static readonly TimeSpan BatchInterval = TimeSpan.FromMilliseconds(100);

    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly IActorRef _mediator = DistributedPubSub.Get(Context.System).Mediator;
    private readonly PoolMetrics _metrics = PoolMetrics.Of(Context.System);
    private readonly PoolClock _clock = PoolClock.Of(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly NodeId _self;
    private readonly NodeTable _table;
    private readonly Dictionary<string, IActorRef> _circuits = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);

    private bool _isPublishing;
    private long _number;

    public NodesActor()
    {
        _self = NodeId.Of(_cluster.SelfUniqueAddress);
        _table = new NodeTable(_self, NodeName.Of(_cluster.SelfAddress));
        // After a restart of this actor the other nodes still have the numbers of its previous incarnation: go on above them.
        _number = _clock.Now.UtcTicks;

        Receive<OwnServer>(OnOwnServer);
        Receive<OwnServerLeft>(left => OnOwnServerLeft(left.Name));
        Receive<GetClusterStatus>(query => Sender.Tell(_table.Answer(query, _clock.WallTime)));
        Receive<SubscribeAck>(_ => OnSubscribed());
        Receive<ChangesDue>(_ => PublishChanges());
        Receive<HeartbeatDue>(_ => Publish(new NodeHeartbeat(_self, _number)));
        Receive<NodeUpdate>(update => Probe(_table.Apply(update)));
        Receive<NodeSnapshot>(snapshot => Probe(_table.Apply(snapshot)));
        Receive<NodeHeartbeat>(OnHeartbeat);
        Receive<RequestSnapshot>(_ => SendSnapshot(Sender));
        Receive<CommandRefused>(unsendable => _log.Warning(
            "The state of the servers of {Node} cannot be shown here: it could not send a message. {Problem}", Sender.Path.Address,
            unsendable.Reason));
        Receive<ClusterEvent.CurrentClusterState>(OnMembers);
        Receive<ClusterEvent.IMemberEvent>(change => OnMember(change.Member));
        Receive<ClusterEvent.ReachabilityEvent>(change => OnReachability(change.Member, change is ClusterEvent.ReachableMember));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props() => Akka.Actor.Props.Create(() => new NodesActor());

    // A node whose membership has not arrived here yet is asked for a snapshot after its next heartbeat.
    protected override bool AroundReceive(Receive receive, object message) =>
        !FromAnotherNode.TryOpen(Context.System, Sender, ActorRefs.Nobody, ref message) || base.AroundReceive(receive, message);

    // This node's servers

    private void OnOwnServer(OwnServer server)
    {
        _circuits[server.Name] = server.Circuit;
        var state = ServerNews.Of(server.Name, server.Report, server.Shared);
        if (state == _table.Own.Find(server.Name))
            return;
        _table.Own.Set(state);
        Changed(server.Name);
    }

    private void OnOwnServerLeft(string name)
    {
        _circuits.Remove(name);
        _table.Own.Unset(name);
        Changed(name);
    }

    private void Changed(string server)
    {
        _changed.Add(server);
        if (_isPublishing && !Timers.IsTimerActive(nameof(ChangesDue)))
            PublishChanges();
    }

    private void PublishChanges()
    {
        if (_changed.Count == 0)
            return;
        foreach (var names in NodeBatches.Split(_changed, name => name, _table.Own.Find))
        {
            var servers = names.Select(_table.Own.Find).OfType<ServerNews>().ToArray();
            Publish(new NodeUpdate(_self, ++_number, servers, [.. names.Where(name => _table.Own.Find(name) is null)]));
        }
        _changed.Clear();
        Timers.StartSingleTimer(nameof(ChangesDue), new ChangesDue(), BatchInterval);
    }

    private void SendSnapshot(IActorRef node)
    {
        // Changes go out as an update first, so that the receiver can see which circuits have opened.
        PublishChanges();
        var parts = NodeBatches.Split(_table.Own.All, server => server.Server, server => server).ToArray();
        if (parts.Length == 0)
            parts = [[]];
        for (var part = 0; part < parts.Length; part++)
            node.Tell(new NodeSnapshot(_self, _number, part, parts.Length, parts[part]));
    }

    private void Publish(object message) => _mediator.Tell(new Publish(Topic, message));

    // The other nodes

    private void OnSubscribed()
    {
        // The other nodes request a snapshot of the servers that are here already.
        _isPublishing = true;
        _changed.Clear();
        Timers.StartPeriodicTimer(nameof(HeartbeatDue), new HeartbeatDue(), FirstHeartbeatDelay, HeartbeatInterval);
    }

    private void OnHeartbeat(NodeHeartbeat heartbeat)
    {
        if (_table.IsMissingUpdates(heartbeat))
            Sender.Tell(RequestSnapshot.Instance);
    }

    private void Probe(IReadOnlyList<string> servers)
    {
        foreach (var server in servers)
            _circuits[server].Tell(ConnectionCommand.Probe);
    }

    private void OnMembers(ClusterEvent.CurrentClusterState state)
    {
        foreach (var member in state.Members)
            OnMember(member);
        foreach (var member in state.Unreachable)
            OnReachability(member, false);
    }

    private void OnReachability(Member member, bool reachable)
    {
        _table.SetReachable(NodeId.Of(member.UniqueAddress), reachable);
        _metrics.Nodes = _table.States;
    }

    private void OnMember(Member member)
    {
        if (!member.HasRole(NodeRole.Name))
            return;
        var node = NodeId.Of(member.UniqueAddress);
        if (member.Status == MemberStatus.Removed)
            _table.RemoveMember(node);
        else
            _table.SetMember(node, NodeName.Of(member.Address), StateOf(member.Status));
        _metrics.Nodes = _table.States;
        if (member.Status == MemberStatus.Up && node != _self && _isPublishing && !Timers.IsTimerActive(nameof(FirstHeartbeatDelay)))
            Timers.StartSingleTimer(nameof(FirstHeartbeatDelay), new HeartbeatDue(), FirstHeartbeatDelay);
    }

    private static NodeState StateOf(MemberStatus status) => status switch
    {
        MemberStatus.Up => NodeState.Up,
        MemberStatus.Leaving or MemberStatus.Exiting => NodeState.Leaving,
        MemberStatus.Down => NodeState.Down,
        _ => NodeState.Joining,
    };

    // Lifecycle

    protected override void PreStart()
    {
        Context.Parent.Tell(new ReportsWanted());
        _cluster.Subscribe(
            Self, ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.ReachabilityEvent));
        _mediator.Tell(new Subscribe(Topic, Self));
    }

    // The mediator removes stopped subscribers itself, and at shutdown it stops before this actor.
    protected override void PostStop() => _cluster.Unsubscribe(Self);
}
