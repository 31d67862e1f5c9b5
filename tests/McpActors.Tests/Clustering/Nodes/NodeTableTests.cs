using McpActors.Clustering.Nodes;
using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Clustering.Nodes;

/// <summary>One node's view of all nodes, from messages in any order that a network may deliver.</summary>
public sealed class NodeTableTests
{
    private static readonly NodeId Self = new("akka.tcp://s@a:1", 1);
    private static readonly NodeId Other = new("akka.tcp://s@b:2", 2);
    private static readonly NodeId OtherAgain = new("akka.tcp://s@b:2", 3);

    private readonly NodeTable _table = new(Self, "a:1");

    [Fact]
    public void At_first_it_contains_only_this_node()
    {
        _table.Own.Set(Up("x"));

        var node = Assert.Single(Answer().Nodes);

        Assert.Equal(("a:1", true, NodeState.Joining, true, true), (node.Address, node.Self, node.State, node.Reachable, node.Known));
        Assert.Equal([new ServerOnNode("x", ServerStatus.Connected, CircuitState.Closed, "a:1")], node.Servers);
    }

    [Fact]
    public void The_counts_of_a_member_are_hidden_until_all_its_servers_are_known()
    {
        Join(Other);
        _table.Apply(News(5, Up("x")));
        Assert.Equal((false, 0), (OtherNode().Known, OtherNode().Total));

        Assert.True(_table.IsMissingUpdates(new NodeHeartbeat(Other, 5)));
        _table.Apply(Snapshot(5, 1, 2, Down("y")));
        Assert.False(OtherNode().Known);
        _table.Apply(Snapshot(5, 0, 2, Up("x")));

        var node = OtherNode();
        Assert.Equal((true, 2, 1, 0, 1), (node.Known, node.Total, node.Connected, node.CircuitsOpen, node.Holds));
        Assert.False(_table.IsMissingUpdates(new NodeHeartbeat(Other, 5)));
    }

    [Fact]
    public void Counts_follow_every_change()
    {
        Known(Other, 5, Up("x"), Up("y"), Up("z") with { Shared = true, HeldBy = "a:1" });
        Assert.Equal((3, 3, 0, 2), Counts());

        _table.Apply(News(6, Up("x") with { Circuit = CircuitState.Open }));
        Assert.Equal((3, 3, 1, 2), Counts());
        _table.Apply(News(7, Down("y")));
        Assert.Equal((3, 2, 1, 1), Counts());
        _table.Apply(Left(8, "x"));
        Assert.Equal((2, 1, 0, 0), Counts());
    }

    [Fact]
    public void Late_and_duplicated_messages_change_nothing()
    {
        Known(Other, 5, Up("x"));
        _table.Apply(News(7, Down("x")));
        _table.Apply(News(6, Up("x")));
        _table.Apply(News(7, Down("x")));

        Assert.Equal(ServerStatus.Error, OtherNode().Servers.Single().Status);
    }

    [Fact]
    public void A_removed_server_does_not_come_back_with_an_older_message()
    {
        Known(Other, 5, Up("x"));
        _table.Apply(Left(8, "x"));
        _table.Apply(News(7, Up("x")));
        Assert.Equal(0, OtherNode().Total);
        _table.Apply(Snapshot(6, 0, 1, Up("x")));
        Assert.Equal(0, OtherNode().Total);

        _table.Apply(News(9, Up("x")));
        Assert.Equal(1, OtherNode().Total);
    }

    [Fact]
    public void A_lost_update_is_missing_until_a_snapshot_includes_it()
    {
        Known(Other, 5, Up("x"), Up("y"));
        _table.Apply(News(6, Down("x")));
        Assert.False(_table.IsMissingUpdates(new NodeHeartbeat(Other, 6)));

        // 7, in which y left, is lost.
        _table.Apply(News(8, Up("x")));
        Assert.True(_table.IsMissingUpdates(new NodeHeartbeat(Other, 8)));
        _table.Apply(News(9, Down("x")));
        _table.Apply(Snapshot(8, 0, 1, Up("x")));

        Assert.False(_table.IsMissingUpdates(new NodeHeartbeat(Other, 9)));
        Assert.Equal([("x", ServerStatus.Error)], OtherNode().Servers.Select(server => (server.Name, server.Status)));
    }

