using Akka.Actor;
using Akka.Hosting;
using McpActors.Clustering;
using McpActors.Configuration;
using McpActors.Host.Api;
using McpActors.Host.Commands;
using McpActors.Host.Dashboard;
using McpActors.Host.Demo;
using McpActors.Host.Listening;
using McpActors.Host.Reloading;
using McpActors.Host.Security;
using McpActors.Host.Settings;
using McpActors.Hosting;
using McpActors.Pool;

namespace McpActors.Host;

/// <summary>The worker: a pool, its HTTP API and dashboard, and demo servers if no configuration is given.</summary>
internal static class Worker
{
    private const int Succeeded = 0;
    private const int Failed = 1;

    private const string RemovedFromCluster =
        "This node was removed from its cluster: the other nodes could not reach it for too long, or it was on the smaller side of a "
        + "network partition. Start it again to rejoin.";

    /// <summary>The time to stop beside draining and closing: for the phases of the actor system and the last HTTP answers.</summary>
    private static readonly TimeSpan StopReserve = TimeSpan.FromSeconds(15);

    /// <summary>Runs until Ctrl-C or SIGTERM, then drains.</summary>
    /// <returns>The exit code: 0 when it was asked to stop, 1 when it could not start or was removed from its cluster.</returns>
    public static async Task<int> RunAsync(WorkerOptions options)
    {
        try
        {
            // All settings are checked first, so that a mistake opens no port.
            var configured = WorkerConfiguration.Read(options.ConfigFile);
            // appsettings.json is the one beside the program, not that of the current directory.
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
            var urls = options.Urls ?? builder.Configuration["urls"] ?? WorkerOptions.DefaultUrls;
            if (ListenAddress.Problems(urls) is { Count: > 0 } problems)
                return Fail(string.Join(Environment.NewLine, problems));
            // Kestrel listens at its own endpoints instead of these addresses, if it has any.
            var endpoints = builder.Configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]);
            if (AccessControl.Problem(string.Join(';', [urls, .. endpoints]), configured.Host) is { } open)
                return Fail(open);
            if (configured.Cluster is { } cluster)
                await CannotListenException.TryAsync(cluster);

            await using var demo = configured.Pool is null ? await DemoServers.StartAsync(options.DemoPort, TimeProvider.System) : null;
            var starting = true;
            await using var app = Build(builder, urls, configured, configured.Pool ?? demo!.Pool, options.ConfigFile, () => starting);
            await CannotListenException.StartAsync(app, urls, "Choose another address with --urls.");
            starting = false;
            await ReportAsync(app, configured, options);
            await app.WaitForShutdownAsync();
            var shutdown = CoordinatedShutdown.Get(app.Services.GetRequiredService<ActorSystem>());
            return shutdown.ShutdownReason is CoordinatedShutdown.ClusterDowningReason ? Fail(RemovedFromCluster) : Succeeded;
        }
        catch (Exception e) when (e is InvalidSettingsException or CannotListenException)
        {
            return Fail(e.Message);
        }
        catch (Exception e)
        {
            // A bug, so all its details are shown.
            return Fail($"McpActors stopped because of an unexpected error: {e}");
        }
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return Failed;
    }

    private static WebApplication Build(
        WebApplicationBuilder builder, string urls, WorkerConfiguration configured, PoolSettings settings, string? configFile,
        Func<bool> starting)
    {
        builder.WebHost.UseUrls(urls);
        // Notifies systemd when the worker serves and when it stops (Type=notify); no effect elsewhere.
        builder.Services.AddSystemd();
        builder.AddHostLogging(configured.Host.LogFormat, starting);
        builder.AddPoolApi(settings, configured.Host, configFile);
        builder.Services.AddHostedService<ConfigurationWatcher>();
        builder.AddDashboard(settings);
        builder.Services.AddAkka("mcp-actors", akka =>
        {
            akka
                .ConfigureLoggers(loggers =>
                {
                    loggers.LogConfigOnStart = false;
                    loggers.LogLevel = HostLogging.LevelOfAkka(builder.Configuration);
                    loggers.ClearLoggers();
                    loggers.AddCategoryLogger();
                })
                // Akka's own hook would hide SIGTERM from everything else until the pool has drained; the host stops both.
                .AddHocon("akka.coordinated-shutdown.run-by-clr-shutdown-hook = off", HoconAddMode.Prepend)
                // Messages to actors that stopped first are normal then.
                .AddHocon("akka.log-dead-letters-during-shutdown = off", HoconAddMode.Prepend)
                .AddHocon(configured.Akka, HoconAddMode.Prepend);
            if (configured.Cluster is { } cluster)
                akka.WithMcpCluster(cluster);
            akka.WithMcpPool(settings);
        });
        builder.Services.AddMcpPoolClient();
        builder.Services.Configure<HostOptions>(stopping =>
        {
            // Concurrently: the requests in flight end because the pool drains, so the web server must not wait for them first.
            stopping.ServicesStopConcurrently = true;
            var draining = settings.DrainTimeout + (settings.CloseTimeout * 3);
            // A node of a cluster then hands over its servers, which takes at most as long again.
            var handover = configured.Cluster is null ? TimeSpan.Zero : draining;
            stopping.ShutdownTimeout = draining + handover + configured.Host.ShutdownDelay + StopReserve;
        });

        var app = builder.Build();
        app.UsePoolApi();
        app.UseDashboard();
        return app;
    }

    private static async Task ReportAsync(WebApplication app, WorkerConfiguration configured, WorkerOptions options)
    {
        try
        {
            var pool = app.Services.GetRequiredService<IMcpPool>();
            var status = await StartupReport.FirstAttemptsAsync(pool, TimeProvider.System, app.Lifetime.ApplicationStopping);
            var source = options.ConfigFile is { } file ? $"the servers of {file}"
                : configured.Pool is not null ? "the servers of appsettings.json and the environment"
                : "three demo servers (use --config FILE for your own)";
            await Console.Out.WriteAsync(StartupReport.Write(status, app.Urls, source));
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Stopped before the servers answered: there is nothing to report.
        }
    }
}
