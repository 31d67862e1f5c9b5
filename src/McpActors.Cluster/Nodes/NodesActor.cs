using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.PublishSubscribe;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Resilience;
using McpActors.Telemetry;

namespace McpActors.Clustering.Nodes;

/// <summary>
/// Tells the other nodes of the cluster how this node's servers are, keeps what they tell of theirs, and says both to who asks. A circuit that opens on another
/// node has this node's own connection to that server probed at once; no circuit opens here on what others say.
/// <code>
///   Subscribing ──SubscribeAck──▶ Telling
/// </code>
/// Changes are published as they come, many at once as one message. Messages between nodes may be lost: everybody says now and then how much it has said
/// (<see cref="NodeBeat"/>), and who misses something asks for all of it.
/// </summary>
internal sealed class NodesActor : ReceiveActor, IWithTimers
{
    private sealed record BeatDue : INoSerializationVerificationNeeded;
    private sealed record ChangesDue : INoSerializationVerificationNeeded;

    /// <summary>What the nodes publish to.</summary>
    public const string Topic = "mcp-pool";

    /// <summary>Servers in one message: far below the smallest frame of Akka.Remote that is allowed.</summary>
    public const int ServersAtOnce = 100;

    /// <summary>A node that lost a message, or is new, misses it for no longer than this.</summary>
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(5);

    /// <summary>How soon a new member is told how much there is to hear; the others' mediators need about a second to know of it.</summary>
    private static readonly TimeSpan FirstBeat = TimeSpan.FromSeconds(1);

    /// <summary>Between two messages; what changes meanwhile goes into one.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(100);

    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly IActorRef _mediator = DistributedPubSub.Get(Context.System).Mediator;
    private readonly PoolMetrics _metrics = PoolMetrics.Of(Context.System);
    private readonly NodeId _self;
    private readonly NodeTable _table;
    private readonly Dictionary<string, IActorRef> _circuits = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);

    private bool _isTelling;
    private long _number;

    public NodesActor()
    {
        _self = NodeId.Of(_cluster.SelfUniqueAddress);
        _table = new NodeTable(_self, NodeName.Of(_cluster.SelfAddress));
        // After a restart of this actor the others still know the numbers of its last life, so they go on above them.
        _number = Now.UtcTicks;

        Receive<OwnServer>(OnOwnServer);
        Receive<OwnServerLeft>(left => OnOwnServerLeft(left.Name));
        Receive<GetClusterStatus>(query => Sender.Tell(_table.Answer(query, Now)));
        Receive<SubscribeAck>(_ => OnSubscribed());
        Receive<ChangesDue>(_ => TellChanges());
        Receive<BeatDue>(_ => Publish(new NodeBeat(_self, _number)));
        Receive<NodeNews>(news => Probe(_table.Hear(news)));
        Receive<NodeSnapshot>(snapshot => Probe(_table.Hear(snapshot)));
        Receive<NodeBeat>(OnBeat);
        Receive<SnapshotWanted>(_ => TellAll(Sender));
        Receive<ClusterEvent.CurrentClusterState>(OnMembers);
        Receive<ClusterEvent.IMemberEvent>(change => OnMember(change.Member));
        Receive<ClusterEvent.ReachabilityEvent>(change => OnReachability(change.Member, change is ClusterEvent.ReachableMember));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props() => Akka.Actor.Props.Create(() => new NodesActor());

    // This node's servers

    private void OnOwnServer(OwnServer server)
    {
        _circuits[server.Name] = server.Circuit;
        var news = ServerNews.Of(server.Name, server.Report, server.Shared);
        if (news == _table.Own.Find(server.Name))
            return;
        _table.Own.Set(news);
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
        if (_isTelling && !Timers.IsTimerActive(nameof(ChangesDue)))
            TellChanges();
    }

    private void TellChanges()
    {
        if (_changed.Count == 0)
            return;
        foreach (var names in _changed.Chunk(ServersAtOnce))
        {
            var servers = names.Select(_table.Own.Find).OfType<ServerNews>().ToArray();
            Publish(new NodeNews(_self, ++_number, servers, [.. names.Where(name => _table.Own.Find(name) is null)]));
        }
        _changed.Clear();
        Timers.StartSingleTimer(nameof(ChangesDue), new ChangesDue(), Gathering);
    }

    private void TellAll(IActorRef node)
    {
        // What has changed is told as a change first: who reads it there, reads it as one.
        TellChanges();
        var parts = _table.Own.All.Chunk(ServersAtOnce).ToArray();
        if (parts.Length == 0)
            parts = [[]];
        for (var part = 0; part < parts.Length; part++)
            node.Tell(new NodeSnapshot(_self, _number, part, parts.Length, parts[part]));
    }

    private void Publish(object message) => _mediator.Tell(new Publish(Topic, message));

    // The other nodes

    private void OnSubscribed()
    {
        // The others learn what there is already by asking for it.
        _isTelling = true;
        _changed.Clear();
        Timers.StartPeriodicTimer(nameof(BeatDue), new BeatDue(), FirstBeat, BeatInterval);
    }

    private void OnBeat(NodeBeat beat)
    {
        if (_table.Misses(beat))
            Sender.Tell(SnapshotWanted.Instance);
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
        _table.Reach(NodeId.Of(member.UniqueAddress), reachable);
        _metrics.Nodes = _table.States;
    }

    private void OnMember(Member member)
    {
        if (!member.HasRole(ClusterSettings.Role))
            return;
        var node = NodeId.Of(member.UniqueAddress);
        if (member.Status == MemberStatus.Removed)
            _table.Removed(node);
        else
            _table.Member(node, NodeName.Of(member.Address), StateOf(member.Status));
        _metrics.Nodes = _table.States;
        if (member.Status == MemberStatus.Up && node != _self && _isTelling && !Timers.IsTimerActive(nameof(FirstBeat)))
            Timers.StartSingleTimer(nameof(FirstBeat), new BeatDue(), FirstBeat);
    }

    private static NodeState StateOf(MemberStatus status) => status switch
    {
        MemberStatus.Up => NodeState.Up,
        MemberStatus.Leaving or MemberStatus.Exiting => NodeState.Leaving,
        MemberStatus.Down => NodeState.Down,
        _ => NodeState.Joining,
    };

    // Lifecycle

    private static DateTimeOffset Now => Context.System.Scheduler.Now;

    protected override void PreStart()
    {
        Context.Parent.Tell(new ReportsWanted());
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.ReachabilityEvent));
        _mediator.Tell(new Subscribe(Topic, Self));
    }

    // The mediator forgets who stopped by itself; at shutdown it is gone before this actor.
    protected override void PostStop() => _cluster.Unsubscribe(Self);
}
