using Akka.Actor;
using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace McpActors.Tests.Hosting;

/// <summary>The health checks that a service adds with one line, over a pool with one server down.</summary>
public sealed class HealthTests
{
    private readonly MemoryServers _memory = new();

    [Theory]
    [InlineData(HealthStatus.Healthy)]
    [InlineData(HealthStatus.Healthy, "up")]
    [InlineData(HealthStatus.Unhealthy, "down")]
    [InlineData(HealthStatus.Unhealthy, "up", "down")]
    [InlineData(HealthStatus.Unhealthy, "no-such-group")]
    public async Task It_is_ready_while_each_required_group_has_a_server(HealthStatus expected, params string[] requiredGroups)
    {
        await using var host = await StartAsync();

        var report = await CheckAsync(host.Pool, McpPoolHealthExtensions.ReadyTag, requiredGroups);

        Assert.Equal(expected, report.Status);
        Assert.Contains("1 of 2 servers are connected", Assert.Single(report.Entries).Value.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_of_unavailable_groups_are_in_the_data_and_not_in_the_description()
    {
        await using var host = await StartAsync();

        var entry = Assert.Single((await CheckAsync(host.Pool, McpPoolHealthExtensions.ReadyTag, "up", "down")).Entries).Value;

        Assert.Equal(["down"], Assert.IsType<List<string>>(entry.Data["groups-without-server"]));
        Assert.DoesNotContain("down", entry.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_lives_while_the_pool_answers_and_is_not_ready_without_a_server()
    {
        await using var host = await PoolHost.StartAsync(PoolHost.Settings("down"), _memory);

        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(host.Pool, McpPoolHealthExtensions.LiveTag)).Status);
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(host.Pool, McpPoolHealthExtensions.ReadyTag)).Status);
    }

    [Fact]
    public async Task It_lives_while_its_router_is_busy()
    {
        await using var host = await StartAsync();
        var router = (IInternalActorRef)((ActorRefWithCell)host.Actor).Children.Single(child => child.Path.Name == "router");
        router.Suspend();
        try
        {
            Assert.Equal(HealthStatus.Healthy, (await CheckAsync(host.Pool, McpPoolHealthExtensions.LiveTag)).Status);
        }
        finally
        {
            router.Resume(null);
        }
    }

    private async Task<PoolHost> StartAsync()
    {
        _memory.Add("a");
        var host = await PoolHost.StartAsync(
            new PoolSettings
            {
                Servers =
                [
                    new ServerSettings { Name = "a", Uri = new Uri("memory://a"), Group = "up" },
                    new ServerSettings { Name = "b", Uri = new Uri("memory://b"), Group = "down" },
                ],
            },
            _memory);
        await host.UntilAsync("a", ServerStatus.Connected);
        return host;
    }

    private static async Task<HealthReport> CheckAsync(IMcpPool pool, string tag, params string[] requiredGroups)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(pool);
        services.AddHealthChecks().AddMcpPoolChecks(requiredGroups);
        await using var provider = services.BuildServiceProvider();
        return await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains(tag));
    }
}
