using Akka.Actor;
using Akka.Hosting;
using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace McpActors.Tests;

/// <summary>A pool in a host of its own, as a service would embed it, with the real clock and real transports.</summary>
internal sealed class PoolHost : IAsyncDisposable
{
    /// <summary>A guard against waiting for ever, not a measure of anything.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly IHost _host;

    private PoolHost(IHost host) => _host = host;

    public IMcpPool Pool => _host.Services.GetRequiredService<IMcpPool>();

    public ActorSystem System => _host.Services.GetRequiredService<ActorSystem>();

    public IActorRef Actor => _host.Services.GetRequiredService<ActorRegistry>().Get<PoolActorKey>();

    public static async Task<PoolHost> StartAsync(
        PoolSettings settings, MemoryServers? memory = null, Action<McpPoolOptions>? configure = null)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMcpPool(settings, options =>
        {
            options.MemoryServers = memory ?? options.MemoryServers;
            options.RandomSeed = 1;
            configure?.Invoke(options);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new PoolHost(host);
    }

    /// <summary>A pool of memory servers, all connected and with their catalogues read.</summary>
    public static async Task<PoolHost> StartConnectedAsync(PoolSettings settings, MemoryServers memory)
    {
        var host = await StartAsync(settings, memory);
        await host.UntilAsync(status => status.Servers.All(server => server is { Status: ServerStatus.Connected, Tools: not null }));
        return host;
    }

    /// <summary>Settings for memory servers of these names, in that order.</summary>
    public static PoolSettings Settings(params string[] memoryServers) => new()
    {
        Servers =
        [
            .. memoryServers.Select((name, i) =>
                new ServerSettings { Name = name, Uri = new Uri($"memory://{name}"), Priority = i + 1 }),
        ],
    };

    /// <summary>
    /// Waits until the pool's status meets the condition. Reads it again every few milliseconds, because counts change without an event.
    /// </summary>
    public async Task<PoolStatus> UntilAsync(Func<PoolStatus, bool> wanted)
    {
        using var patience = new CancellationTokenSource(Patience);
        var last = await Pool.GetStatusAsync();
        try
        {
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
            while (!wanted(last))
            {
                await tick.WaitForNextTickAsync(patience.Token);
                last = await Pool.GetStatusAsync(patience.Token);
            }
            return last;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"the pool did not become as wanted; it is: {string.Join("; ", last.Servers)}");
        }
    }

    public Task<PoolStatus> UntilAsync(string server, ServerStatus status) =>
        UntilAsync(pool => pool.Servers.Single(info => info.Name == server).Status == status);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
