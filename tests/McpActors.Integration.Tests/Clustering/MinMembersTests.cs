using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Hosting;
using McpActors.Chaos.Cluster;
using McpActors.Clustering;
using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>The first seed node starts again while it is cut off from a cluster of two, whose nodes need each other.</summary>
public sealed class MinMembersTests : IAsyncLifetime
{
    private static readonly PoolSettings Settings = new()
    {
        Servers = [new ServerSettings { Name = "one", Uri = new Uri("memory://one"), Placement = ServerPlacement.OneNode }],
    };

    private readonly MemoryServers _memory = new();
    private readonly List<TestNode> _nodes = [];

    public async Task InitializeAsync()
    {
        _memory.Add("one").Tool("work", () => "done");
        var first = await StartAsync(new McpClusterSettings { Port = 0 });
        var second = await StartAsync(new McpClusterSettings { Port = 0 });
        first.Cluster.Join(first.Address);
        second.Cluster.Join(first.Address);
        await first.ConnectedAsync("one");
        await second.ConnectedAsync("one");
    }

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.KillAsync();
    }

    [Fact]
    public async Task It_makes_no_second_cluster_and_no_second_connection()
    {
        var port = FreePorts.Take(1)[0];
        var log = new ConcurrentQueue<string>();

        // The others do not answer: it finds only itself among the seed nodes, and joins itself.
        var alone = await StartAsync(new McpClusterSettings { Port = port, SeedNodes = [$"127.0.0.1:{port}"] });
        alone.System.EventStream.Subscribe(alone.System.ActorOf(Props.Create(() => new LogActor(log))), typeof(Warning));
        await Eventually.TrueAsync(
            () => log.Any(line => line.Contains("is in a cluster of 1 and not up yet", StringComparison.Ordinal)), "it logs why it waits");

        await Eventually.TrueAsync(
            () => alone.Cluster.State.Members is [{ Status: MemberStatus.Joining }], "it joins itself alone");
        Assert.Equal(1, _memory["one"].Connections);
        var failed = Assert.IsType<CallFailed>(await alone.Pool.SendAsync(new CallTool("work")));
        Assert.Equal((PoolErrorKind.NoServerAvailable, false), (failed.Error.Kind, failed.Error.MayHaveRun));
        Assert.All(_nodes[..2], node => Assert.Equal(2, node.Cluster.State.Members.Count));
        Assert.Equal("one", (await _nodes[0].Pool.CallToolAsync("work")).Server);
    }

    private async Task<TestNode> StartAsync(McpClusterSettings settings)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAkka("mcp-actors", akka => akka
            .AddHocon("""
                # Only faster, with the same results.
                akka.cluster.gossip-interval = 100ms
                akka.cluster.leader-actions-interval = 100ms
                akka.cluster.seed-node-timeout = 1s
                # A node that is killed ends at once, without leaving the cluster.
                akka.coordinated-shutdown.run-by-actor-system-terminate = off
                """, HoconAddMode.Prepend)
            .WithMcpCluster(settings with { MinMembers = 2 })
            .WithMcpPool(Settings, options => options.MemoryServers = _memory));
        builder.Services.AddMcpPoolClient();
        var host = builder.Build();
        await host.StartAsync();
        var node = new TestNode(host);
        _nodes.Add(node);
        return node;
    }

    private sealed class LogActor : ReceiveActor
    {
        public LogActor(ConcurrentQueue<string> log) => Receive<Warning>(entry => log.Enqueue($"{entry.Message}"));
    }
}
