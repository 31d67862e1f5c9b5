using Akka.Actor;
using Akka.Hosting;
using McpActors.Clustering;
using McpActors.Configuration;
using McpActors.Host.Api;
using McpActors.Host.Dashboard;
using McpActors.Host.Dashboard.Monitoring;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Transports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Cluster = Akka.Cluster.Cluster;

namespace McpActors.Host.Tests.Browser;

/// <summary>
/// The host's pages on a real Kestrel at a free port, over a real pool of servers in memory whose answers the test sets.
/// </summary>
internal sealed class DashboardHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DashboardHost(WebApplication app, MemoryServers servers) => (_app, Servers) = (app, servers);

    public MemoryServers Servers { get; }

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Its address in the cluster, as <c>host:port</c>.</summary>
    public string Node => $"{Cluster.Get(System).SelfAddress.Host}:{Cluster.Get(System).SelfAddress.Port}";

    private PoolMonitor Monitor => _app.Services.GetRequiredService<PoolMonitor>();

    private ActorSystem System => _app.Services.GetRequiredService<ActorSystem>();

    public IMcpPool Pool => _app.Services.GetRequiredService<IMcpPool>();

    /// <summary>Starts a pool of these servers, and waits until all are connected and the pages watch it.</summary>
    /// <param name="servers">Servers in memory.</param>
    /// <param name="settings">The pool, its servers included; null for a pool of all servers in memory.</param>
    /// <param name="history">The statuses that the pages have before the host starts.</param>
    /// <param name="address">The address on which it listens; null: a free port.</param>
    /// <param name="seeds">The nodes of the cluster it joins; empty: it starts a cluster; null: it joins none.</param>
    public static async Task<DashboardHost> StartAsync(
        MemoryServers? servers = null, PoolSettings? settings = null, IEnumerable<PoolStatus>? history = null, Uri? address = null,
        string[]? seeds = null)
    {
        servers ??= new MemoryServers();
        settings ??= new PoolSettings { Servers = [.. servers.Names.Order(StringComparer.Ordinal).Select(name => Memory(name))] };
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(DashboardHosting).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address?.ToString() ?? "http://127.0.0.1:0");
        builder.AddPoolApi(settings);
        builder.AddDashboard(settings);
        if (seeds is null)
        {
            builder.Services.AddMcpPool(settings, options => options.MemoryServers = servers);
        }
        else
        {
            builder.Services.AddMcpPoolClient().AddAkka("mcp-actors", akka => akka
                .WithMcpCluster(new McpClusterSettings { Port = 0, SeedNodes = seeds })
                .WithMcpPool(settings, options => options.MemoryServers = servers));
        }
        // Short messages stay until a test has read them.
        builder.Services.PostConfigure<MudBlazor.SnackbarConfiguration>(snackbar => snackbar.VisibleStateDuration = 600_000);
        var app = builder.Build();
        app.UsePoolApi();
        app.UseDashboard();
        var host = new DashboardHost(app, servers);
        foreach (var status in history ?? [])
            host.Monitor.Observe(status);
        var before = host.Monitor.View;
        await app.StartAsync();
        if (seeds is [])
            Cluster.Get(host.System).Join(Cluster.Get(host.System).SelfAddress);
        await Eventually.TrueAsync(
            async () => (await host.Pool.GetStatusAsync()).Servers.All(s => s.Status == ServerStatus.Connected && s.Tools is not null));
        // The monitor receives the pool's events and counts calls from its first query on.
        await host.SeenAsync(before);
        return host;
    }

    /// <summary>Waits until every open page has the current status of the pool.</summary>
    public async Task PagesUpdatedAsync()
    {
        // The monitor notifies the pages after each query, before the next one.
        for (var looks = 0; looks < 2; looks++)
            await SeenAsync(Monitor.View);
    }

    private Task SeenAsync(PoolView before) => Eventually.TrueAsync(() => Task.FromResult(!ReferenceEquals(Monitor.View, before)));

    /// <summary>The settings of a server in memory.</summary>
    public static ServerSettings Memory(string name, string group = ServerSettings.DefaultGroup, int priority = 1) =>
        new() { Name = name, Uri = new Uri($"memory://{name}"), Group = group, Priority = priority };

    /// <summary>Takes a server in memory down, for good until <see cref="Raise"/>.</summary>
    public void Kill(string name)
    {
        Servers[name].Refuse();
        Servers[name].Disconnect();
    }

    /// <summary>Lets a server in memory be connected again.</summary>
    public void Raise(string name) => Servers[name].Accept();

    /// <summary>As on SIGTERM: health checks report that it is stopping, and it keeps serving until it is disposed.</summary>
    public void BeginToStop() => _app.Lifetime.StopApplication();

    public async ValueTask DisposeAsync()
    {
        // Stop it like a host: disposal alone removes the services while pages are still open.
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
