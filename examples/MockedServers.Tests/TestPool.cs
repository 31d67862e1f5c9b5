using McpActors;
using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MockedServers;

/// <summary>A pool of mocked servers, embedded as a service does it: real MCP, in this process.</summary>
internal sealed class TestPool : IAsyncDisposable
{
    private readonly IHost _host;

    private TestPool(IHost host) => _host = host;

    public IMcpPool Pool => _host.Services.GetRequiredService<IMcpPool>();

    /// <summary>Starts a pool of these servers, the first with the best priority, and waits until each has listed its tools.</summary>
    public static Task<TestPool> StartAsync(MemoryServers servers, params string[] names) =>
        StartAsync(servers, attemptTimeout: null, names);

    /// <summary>The same; a call that is safe to repeat moves to another server when the first does not answer within this time.</summary>
    public static async Task<TestPool> StartAsync(MemoryServers servers, TimeSpan? attemptTimeout, params string[] names)
    {
        var settings = new PoolSettings
        {
            LoadBalancing = "priority",
            AttemptTimeout = attemptTimeout,
            Servers = [.. names.Select((name, i) => new ServerSettings { Name = name, Uri = new($"memory://{name}"), Priority = i + 1 })],
        };
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMcpPool(settings, options => options.MemoryServers = servers);
        var test = new TestPool(builder.Build());
        await test._host.StartAsync();
        using var guard = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await test.Pool.GetStatusAsync()).Servers.Any(server => server is not { Status: ServerStatus.Connected, Tools: not null }))
            await tick.WaitForNextTickAsync(guard.Token);
        return test;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
