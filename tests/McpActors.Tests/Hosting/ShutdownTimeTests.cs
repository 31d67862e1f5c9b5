using Akka.Actor;
using Akka.Hosting;
using McpActors.Clustering;
using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace McpActors.Tests.Hosting;

/// <summary>No phase of the actor system's shutdown cuts a drain short that the settings allow.</summary>
public sealed class ShutdownTimeTests
{
    [Theory]
    [InlineData("drain-timeout", 25, 5)]
    [InlineData("close-timeout", 5, 25)]
    public void Longer_times_are_refused(string key, int drainHours, int closeHours)
    {
        var settings = new PoolSettings { DrainTimeout = TimeSpan.FromHours(drainHours), CloseTimeout = TimeSpan.FromHours(closeHours) };

        var problem = Assert.Single(SettingsValidator.Validate(settings, PoolConfiguration.BuiltInStrategies));

        Assert.Equal($"mcp-actors.pool.{key}", problem.Path);
        Assert.Contains("at most 24h", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drain_time_that_a_reload_raised_holds_at_the_shutdown()
    {
        var memory = new MemoryServers();
        memory.Add("a").Tool("work", () => MemoryAnswer.After(TimeSpan.FromSeconds(0.5), "done"));
        var started = PoolHost.Settings("a") with { DrainTimeout = TimeSpan.Zero, CloseTimeout = TimeSpan.FromMilliseconds(1) };
        var host = await PoolHost.StartConnectedAsync(started, memory);
        var handshakes = memory["a"].Received("server/discover");
        await host.Pool.CommandAsync(new ApplyConfiguration(started with { DrainTimeout = PoolHost.Patience }));
        // The change replaces the server; the one before it drains by its own settings.
        await host.UntilAsync(_ => memory["a"].Received("server/discover") > handshakes && memory["a"].Connections == 1);
        var call = host.Pool.CallToolAsync("work");
        await host.UntilAsync(_ => memory["a"].Received("work") == 1);

        await host.DisposeAsync();

        Assert.Equal("done", (await call).Text);
    }

    [Fact]
    public async Task The_phases_of_a_node_are_longer_than_its_drain_can_be()
    {
        var longest = new PoolSettings { DrainTimeout = TimeSpan.FromDays(1), CloseTimeout = TimeSpan.FromDays(1) };
        Assert.Empty(SettingsValidator.Validate(longest, PoolConfiguration.BuiltInStrategies));
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAkka("mcp-actors", akka => akka
            .WithMcpCluster(new McpClusterSettings { Port = 0 })
            .WithMcpPool(PoolHost.Settings()));
        using var host = builder.Build();
        await host.StartAsync();

        var shutdown = CoordinatedShutdown.Get(host.Services.GetRequiredService<ActorSystem>());
        var phases = new[] { CoordinatedShutdown.PhaseServiceRequestsDone, CoordinatedShutdown.PhaseClusterShardingShutdownRegion };
        var (limits, total) = (phases.Select(shutdown.Timeout).ToArray(), shutdown.TotalTimeout);
        await host.StopAsync();

        Assert.All(limits, limit => Assert.True(limit > longest.DrainTimeout + (longest.CloseTimeout * 3), $"{limit} is too short"));
        // Akka waits for it in a way that cannot wait longer.
        Assert.InRange(total, TimeSpan.Zero, TimeSpan.FromMilliseconds(int.MaxValue));
    }
}
