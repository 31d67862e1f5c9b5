using Akka.Actor;
using Akka.Cluster.Routing;
using Akka.Hosting;
using Akka.Routing;
using McpActors.Clustering;
using McpActors.Tests.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;
using Cluster = Akka.Cluster.Cluster;

namespace McpActors.Tests.Clustering;

/// <summary>A member of the cluster without a pool uses the pools of the nodes through a router.</summary>
public sealed class RouterTests : IAsyncLifetime
{
    private readonly TestCluster _cluster = new(PoolHost.Settings("a"));

    public async Task InitializeAsync()
    {
        _cluster.Memory.Add("a").Tool("work", () => "done");
        await _cluster.AddAsync();
        await _cluster.AddAsync();
        await _cluster[0].ConnectedAsync("a");
        await _cluster[1].ConnectedAsync("a");
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Every_pool_gets_calls_in_turn_and_none_after_it_has_left()
    {
        using var caller = await StartCallerAsync();
        var system = caller.Services.GetRequiredService<ActorSystem>();
        var pools = system.ActorOf(
            new ClusterRouterGroup(
                new RoundRobinGroup("/user/mcp-pool"),
                new ClusterRouterGroupSettings(100, ["/user/mcp-pool"], allowLocalRoutees: false, useRole: McpClusterSettings.Role))
                .Props(), "pools");
        await Eventually.TrueAsync(
            async () => (await pools.Ask<Routees>(GetRoutees.Instance, PoolHost.Patience)).Members.Count() == 2, "both pools are known");

        for (var call = 0; call < 4; call++)
            Assert.Equal("a", (await pools.Ask<CallCompleted>(new CallTool("work"), PoolHost.Patience)).Server);
        Assert.All([await CallsAsync(_cluster[0]), await CallsAsync(_cluster[1])], calls => Assert.Equal(2, calls));

        await _cluster[1].LeaveAsync();
        await Eventually.TrueAsync(
            async () => (await pools.Ask<Routees>(GetRoutees.Instance, PoolHost.Patience)).Members.Count() == 1,
            "the pool that left is no longer known");
        for (var call = 0; call < 2; call++)
            Assert.Equal("a", (await pools.Ask<CallCompleted>(new CallTool("work"), PoolHost.Patience)).Server);
        Assert.Equal(4, await CallsAsync(_cluster[0]));
        await caller.StopAsync();
    }

    private static async Task<long> CallsAsync(TestNode node) => (await node.ServerAsync("a"))!.Calls;

    private async Task<IHost> StartCallerAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAkka("mcp-actors", akka => akka
            .AddHocon("""
                akka {
                  actor.provider = cluster
                  remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0, maximum-frame-size = 20 MiB }
                  cluster.downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
                }
                """, HoconAddMode.Prepend)
            .WithMcpPoolMessages());
        var host = builder.Build();
        await host.StartAsync();
        var cluster = Cluster.Get(host.Services.GetRequiredService<ActorSystem>());
        await cluster.JoinAsync(_cluster[0].Address);
        return host;
    }
}