    [Fact]
    public void A_snapshot_that_closes_the_gap_before_later_updates_leaves_nothing_missing()
    {
        Known(Other, 5, Up("x"));
        // 6 and 7 are lost.
        _table.Apply(News(8, Down("x")));

        _table.Apply(Snapshot(7, 0, 1, Up("x")));

        Assert.False(_table.IsMissingUpdates(new NodeHeartbeat(Other, 8)));
    }

    [Fact]
    public void A_node_that_restarts_at_the_same_address_is_another_node()
    {
        Known(Other, 50, Up("x"));
        _table.RemoveMember(Other);
        Join(OtherAgain);
        _table.Apply(News(51, Up("x")));
        Assert.False(OtherNode().Known);

        _table.Apply(Snapshot(1, 0, 1, Up("y")) with { From = OtherAgain });
        Assert.Equal(["y"], OtherNode().Servers.Select(server => server.Name));
    }

    [Fact]
    public void Messages_of_a_node_that_is_not_a_member_are_ignored()
    {
        _table.Apply(News(1, Up("x")));
        Assert.False(_table.IsMissingUpdates(new NodeHeartbeat(Other, 1)));
        Assert.Single(Answer().Nodes);

        Known(Other, 5, Up("x"));
        _table.RemoveMember(Other);
        _table.Apply(Snapshot(6, 0, 1, Up("x")));
        Assert.Single(Answer().Nodes);
    }

    [Fact]
    public void A_node_that_was_removed_shows_itself_as_down()
    {
        _table.RemoveMember(Self);

        Assert.Equal(NodeState.Down, Assert.Single(Answer().Nodes).State);
    }

    [Fact]
    public void Messages_of_this_node_itself_are_ignored()
    {
        _table.Own.Set(Up("x"));

        Assert.Empty(_table.Apply(News(1, Open("x")) with { From = Self }));
        Assert.False(_table.IsMissingUpdates(new NodeHeartbeat(Self, 9)));
        Assert.Equal(CircuitState.Closed, Answer().Nodes.Single().Servers.Single().Circuit);
    }

    [Fact]
    public void An_unreachable_node_keeps_its_last_state()
    {
        Known(Other, 5, Up("x"));

        _table.SetReachable(Other, false);
        Assert.Equal((false, 1), (OtherNode().Reachable, OtherNode().Connected));
        _table.SetReachable(Other, true);
        Assert.True(OtherNode().Reachable);
    }

    [Fact]
    public void A_connection_shows_the_node_that_has_it()
    {
        Known(
            Other, 5, Up("x"), Up("y") with { Shared = true, HeldBy = "c:3" }, Up("z") with { Shared = true, HeldBy = "b:2" },
            Down("none") with { Shared = true });

        Assert.Equal(2, OtherNode().Holds);
        Assert.Equal(
            [("none", null), ("x", "b:2"), ("y", "c:3"), ("z", "b:2")], OtherNode().Servers.Select(server => (server.Name, server.HeldBy)));
    }

    [Fact]
    public void Only_requested_servers_are_listed_and_all_are_counted()
    {
        Known(Other, 5, Up("x"), Up("y"));

        var some = Assert.Single(_table.Answer(new GetClusterStatus { Servers = ["y", "none", "y"] }, default).Nodes, node => !node.Self);
        Assert.Equal((2, "y"), (some.Connected, Assert.Single(some.Servers).Name));
        var none = Assert.Single(_table.Answer(new GetClusterStatus { Servers = [] }, default).Nodes, node => !node.Self);
        Assert.Equal((2, 0), (none.Connected, none.Servers.Count));
    }

