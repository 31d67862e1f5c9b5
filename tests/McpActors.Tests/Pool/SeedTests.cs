using System.Text.Json;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>The three tests of the original example, with their names.</summary>
public sealed class SeedTests
{
    [Fact(DisplayName = "connects to multiple servers")]
    public async Task Connects_to_multiple_servers()
    {
        var memory = new MemoryServers();
        memory.Add("primary-server").Tool("getData", () => new { source = "primary" });
        memory.Add("secondary-server").Tool("getData", () => new { source = "secondary" });

        await using var host = await PoolHost.StartAsync(PoolHost.Settings("primary-server", "secondary-server"), memory);

        await host.UntilAsync("primary-server", ServerStatus.Connected);
        await host.UntilAsync("secondary-server", ServerStatus.Connected);
    }

    [Fact(DisplayName = "performs failover on error")]
    public async Task Performs_failover_on_error()
    {
        var memory = new MemoryServers();
        memory.Add("primary-server").Tool("getData", () => throw new InvalidOperationException("Primary failed"));
        memory.Add("secondary-server").Tool("getData", () => new { source = "secondary" });
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("primary-server", "secondary-server"), memory);

        var executed = await host.Pool.ExecuteAsync("getData", options: new CallOptions { Mode = CallMode.Failover });

        Assert.Equal("secondary", Source(executed));
        Assert.Equal(["primary-server", "secondary-server"], executed.Attempts.Select(attempt => attempt.Server));
        Assert.Equal([AttemptOutcome.ServerError, AttemptOutcome.Succeeded], executed.Attempts.Select(attempt => attempt.Outcome));
    }

    [Fact(DisplayName = "round-robin load balancing")]
    public async Task Round_robin_load_balancing()
    {
        var memory = new MemoryServers();
        string[] names = ["server-1", "server-2", "server-3"];
        foreach (var name in names)
            memory.Add(name).Tool("getData", () => new { source = name });
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings(names), memory);

        var sources = new List<string?>();
        for (var i = 0; i < 6; i++)
            sources.Add(Source(await host.Pool.ExecuteAsync("getData")));

        Assert.Equal([.. names, .. names], sources);
    }

    private static string? Source(CallCompleted executed) =>
        executed.Result.GetProperty("structuredContent") is { ValueKind: JsonValueKind.Object } content
            ? content.GetProperty("source").GetString()
            : null;
}
