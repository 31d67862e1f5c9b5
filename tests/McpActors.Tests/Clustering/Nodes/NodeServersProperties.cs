using CsCheck;
using McpActors.Clustering.Nodes;
using Xunit;

namespace McpActors.Tests.Clustering.Nodes;

/// <summary>However messages are lost, duplicated and reordered, the known state converges to that of the node.</summary>
public sealed class NodeServersProperties
{
    private enum Kind
    {
        Change,
        Leave,
        Snapshot,
        Deliver,
        DeliverTwice,
        Lose,
    }

    private readonly record struct Step(Kind Kind, int Which, int Value);

    private static readonly NodeId Node = new("akka.tcp://s@b:2", 2);

    private static readonly Gen<Step[]> Steps = Gen.Select(
        Gen.Frequency(
            (6, Gen.Const(Kind.Change)), (2, Gen.Const(Kind.Leave)), (1, Gen.Const(Kind.Snapshot)), (8, Gen.Const(Kind.Deliver)),
            (2, Gen.Const(Kind.DeliverTwice)),
            (2, Gen.Const(Kind.Lose))),
        Gen.Int[0, 20],
        Gen.Int[0, 5],
        (kind, which, value) => new Step(kind, which, value)).Array[0, 60];

    [Fact]
    public void The_state_converges_to_that_of_the_node() => Property.Holds(Steps, steps =>
    {
        var (there, here, wire) = (new Dictionary<string, ServerNews>(), new NodeServers("b:2"), new List<object>());
        var number = 100L;
        foreach (var (kind, which, value) in steps)
        {
            var server = $"s{which % 3}";
            switch (kind)
            {
                case Kind.Change:
                    there[server] = new ServerNews(
                        server, (ServerStatus)(value % 4), (CircuitState)(value % 3), Shared: value > 3, HeldBy: value > 4 ? "b:2" : "c:3");
                    wire.Add(new NodeUpdate(Node, ++number, [there[server]], []));
                    break;
                case Kind.Leave when there.Remove(server):
                    wire.Add(new NodeUpdate(Node, ++number, [], [server]));
                    break;
                case Kind.Snapshot:
                    wire.AddRange(SnapshotOf(there, number));
                    break;
                case Kind.Deliver or Kind.DeliverTwice or Kind.Lose when wire.Count > 0:
                    var message = wire[which % wire.Count];
                    if (kind != Kind.Lose)
                        Deliver(here, message);
                    if (kind != Kind.DeliverTwice)
                        wire.Remove(message);
                    break;
            }
        }
        if (!here.HasAllUpTo(number))
        {
            foreach (var part in SnapshotOf(there, number))
                Deliver(here, part);
        }
        foreach (var late in wire)
            Deliver(here, late);

        Assert.True(here.HasAllUpTo(number));
        Assert.Equal(there.Values.OrderBy(server => server.Server), here.All.OrderBy(server => server.Server));
        Assert.Equal(
            (there.Count,
                there.Values.Count(s => s.Status == ServerStatus.Connected),
                there.Values.Count(s => s.Circuit != CircuitState.Closed),
                there.Values.Count(s => s.Status == ServerStatus.Connected && (!s.Shared || s.HeldBy == "b:2"))),
            (here.Total, here.Connected, here.CircuitsOpen, here.Holds));
    });

    private static NodeSnapshot[] SnapshotOf(Dictionary<string, ServerNews> servers, long number) =>
        servers.Count == 0
            ? [new NodeSnapshot(Node, number, 0, 1, [])]
            : [.. servers.Values.Select((server, part) => new NodeSnapshot(Node, number, part, servers.Count, [server]))];

    private static void Deliver(NodeServers to, object message)
    {
        if (message is NodeUpdate news)
            to.Apply(news);
        else
            to.Apply((NodeSnapshot)message);
    }
}