    // The state here, the states there before and now, and whether this node probes its own connection.
    private static readonly Dictionary<string, (ServerNews? Own, ServerNews? Before, ServerNews Now, bool Concerns)> OpeningsByWords = new()
    {
        ["it opens"] = (Up("x"), Up("x"), Open("x"), true),
        ["it opens at a server just added there"] = (Up("x"), null, Open("x"), true),
        ["it opens again after a trial call"] = (Up("x"), Open("x") with { Circuit = CircuitState.HalfOpen }, Open("x"), true),
        ["it stays open"] = (Up("x"), Open("x"), Open("x") with { Reason = "another" }, false),
        ["it is held by an operator"] = (Up("x"), Up("x"), Open("x") with { Circuit = CircuitState.Isolated }, false),
        ["the other sees it over a third node's connection"] = (Up("x"), Up("x"), Open("x") with { Shared = true, HeldBy = "c:3" }, false),
        ["it is the one connection that both use"] = (
            Up("x") with { Shared = true, HeldBy = "a:1" }, Up("x"), Open("x") with { Shared = true, HeldBy = "a:1" }, false),
        ["this node has no connection of its own"] = (Up("x") with { Shared = true, HeldBy = "b:2" }, Up("x"), Open("x"), false),
        ["this node does not have the server"] = (null, Up("x"), Open("x"), false),
    };

    public static TheoryData<string> Openings => [.. OpeningsByWords.Keys];

    [Theory]
    [MemberData(nameof(Openings))]
    public void A_circuit_that_opens_on_another_node_concerns_only_an_own_connection(string opening)
    {
        var (own, before, now, concerns) = OpeningsByWords[opening];
        if (own is not null)
            _table.Own.Set(own);
        Known(Other, 5, before is null ? [] : [before]);

        var opened = _table.Apply(News(6, now));

        Assert.Equal(concerns, opened.Contains("x"));
        Assert.Empty(_table.Apply(News(6, now)));
    }

    [Fact]
    public void A_circuit_that_opened_in_a_lost_update_concerns_too_but_not_one_that_was_open_before_this_node_joined()
    {
        _table.Own.Set(Up("x"));
        Join(Other);
        Assert.Empty(_table.Apply(Snapshot(5, 0, 1, Open("x"))));
        _table.Apply(News(6, Up("x")));

        Assert.Equal(["x"], _table.Apply(Snapshot(9, 0, 1, Open("x"))));
    }

    [Fact]
    public void Reasons_are_short_and_only_given_for_problems()
    {
        var error = new ConnectionReport { Status = ServerStatus.Error, Reason = new string('x', 1000) };
        Assert.Equal(200, ServerNews.Of("s", Report(error)).Reason!.Length);
        var connected = new ConnectionReport { Status = ServerStatus.Connected };
        Assert.Equal("why", ServerNews.Of("s", Report(connected) with { Circuit = CircuitState.Open, CircuitReason = "why" }).Reason);
        Assert.Null(ServerNews.Of("s", Report(connected) with { CircuitReason = "closed long ago" }).Reason);
    }

    private static ServerReport Report(ConnectionReport connection) => new(connection, CircuitState.Closed, "", null, false);

    private static ServerNews Up(string server) => new(server, ServerStatus.Connected, CircuitState.Closed);

    private static ServerNews Down(string server) => new(server, ServerStatus.Error, CircuitState.Closed, "gone");

    private static ServerNews Open(string server) => new(server, ServerStatus.Connected, CircuitState.Open, "failures");

    private static NodeUpdate News(long number, params ServerNews[] servers) => new(Other, number, servers, []);

    private static NodeUpdate Left(long number, params string[] servers) => new(Other, number, [], servers);

    private static NodeSnapshot Snapshot(long number, int part, int parts, params ServerNews[] servers) =>
        new(Other, number, part, parts, servers);

    private void Join(NodeId node) => _table.SetMember(node, "b:2", NodeState.Up);

    private void Known(NodeId node, long number, params ServerNews[] servers)
    {
        Join(node);
        _table.Apply(Snapshot(number, 0, 1, servers) with { From = node });
    }

    private ClusterStatus Answer() => _table.Answer(GetClusterStatus.Instance, default);

    private NodeInfo OtherNode() => Answer().Nodes.Single(node => !node.Self);

    private (int Total, int Connected, int Open, int Holds) Counts()
    {
        var node = OtherNode();
        return (node.Total, node.Connected, node.CircuitsOpen, node.Holds);
    }
}
