using Akka.Actor;
using Akka.Hosting;
using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpActors.Benchmarks.SideBySide;

/// <summary>A pool in a host of its own, with every default of the library, whose servers have all connected.</summary>
internal sealed class RunningPool : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly IHost _host;

    private RunningPool(IHost host) => _host = host;

    public IMcpPool Pool => _host.Services.GetRequiredService<IMcpPool>();

    public IActorRef Actor => _host.Services.GetRequiredService<ActorRegistry>().Get<PoolActorKey>();

    public static async Task<RunningPool> StartAsync(PoolSettings settings, MemoryServers memory)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMcpPool(settings, options => options.MemoryServers = memory);
        var host = builder.Build();
        await host.StartAsync();
        var pool = new RunningPool(host);
        await pool.UntilConnectedAsync();
        return pool;
    }

    public async Task UntilConnectedAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!IsConnected(await Pool.GetStatusAsync(patience.Token)))
            await tick.WaitForNextTickAsync(patience.Token);
    }

    private static bool IsConnected(PoolStatus status) =>
        status.Servers.All(server => server is { Status: ServerStatus.Connected, Tools: not null });

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
