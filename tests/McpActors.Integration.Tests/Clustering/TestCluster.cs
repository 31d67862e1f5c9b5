using Akka.Actor;
using Akka.Hosting;
using McpActors.Clustering;
using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Cluster = Akka.Cluster.Cluster;
using MemberStatus = Akka.Cluster.MemberStatus;

namespace McpActors.Tests.Clustering;

/// <summary>
/// Nodes of one cluster in this process, over real sockets on loopback. They share <see cref="Memory"/>, so that a server in memory is the
/// same server for all of them, like a server in the network.
/// </summary>
internal sealed class TestCluster(PoolSettings configured) : IAsyncDisposable
{
    private readonly List<TestNode> _nodes = [];

    public MemoryServers Memory { get; } = new();

    public TestNode this[int node] => _nodes[node];

    /// <summary>Starts a node and waits until every running node sees it as up.</summary>
    public async Task<TestNode> AddAsync(
        PoolSettings? other = null, string? hocon = null, Func<McpClusterSettings, McpClusterSettings>? settings = null)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        var seed = Running.FirstOrDefault()?.Address;
        builder.Services.AddAkka("mcp-actors", akka => akka
            .AddHocon($$"""
                # Only faster, with the same results.
                akka.cluster.gossip-interval = 100ms
                akka.cluster.leader-actions-interval = 100ms
                akka.cluster.unreachable-nodes-reaper-interval = 200ms
                akka.cluster.distributed-data.gossip-interval = 100ms
                akka.cluster.distributed-data.notify-subscribers-interval = 50ms
                akka.cluster.sharding.retry-interval = 200ms
                akka.cluster.sharding.rebalance-interval = 1s
                akka.cluster.sharding.entity-restart-backoff = 200ms
                # A node that is killed ends at once, without leaving the cluster.
                akka.coordinated-shutdown.run-by-actor-system-terminate = off
                akka.coordinated-shutdown.terminate-actor-system = on
                {{hocon}}
                """, HoconAddMode.Prepend)
            .WithMcpCluster((settings ?? (same => same))(
                new McpClusterSettings
                {
                    Port = 0,
                    SeedNodes = seed is null ? [] : [$"{seed.Host}:{seed.Port}"],
                    StableAfter = TimeSpan.FromSeconds(2),
                }))
            .WithMcpPool(other ?? configured, options => options.MemoryServers = Memory));
        builder.Services.AddMcpPoolClient();
        var host = builder.Build();
        await host.StartAsync();
        var node = new TestNode(host);
        if (seed is null)
            node.Cluster.Join(node.Address);
        _nodes.Add(node);
        await UpAsync();
        return node;
    }

    /// <summary>Waits until all running nodes see each other as up, and no other node.</summary>
    public Task UpAsync() => Eventually.TrueAsync(() => Running.All(node =>
        node.Cluster.State.Members.Count == Running.Count() && node.Cluster.State.Members.All(member => member.Status == MemberStatus.Up)
        && node.Cluster.State.Unreachable.IsEmpty), "the nodes are up");

    private IEnumerable<TestNode> Running => _nodes.Where(node => !node.HasEnded);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Running.Reverse().ToArray())
            await node.KillAsync();
    }
}

/// <summary>One node.</summary>
internal sealed class TestNode(IHost host)
{
    public ActorSystem System { get; } = host.Services.GetRequiredService<ActorSystem>();

    public IMcpPool Pool { get; } = host.Services.GetRequiredService<IMcpPool>();

    public Cluster Cluster => Cluster.Get(System);

    public Address Address { get; } = Cluster.Get(host.Services.GetRequiredService<ActorSystem>()).SelfAddress;

    public bool HasEnded { get; private set; }

    public async Task<ServerInfo?> ServerAsync(string name) =>
        (await Pool.GetStatusAsync()).Servers.SingleOrDefault(server => server.Name == name);

    /// <summary>Waits until this node can call the server.</summary>
    public Task ConnectedAsync(string server) =>
        Eventually.TrueAsync(
            async () => await ServerAsync(server) is { Status: ServerStatus.Connected, Tools: not null }, $"{server} is connected");

    /// <summary>Leaves like a service that is stopped: running calls end, its servers move to the other nodes.</summary>
    public async Task LeaveAsync()
    {
        HasEnded = true;
        await host.StopAsync();
        host.Dispose();
    }

    /// <summary>Ends at once without leaving the cluster, as far as that is possible within one process.</summary>
    public async Task KillAsync()
    {
        HasEnded = true;
        await System.Terminate();
        host.Dispose();
    }
}
