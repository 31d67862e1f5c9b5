using Akka.Actor;
using Akka.Hosting;
using McpActors.Balancing;
using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace McpActors.Tests.Hosting;

/// <summary>The ways a service can embed the pool.</summary>
public sealed class HostingTests
{
    [Fact]
    public async Task A_service_with_akka_configures_the_pool_in_hocon()
    {
        var memory = new MemoryServers();
        memory.Add("a").Tool("who", () => "a");
        memory.Add("b").Tool("who", () => "b");
        using var host = await StartAsync(services => services
            .AddAkka("my-system", akka => akka
                .AddHocon(
                    """
                    mcp-actors.pool {
                      load-balancing = last
                      servers {
                        a { uri = "memory://a" }
                        b { uri = "memory://b" }
                      }
                    }
                    """,
                    HoconAddMode.Prepend)
                .WithMcpPool(options =>
                {
                    options.MemoryServers = memory;
                    options.Strategies["last"] = _ => new Last();
                }))
            .AddMcpPoolClient());
        var pool = host.Services.GetRequiredService<IMcpPool>();
        // The router prefers a server whose tools are known, so both must have listed theirs.
        await Eventually.TrueAsync(
            async () => (await pool.GetStatusAsync()).Servers.All(server => server is { Status: ServerStatus.Connected, Tools: 1 }),
            "both servers are ready");

        Assert.Equal("b", (await pool.ExecuteAsync("who")).Server);
        var system = host.Services.GetRequiredService<ActorSystem>();
        var byPath = await system.ActorSelection("/user/mcp-pool").ResolveOne(PoolHost.Patience);
        Assert.Equal(byPath, host.Services.GetRequiredService<ActorRegistry>().Get<PoolActorKey>());
        Assert.IsType<CallCompleted>(await byPath.Ask<object>(new Execute("who"), PoolHost.Patience));
        Assert.Equal("b", (await byPath.ToMcpPool(system).ExecuteAsync("who")).Server);
        await host.StopAsync();
    }

    [Fact]
    public async Task Invalid_settings_prevent_the_start_and_are_all_reported_together()
    {
        var settings = new PoolSettings
        {
            LoadBalancing = "magic",
            Servers = [new ServerSettings { Name = "a" }],
            CallTimeout = TimeSpan.FromSeconds(-1),
        };

        var invalid = await Assert.ThrowsAsync<InvalidSettingsException>(() => StartAsync(services => services.AddMcpPool(settings)));

        Assert.Equal(3, invalid.Problems.Count);
    }

    private static async Task<IHost> StartAsync(Action<IServiceCollection> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(logging => logging.ClearProviders());
        configure(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>A strategy of a user's own.</summary>
    private sealed class Last : ILoadBalancingStrategy
    {
        public Candidate Choose(CandidateSet candidates, string? affinityKey) => candidates.Servers[^1];
    }
}
