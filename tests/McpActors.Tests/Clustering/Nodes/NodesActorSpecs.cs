using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.TestKit;
using McpActors.Clustering;
using McpActors.Clustering.Nodes;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Resilience;
using McpActors.Telemetry;
using McpActors.Tests.Telemetry;
using Xunit;

namespace McpActors.Tests.Clustering.Nodes;

/// <summary>The messages of a node to the other nodes, and its view of the members, in virtual time. Pool and nodes are probes.</summary>
public sealed class NodesActorSpecs : VirtualTimeSpec
{
    private readonly TestProbe _others;
    private readonly IActorRef _nodes;

    public NodesActorSpecs()
        : base("""
            akka.actor.provider = cluster
            akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
            akka.coordinated-shutdown.run-by-actor-system-terminate = off
            """)
    {
        _others = CreateTestProbe("others");
        DistributedPubSub.Get(Sys).Mediator.Tell(new Subscribe(NodesActor.Topic, _others), _others);
        _others.ExpectMsg<SubscribeAck>(PoolHost.Patience);
        _nodes = CreateTestProbe("pool").ChildActorOf(NodesActor.Props());
    }

    [Fact]
    public async Task Changes_within_a_short_interval_are_one_update()
    {
        await PublishingAsync();
        _nodes.Tell(Own("a"));
        Assert.Equal(["a"], Names(await UpdateAsync()));

        _nodes.Tell(Own("b"));
        _nodes.Tell(Own("c"));
        await HandledAsync(_nodes);
        Pass(TimeSpan.FromMilliseconds(100));

        Assert.Equal(["b", "c"], Names(await UpdateAsync()));
    }

    [Fact]
    public async Task Pending_changes_are_published_before_a_snapshot_is_sent()
    {
        await PublishingAsync();
        _nodes.Tell(Own("a"));
        var before = await UpdateAsync();
        _nodes.Tell(Own("a", CircuitState.Open));

        var asks = CreateTestProbe();
        _nodes.Tell(RequestSnapshot.Instance, asks);

        var change = await UpdateAsync();
        Assert.Equal((before.Number + 1, CircuitState.Open), (change.Number, change.Servers.Single().Circuit));
        Assert.Equal(change.Number, (await asks.ExpectMsgAsync<NodeSnapshot>(PoolHost.Patience)).Number);
    }

    [Fact]
    public async Task Only_a_node_that_misses_an_update_requests_a_snapshot()
    {
        var (node, replies) = (OtherNode(), CreateTestProbe());
        _nodes.Tell(new ClusterEvent.MemberJoined(node));
        var id = NodeId.Of(node.UniqueAddress);

        _nodes.Tell(new NodeHeartbeat(id, 5), replies);
        await replies.ExpectMsgAsync<RequestSnapshot>(PoolHost.Patience);
        _nodes.Tell(new NodeSnapshot(id, 5, 0, 1, []), replies);
        _nodes.Tell(new NodeHeartbeat(id, 5), replies);

        await HandledAsync(_nodes);
        await replies.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task An_unreachable_member_is_shown_as_unreachable_until_it_is_reachable()
    {
        var node = OtherNode();
        _nodes.Tell(new ClusterEvent.MemberJoined(node));
        Assert.True(await IsReachableAsync());

        _nodes.Tell(new ClusterEvent.UnreachableMember(node));
        Assert.False(await IsReachableAsync());

        _nodes.Tell(new ClusterEvent.ReachableMember(node));
        Assert.True(await IsReachableAsync());
    }

    [Fact]
    public async Task The_states_of_the_nodes_are_measured()
    {
        var node = OtherNode();
        _nodes.Tell(new ClusterEvent.MemberJoined(node));
        await HandledAsync(_nodes);
        Assert.Equal([("Joining", 2)], Measured());

        _nodes.Tell(new ClusterEvent.UnreachableMember(node));
        await HandledAsync(_nodes);
        Assert.Equal([("Joining", 1), ("Unreachable", 1)], Measured());
    }

    [Fact]
    public async Task A_member_that_was_unreachable_before_this_actor_started_is_shown_as_unreachable()
    {
        var node = OtherNode();

        _nodes.Tell(new ClusterEvent.CurrentClusterState().Copy(members: [node], unreachable: [node]));

        Assert.False(await IsReachableAsync());
    }

    [Fact]
    public async Task A_member_without_a_pool_is_not_a_node()
    {
        _nodes.Tell(new ClusterEvent.MemberJoined(OtherNode(role: "other")));

        Assert.True(Assert.Single((await StatusAsync()).Nodes).Self);
    }

    private static OwnServer Own(string name, CircuitState circuit = CircuitState.Closed) => new(
        name, ActorRefs.Nobody, new ServerReport(new ConnectionReport { Status = ServerStatus.Connected }, circuit, "", null, false),
        Shared: false);

    private static IEnumerable<string> Names(NodeUpdate news) => news.Servers.Select(server => server.Server).Order();

    private async Task<NodeUpdate> UpdateAsync() => await _others.FishForMessageAsync<NodeUpdate>(_ => true, PoolHost.Patience);

    /// <summary>The actor is subscribed and publishes its changes from now on.</summary>
    private async Task PublishingAsync()
    {
        await PassUntilAsync(() => _others.HasMessages);
        await _others.ExpectMsgAsync<NodeHeartbeat>(PoolHost.Patience);
    }

    private async Task<bool> IsReachableAsync() => (await StatusAsync()).Nodes.Single(node => !node.Self).Reachable;

    private IEnumerable<(string?, double)> Measured()
    {
        using var metrics = new MetricRecorder(Sys);
        return
        [
            .. metrics.Of(TelemetryNames.Instruments.Nodes).Where(nodes => nodes.Value > 0)
                .Select(nodes => (nodes[TelemetryNames.Attributes.State], nodes.Value)),
        ];
    }

    private async Task<ClusterStatus> StatusAsync()
    {
        var probe = CreateTestProbe();
        _nodes.Tell(GetClusterStatus.Instance, probe);
        return await probe.ExpectMsgAsync<ClusterStatus>(PoolHost.Patience);
    }

    private Member OtherNode(string role = McpClusterSettings.Role) =>
        TestMember.Create(new Address("akka.tcp", Sys.Name, "10.0.0.1", 8000), role);
}
