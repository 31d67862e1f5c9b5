using Akka.Actor;
using Akka.DistributedData;
using McpActors.Configuration;
using McpActors.Tests.Transports;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>Changes on one node apply to all nodes.</summary>
public sealed class SharedSettingsTests : IAsyncLifetime
{
    private static readonly PoolSettings Configured = PoolHost.Settings("a", "b");

    private readonly TestCluster _cluster = new(Configured);

    public async Task InitializeAsync()
    {
        foreach (var name in new[] { "a", "b", "c" })
            _cluster.Memory.Add(name).Tool("work", () => name);
        await _cluster.AddAsync();
        await _cluster.AddAsync();
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Servers_are_added_changed_and_removed_on_all_nodes()
    {
        await _cluster[0].Pool.CommandAsync(new AddServer(Server("c") with { TrustAnnotations = false }));
        await _cluster[1].ConnectedAsync("c");
        Assert.Equal("c", (await _cluster[1].Pool.CallToolAsync("work", options: new CallOptions { Server = "c" })).Server);

        await _cluster[1].Pool.CommandAsync(new UpdateServer(Server("c") with { Weight = 7 }));
        await UntilAsync(_cluster[0], servers => servers.Single(server => server.Name == "c").Weight == 7);

        await _cluster[0].Pool.CommandAsync(new RemoveServer("c"));
        await UntilAsync(_cluster[1], servers => servers.All(server => server.Name != "c"));
        await _cluster[0].Pool.CommandAsync(new AddServer(Server("c")));
        await _cluster[1].ConnectedAsync("c");
    }

    [Fact]
    public async Task Commands_on_one_node_apply_to_the_other()
    {
        await _cluster[0].ConnectedAsync("a");
        await _cluster[1].ConnectedAsync("a");

        await _cluster[0].Pool.CommandAsync(new IsolateServer("a"));
        await UntilAsync(_cluster[1], servers => servers[0].Circuit == CircuitState.Isolated);
        await _cluster[1].Pool.CommandAsync(new ResetCircuit("a"));
        await UntilAsync(_cluster[0], servers => servers[0].Circuit == CircuitState.Closed);

        await _cluster[0].Pool.CommandAsync(new DrainServer("a"));
        await UntilAsync(_cluster[1], servers => servers[0] is { Status: ServerStatus.Disconnected, Draining: false });
        await Eventually.TrueAsync(() => _cluster.Memory["a"].Connections == 0, "the connections are closed");
        await _cluster[1].Pool.CommandAsync(new ConnectServer("a"));
        await UntilAsync(_cluster[0], servers => servers[0].Status == ServerStatus.Connected);
    }

    [Fact]
    public async Task Routes_and_groups_are_the_same_on_all_nodes()
    {
        await _cluster[0].Pool.CommandAsync(new ApplyConfiguration(Configured with
        {
            Routes =
            [
                new RouteSettings
                {
                    Match = "work",
                    Server = "b",
                    Timeout = TimeSpan.FromSeconds(7),
                    Hedge = new Hedging { Quantile = 0.9 },
                },
            ],
            LoadBalancing = "random",
        }));

        await Eventually.TrueAsync(
            async () => await _cluster[1].Pool.ExplainAsync(new CallTool("work")) is { Server: "b", Timeout.TotalSeconds: 7 },
            "the route holds on the other node");
        Assert.Equal("random", (await _cluster[1].Pool.ExplainAsync(new CallTool("other"))).Strategy);
        var routing = (await _cluster[1].Pool.GetStatusAsync()).Routing!;
        Assert.Equal(("random", "b"), (routing.LoadBalancing, Assert.Single(routing.Routes).Server));
    }

    [Fact]
    public async Task A_node_that_joins_later_has_all_earlier_changes()
    {
        await _cluster[0].Pool.CommandAsync(new AddServer(Server("c")));
        await _cluster[0].Pool.CommandAsync(new UpdateServer(Server("a") with { Weight = 7 }));
        await _cluster[0].Pool.CommandAsync(new RemoveServer("b"));
        await _cluster[1].Pool.CommandAsync(new IsolateServer("a"));

        var late = await _cluster.AddAsync();

        await UntilAsync(
            late,
            servers => servers.Select(server => server.Name).SequenceEqual(["a", "c"])
                && servers[0] is { Weight: 7, Circuit: CircuitState.Isolated });
    }

    [Fact]
    public async Task A_node_that_reads_its_unchanged_file_again_changes_nothing_on_other_nodes()
    {
        var routed = Configured with { Routes = [new RouteSettings { Match = "work", Server = "b" }] };
        await _cluster[0].Pool.CommandAsync(new ApplyConfiguration(routed));
        await _cluster[0].Pool.CommandAsync(new RemoveServer("a"));

        // Before and after it has received the changes.
        var late = await _cluster.AddAsync();
        await late.Pool.CommandAsync(new ApplyConfiguration(Configured));
        await UntilAsync(late, servers => servers.All(server => server.Name != "a"));
        await late.Pool.CommandAsync(new ApplyConfiguration(Configured));
        await late.Pool.CommandAsync(new AddServer(Server("c")));
        await UntilAsync(_cluster[0], servers => servers.Any(server => server.Name == "c"));

        foreach (var node in new[] { _cluster[0], _cluster[1], late })
        {
            Assert.Equal("b", (await node.Pool.ExplainAsync(new CallTool("work"))).Server);
            Assert.Null(await node.ServerAsync("a"));
        }
    }

    [Fact]
    public async Task A_program_of_another_node_is_taken_over_once_the_own_file_has_it()
    {
        var program = new ServerSettings { Name = "p", Command = "no-such-program", Placement = ServerPlacement.EveryNode };
        var withProgram = Configured with { Servers = [.. Configured.Servers, program] };
        await _cluster[0].Pool.CommandAsync(new ApplyConfiguration(withProgram));
        // Arrives after it.
        await _cluster[0].Pool.CommandAsync(new AddServer(Server("c")));
        await _cluster[1].ConnectedAsync("c");
        Assert.Null(await _cluster[1].ServerAsync("p"));

        await _cluster[1].Pool.CommandAsync(new ApplyConfiguration(withProgram));

        Assert.NotNull(await _cluster[1].ServerAsync("p"));
    }

    [Fact]
    public async Task A_node_with_shared_commands_takes_over_a_program_of_another_node()
    {
        var trusting = await _cluster.AddAsync(settings: cluster => cluster with { SharedCommands = true });
        await _cluster[0].Pool.CommandAsync(new AddServer(
            new ServerSettings { Name = "p", Command = "no-such-program", Placement = ServerPlacement.EveryNode }));

        await UntilAsync(trusting, servers => servers.Any(server => server.Name == "p"));
    }

    [Fact]
    public async Task Of_two_concurrent_changes_the_same_one_wins_on_every_node()
    {
        for (var round = 1; round <= 10; round++)
        {
            var weight = round;
            await Task.WhenAll(
                _cluster[0].Pool.CommandAsync(new UpdateServer(Server("a") with { Weight = 100 + weight })),
                _cluster[1].Pool.CommandAsync(new UpdateServer(Server("a") with { Weight = 200 + weight })));
        }

        await Eventually.TrueAsync(
            async () => await WeightAsync(0) == await WeightAsync(1) && await WeightAsync(0) is 110 or 210,
            "both have the same one of the last two changes");
        async Task<int> WeightAsync(int node) => (await _cluster[node].ServerAsync("a"))!.Weight;
    }

    [Fact]
    public async Task The_intent_for_a_server_is_forgotten_on_every_node_when_it_is_removed()
    {
        await _cluster[0].Pool.CommandAsync(new AddServer(Server("c")));
        await _cluster[0].Pool.CommandAsync(new IsolateServer("c"));
        await UntilAsync(_cluster[1], servers => servers.Any(server => server is { Name: "c", Circuit: CircuitState.Isolated }));
        await _cluster[0].Pool.CommandAsync(new RemoveServer("c"));
        await UntilAsync(_cluster[1], servers => servers.All(server => server.Name != "c"));

        await _cluster[0].Pool.CommandAsync(new AddServer(Server("c")));

        await UntilAsync(
            _cluster[1],
            servers => servers.Any(server => server is { Name: "c", Circuit: CircuitState.Closed, Status: ServerStatus.Connected }));
    }

    [Fact]
    public async Task Changes_after_a_crash_are_shared_as_before()
    {
        await _cluster[0].Pool.CommandAsync(new UpdateServer(Server("a") with { Weight = 2 }));
        await UntilAsync(_cluster[1], servers => servers[0].Weight == 2);

        _cluster[0].System.ActorSelection("/user/mcp-pool/shared-settings").Tell(Kill.Instance);

        await _cluster[1].Pool.CommandAsync(new UpdateServer(Server("a") with { Weight = 3 }));
        await UntilAsync(_cluster[0], servers => servers[0].Weight == 3);
        await _cluster[0].Pool.CommandAsync(new UpdateServer(Server("a") with { Weight = 4 }));
        await UntilAsync(_cluster[1], servers => servers[0].Weight == 4);
    }

    [Fact]
    public async Task Unreadable_entries_of_another_version_do_not_block_the_others()
    {
        var (cluster, replicator) = (_cluster[1].Cluster, DistributedData.Get(_cluster[1].System).Replicator);
        await replicator.Ask<UpdateSuccess>(
            Dsl.Update(
                new LWWDictionaryKey<string, string>("mcp-pool"), LWWDictionary<string, string>.Empty, WriteLocal.Instance, "here",
                all => all
                    .SetItem(cluster, "server/x", "[]")
                    .SetItem(cluster, "intent/a", "[]")
                    .SetItem(cluster, "of-tomorrow/a", "{}")
                    .SetItem(cluster, "routing", "null")),
            PoolHost.Patience);

        // The first change may arrive together with the unreadable entries; the second arrives after them.
        await _cluster[0].Pool.CommandAsync(new AddServer(Server("c")));
        await _cluster[1].ConnectedAsync("c");
        await _cluster[0].Pool.CommandAsync(new UpdateServer(Server("c") with { Weight = 7 }));

        await UntilAsync(
            _cluster[1], servers => servers.Select(server => server.Name).SequenceEqual(["a", "b", "c"]) && servers[2].Weight == 7);
    }

    private static ServerSettings Server(string name) => new() { Name = name, Uri = new Uri($"memory://{name}") };

    private static Task UntilAsync(TestNode node, Func<IReadOnlyList<ServerInfo>, bool> wanted) =>
        Eventually.TrueAsync(async () => wanted((await node.Pool.GetStatusAsync()).Servers), "the node has it too");
}
