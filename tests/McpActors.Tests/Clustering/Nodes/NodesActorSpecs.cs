using System.Collections.Immutable;
using System.Reflection;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.TestKit;
using Akka.Util;
using McpActors.Clustering;
using McpActors.Clustering.Nodes;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Resilience;
using McpActors.Telemetry;
using McpActors.Tests.Telemetry;
using Xunit;
using ClusterSettings = McpActors.Clustering.ClusterSettings;

namespace McpActors.Tests.Clustering.Nodes;

/// <summary>When a node tells what, and what it learns of the members; timers in virtual time; the pool and the other nodes are probes.</summary>
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
    public async Task What_changes_within_a_moment_is_told_as_one_message()
    {
        await TellingAsync();
        _nodes.Tell(Own("a"));
        Assert.Equal(["a"], Names(await NewsAsync()));

        _nodes.Tell(Own("b"));
        _nodes.Tell(Own("c"));
        await HandledAsync(_nodes);
        Pass(TimeSpan.FromMilliseconds(100));

        Assert.Equal(["b", "c"], Names(await NewsAsync()));
    }

    [Fact]
    public async Task Who_asks_for_all_is_told_of_what_just_changed_as_a_change()
    {
        await TellingAsync();
        _nodes.Tell(Own("a"));
        var before = await NewsAsync();
        _nodes.Tell(Own("a", CircuitState.Open));

        var asks = CreateTestProbe();
        _nodes.Tell(SnapshotWanted.Instance, asks);

        var change = await NewsAsync();
        Assert.Equal((before.Number + 1, CircuitState.Open), (change.Number, change.Servers.Single().Circuit));
        Assert.Equal(change.Number, (await asks.ExpectMsgAsync<NodeSnapshot>(PoolHost.Patience)).Number);
    }

    [Fact]
    public async Task Only_who_misses_something_asks_for_all()
    {
        var (node, says) = (OtherNode(), CreateTestProbe());
        _nodes.Tell(new ClusterEvent.MemberJoined(node));
        var id = NodeId.Of(node.UniqueAddress);

        _nodes.Tell(new NodeBeat(id, 5), says);
        await says.ExpectMsgAsync<SnapshotWanted>(PoolHost.Patience);
        _nodes.Tell(new NodeSnapshot(id, 5, 0, 1, []), says);
        _nodes.Tell(new NodeBeat(id, 5), says);

        await HandledAsync(_nodes);
        await says.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_member_that_cannot_be_reached_is_shown_as_such_until_it_can()
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
    public async Task What_it_sees_of_the_nodes_is_measured()
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
    public async Task A_member_that_could_not_be_reached_before_this_actor_began_is_shown_as_such()
    {
        var node = OtherNode();

        _nodes.Tell(new ClusterEvent.CurrentClusterState().Copy(members: [node], unreachable: [node]));

        Assert.False(await IsReachableAsync());
    }

    [Fact]
    public async Task A_member_without_a_pool_is_no_node()
    {
        _nodes.Tell(new ClusterEvent.MemberJoined(OtherNode(role: "other")));

        Assert.True(Assert.Single((await StatusAsync()).Nodes).Self);
    }

    private static OwnServer Own(string name, CircuitState circuit = CircuitState.Closed) => new(
        name, ActorRefs.Nobody, new ServerReport(new ConnectionReport { Status = ServerStatus.Connected }, circuit, "", null, false), Shared: false);

    private static IEnumerable<string> Names(NodeNews news) => news.Servers.Select(server => server.Server).Order();

    private async Task<NodeNews> NewsAsync() => await _others.FishForMessageAsync<NodeNews>(_ => true, PoolHost.Patience);

    /// <summary>It is subscribed, from when on it tells the others.</summary>
    private async Task TellingAsync()
    {
        await PassUntilAsync(() => _others.HasMessages);
        await _others.ExpectMsgAsync<NodeBeat>(PoolHost.Patience);
    }

    private async Task<bool> IsReachableAsync() => (await StatusAsync()).Nodes.Single(node => !node.Self).Reachable;

    private IEnumerable<(string?, double)> Measured()
    {
        using var metrics = new MetricRecorder(Sys);
        return [.. metrics.Of(TelemetryNames.Instruments.Nodes).Where(nodes => nodes.Value > 0).Select(nodes => (nodes[TelemetryNames.Attributes.State], nodes.Value))];
    }

    private async Task<ClusterStatus> StatusAsync()
    {
        var probe = CreateTestProbe();
        _nodes.Tell(GetClusterStatus.Instance, probe);
        return await probe.ExpectMsgAsync<ClusterStatus>(PoolHost.Patience);
    }

    // A member that Akka would have to hear of by gossip: made as its own specs make it.
    private Member OtherNode(string role = ClusterSettings.Role) =>
        (Member)typeof(Member).GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
            .Single(method => method.Name == "Create" && method.GetParameters().Length == 3)
            .Invoke(null, [new UniqueAddress(new Address("akka.tcp", Sys.Name, "10.0.0.1", 8000), 1), ImmutableHashSet.Create(role), AppVersion.Zero])!;
}
