using Akka.Actor;
using Akka.Cluster.Tools.Client;
using Akka.Hosting;
using McpActors.Clustering;
using McpActors.Clustering.Nodes;
using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;
using Cluster = Akka.Cluster.Cluster;

namespace McpActors.Tests.Clustering.Nodes;

/// <summary>Two nodes over real sockets, whose pools have the same server: what each knows of the other, and does about it.</summary>
public sealed class NodesTests : IAsyncLifetime
{
    private const string Probe = "server/discover";

    private readonly MemoryServers _memory = new();
    private readonly List<IHost> _hosts = [];
    private IHost _first = null!;
    private IHost _second = null!;

    public async Task InitializeAsync()
    {
        _memory.Add("a").Tool("fail", () => MemoryAnswer.Error(-32050, "broken"));
        _first = await StartNodeAsync(seed: null);
        _second = await StartNodeAsync(AddressOf(_first));
        foreach (var host in _hosts)
            await UntilAsync(host, nodes => nodes.Count(node => node is { State: NodeState.Up, Known: true, Connected: 1, Total: 1 }) == 2, "both nodes know both");
    }

    public async Task DisposeAsync()
    {
        foreach (var host in Enumerable.Reverse(_hosts))
            await StopAsync(host);
    }

    [Fact]
    public async Task Each_node_shows_all_and_who_holds_which_connection()
    {
        var nodes = (await PoolOf(_second).GetClusterStatusAsync()).Nodes;

        string[] addresses = [TextOf(_first), TextOf(_second)];
        Assert.Equal(addresses.Order(StringComparer.Ordinal), nodes.Select(node => node.Address));
        Assert.Equal(TextOf(_second), Assert.Single(nodes, node => node.Self).Address);
        Assert.All(nodes, node => Assert.Equal([new NodeServer("a", ServerStatus.Connected, CircuitState.Closed, node.Address)], node.Servers));
    }

    [Fact]
    public async Task A_client_outside_the_cluster_sees_the_nodes_too()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAkka("outside", akka => akka
            .AddHocon("akka { actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0, maximum-frame-size = 20 MiB } }", HoconAddMode.Prepend)
            .WithMcpPoolMessages());
        var system = SystemOf(await StartAsync(builder));
        var contact = new RootActorPath(AddressOf(_first)) / "system" / "receptionist";
        var client = system.ActorOf(ClusterClient.Props(ClusterClientSettings.Create(system).WithInitialContacts([contact])));

        var status = await client.Ask<ClusterStatus>(new ClusterClient.Send("/user/mcp-pool", new GetClusterStatus { Servers = ["a"] }), PoolHost.Patience);

        Assert.Equal(["a", "a"], status.Nodes.Select(node => node.Servers.Single().Name));
    }

    [Fact]
    public async Task A_circuit_that_opens_on_one_node_has_the_other_probe_and_open_nothing()
    {
        var before = _memory["a"].Received(Probe);

        // A connection just made is not probed, so the circuit opens until it is.
        await Eventually.TrueAsync(async () =>
        {
            await OpenCircuitAsync(_first);
            await UntilAsync(_second, nodes => nodes.Single(node => !node.Self).Servers.Single().Circuit == CircuitState.Open, "the other node has heard of it");
            var probed = _memory["a"].Received(Probe) > before;
            await PoolOf(_first).CommandAsync(new ResetCircuit("a"));
            await UntilAsync(_second, nodes => nodes.Single(node => !node.Self).Servers.Single().Circuit == CircuitState.Closed, "the other node has heard of the reset");
            return probed;
        }, "the other node probed");

        var own = (await PoolOf(_second).GetStatusAsync()).Servers.Single();
        Assert.Equal((ServerStatus.Connected, CircuitState.Closed, 0), (own.Status, own.Circuit, own.Restarts));
    }

    [Fact]
    public async Task Servers_that_come_and_go_on_one_node_do_so_in_the_sight_of_the_other()
    {
        _memory.Add("b");
        await PoolOf(_first).CommandAsync(new AddServer(new ServerSettings { Name = "b", Uri = new Uri("memory://b") }));
        await UntilAsync(_second, nodes => nodes.Single(node => !node.Self) is { Total: 2, Connected: 2, Holds: 2 }, "b is there");

        await PoolOf(_first).CommandAsync(new RemoveServer("b"));
        await UntilAsync(_second, nodes => nodes.Single(node => !node.Self) is { Total: 1, Connected: 1, Holds: 1 }, "b is gone");
    }

    [Fact]
    public async Task A_node_that_stops_is_listed_no_more()
    {
        await StopAsync(_second);

        await UntilAsync(_first, nodes => nodes.Count == 1, "the node is alone");
    }

    [Fact]
    public async Task What_a_node_says_after_its_teller_failed_is_heard()
    {
        var other = NodeId.Of(Cluster.Get(SystemOf(_first)).SelfUniqueAddress);
        SystemOf(_second).ActorSelection("/user/mcp-pool/nodes").Tell(new NodeNews(other, long.MaxValue, null!, null!));

        await PoolOf(_second).CommandAsync(new IsolateServer("a"));

        await UntilAsync(_first, nodes => nodes.Single(node => !node.Self).CircuitsOpen == 1, "the change is known");
        await UntilAsync(_second, nodes => nodes.Count(node => node is { Known: true, Total: 1 }) == 2, "it knows the other again");
    }

    private static async Task OpenCircuitAsync(IHost host)
    {
        for (var i = 0; i < 5; i++)
            await Assert.ThrowsAnyAsync<McpPoolException>(() => PoolOf(host).CallToolAsync("fail", options: new CallOptions { Server = "a" }));
    }

    private static Task UntilAsync(IHost host, Func<IReadOnlyList<NodeInfo>, bool> wanted, string what) =>
        Eventually.TrueAsync(async () => wanted((await PoolOf(host).GetClusterStatusAsync()).Nodes), what);

    private static ActorSystem SystemOf(IHost host) => host.Services.GetRequiredService<ActorSystem>();

    private static IMcpPool PoolOf(IHost host) => host.Services.GetRequiredService<IMcpPool>();

    private static Address AddressOf(IHost host) => Cluster.Get(SystemOf(host)).SelfAddress;

    private static string TextOf(IHost host) => NodeId.TextOf(AddressOf(host));

    private async Task<IHost> StartNodeAsync(Address? seed)
    {
        // A probe is one that was asked for.
        var settings = PoolHost.Settings("a") with { Probe = new ProbeSettings { Interval = TimeSpan.FromHours(1) } };
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAkka("mcp-actors", akka => akka
            .WithMcpCluster(new ClusterSettings { Port = 0, SeedNodes = seed is null ? [] : [$"{seed.Host}:{seed.Port}"] })
            .WithMcpPool(settings, options => options.MemoryServers = _memory));
        builder.Services.AddMcpPool();
        var host = await StartAsync(builder);
        if (seed is null)
            Cluster.Get(SystemOf(host)).Join(AddressOf(host));
        return host;
    }

    private async Task<IHost> StartAsync(HostApplicationBuilder builder)
    {
        var host = builder.Build();
        await host.StartAsync();
        _hosts.Add(host);
        return host;
    }

    private async Task StopAsync(IHost host)
    {
        _hosts.Remove(host);
        await host.StopAsync();
        host.Dispose();
    }
}
