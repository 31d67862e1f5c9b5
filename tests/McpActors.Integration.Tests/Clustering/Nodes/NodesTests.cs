using Akka.Actor;
using Akka.Cluster.Tools.Client;
using Akka.Hosting;
using McpActors.Clustering;
using McpActors.Clustering.Nodes;
using McpActors.Configuration;
using McpActors.Resilience;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace McpActors.Tests.Clustering.Nodes;

/// <summary>Two nodes whose pools have the same servers: how each sees the other, and how it reacts.</summary>
public sealed class NodesTests : IAsyncLifetime
{
    private const string Probe = "server/discover";

    // Every node has a connection to a; the cluster has one connection to one. Probes are sent only on request.
    private readonly TestCluster _cluster = new(new PoolSettings
    {
        Servers = [Memory("a"), Memory("one") with { Placement = ServerPlacement.OneNode }],
        Probe = new ProbeSettings { Interval = TimeSpan.FromHours(1) },
        Circuit = new CircuitSettings { OpenFor = TimeSpan.FromHours(1), MaxOpenFor = TimeSpan.FromHours(1) },
    });

    private TestNode First => _cluster[0];

    private TestNode Second => _cluster[1];

    public async Task InitializeAsync()
    {
        _cluster.Memory.Add("a").Tool("fail", () => MemoryAnswer.Error(-32050, "broken"));
        _cluster.Memory.Add("one");
        await _cluster.AddAsync();
        await _cluster.AddAsync();
        foreach (var node in new[] { First, Second })
        {
            await UntilAsync(
                node, nodes => nodes.Count(other => other is { State: NodeState.Up, Known: true, Connected: 2, Total: 2 }) == 2,
                "both nodes see both");
        }
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Each_node_shows_all_and_which_node_has_which_connection()
    {
        var holder = (await First.ServerAsync("one"))!.Node;
        foreach (var asked in new[] { First, Second })
        {
            var nodes = (await asked.Pool.GetClusterStatusAsync()).Nodes;

            Assert.Equal(new[] { TextOf(First), TextOf(Second) }.Order(StringComparer.Ordinal), nodes.Select(node => node.Address));
            Assert.Equal(TextOf(asked), Assert.Single(nodes, node => node.Self).Address);
            Assert.All(
                nodes,
                node => Assert.Equal([("a", node.Address), ("one", holder)], node.Servers.Select(server => (server.Name, server.HeldBy))));
            Assert.All(nodes, node => Assert.Equal(node.Address == holder ? 2 : 1, node.Holds));
        }
    }

    [Fact]
    public async Task A_client_outside_the_cluster_sees_the_nodes()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAkka("outside", akka => akka
            .AddHocon(
                "akka { actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0, maximum-frame-size = 20 MiB } }",
                HoconAddMode.Prepend)
            .WithMcpPoolMessages());
        using var host = builder.Build();
        await host.StartAsync();
        var system = host.Services.GetRequiredService<ActorSystem>();
        var contact = new RootActorPath(First.Address) / "system" / "receptionist";
        var client = system.ActorOf(ClusterClient.Props(ClusterClientSettings.Create(system).WithInitialContacts([contact])));

        var status = await client.Ask<ClusterStatus>(
            new ClusterClient.Send("/user/mcp-pool", new GetClusterStatus { Servers = ["a"] }), PoolHost.Patience);

        Assert.Equal(["a", "a"], status.Nodes.Select(node => node.Servers.Single().Name));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_circuit_that_opens_on_one_node_makes_the_other_probe_and_opens_no_circuit_there()
    {
        var before = _cluster.Memory["a"].Received(Probe);

        // A new connection is not probed again at once, so the circuit is opened until the other node has probed.
        await Eventually.TrueAsync(async () =>
        {
            for (var i = 0; i < 5; i++)
            {
                await Assert.ThrowsAnyAsync<McpPoolException>(
                    () => First.Pool.CallToolAsync("fail", options: new CallOptions { Server = "a" }));
            }

            await UntilAsync(Second, nodes => CircuitOf(nodes) == CircuitState.Open, "the other node sees the open circuit");
            var probed = _cluster.Memory["a"].Received(Probe) > before;
            await First.Pool.CommandAsync(new ResetCircuit("a"));
            await UntilAsync(Second, nodes => CircuitOf(nodes) == CircuitState.Closed, "the other node sees the reset");
            return probed;
        }, "the other node probed");

        var own = await Second.ServerAsync("a");
        Assert.Equal((ServerStatus.Connected, CircuitState.Closed, 0), (own!.Status, own.Circuit, own.Restarts));

        static CircuitState CircuitOf(IReadOnlyList<NodeInfo> nodes) =>
            nodes.Single(node => !node.Self).Servers.Single(server => server.Name == "a").Circuit;
    }

    [Fact]
    public async Task A_node_sees_servers_that_are_added_and_removed_on_another()
    {
        _cluster.Memory.Add("b");
        await First.Pool.CommandAsync(new AddServer(Memory("b")));
        await UntilAsync(Second, nodes => nodes.Single(node => !node.Self) is { Total: 3, Connected: 3 }, "b is there");

        await First.Pool.CommandAsync(new RemoveServer("b"));
        await UntilAsync(Second, nodes => nodes.Single(node => !node.Self) is { Total: 2, Connected: 2 }, "b is gone");
    }

    [Fact]
    public async Task A_node_that_left_is_not_listed()
    {
        await Second.LeaveAsync();

        await UntilAsync(First, nodes => nodes.Count == 1, "the node is alone");
    }

    [Fact]
    public async Task A_node_publishes_again_after_its_actor_failed()
    {
        var other = NodeId.Of(First.Cluster.SelfUniqueAddress);
        Second.System.ActorSelection("/user/mcp-pool/nodes").Tell(new NodeUpdate(other, long.MaxValue, null!, null!));

        await Second.Pool.CommandAsync(new IsolateServer("a"));

        await UntilAsync(First, nodes => nodes.Single(node => !node.Self).CircuitsOpen == 1, "the change is known");
        await UntilAsync(Second, nodes => nodes.Count(node => node is { Known: true, Total: 2 }) == 2, "it sees the other again");
    }

    private static ServerSettings Memory(string name) => new() { Name = name, Uri = new Uri($"memory://{name}") };

    private static Task UntilAsync(TestNode node, Func<IReadOnlyList<NodeInfo>, bool> wanted, string what) =>
        Eventually.TrueAsync(async () => wanted((await node.Pool.GetClusterStatusAsync()).Nodes), what);

    private static string TextOf(TestNode node) => NodeName.Of(node.Address);
}
