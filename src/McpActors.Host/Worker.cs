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

/// <summary>The worker: a pool, its HTTP API, and demo servers where no configuration is given.</summary>
internal static class Worker
{
    private const int Succeeded = 0;
    private const int Failed = 1;

    /// <summary>What stopping takes beside draining and closing: the actor system's own phases and the last HTTP answers.</summary>
    private static readonly TimeSpan StopReserve = TimeSpan.FromSeconds(15);

    /// <summary>Runs until Ctrl-C or SIGTERM, then drains.</summary>
    /// <returns>The exit code: 0 when it was asked to stop, 1 when it could not start or was removed from its cluster.</returns>
    public static async Task<int> RunAsync(WorkerOptions options)
    {
        try
        {
            // All that can be wrong with what was given comes first: a mistake opens no port.
            var configured = WorkerConfiguration.Read(options.ConfigFile);
            // The settings beside the program count, whatever directory it is started from.
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
            return CoordinatedShutdown.Get(app.Services.GetRequiredService<ActorSystem>()).ShutdownReason is CoordinatedShutdown.ClusterDowningReason
                ? Fail("This node was removed from its cluster: the others could not reach it for too long, or it was on the smaller side of a partition. Start it again, and it joins anew.")
                : Succeeded;
        }
        catch (Exception e) when (e is InvalidSettingsException or CannotListenException)
        {
            return Fail(e.Message);
        }
        catch (Exception e)
        {
            // Nothing that an operator does leads here, so all there is to know is shown.
            return Fail($"McpActors ends because of an unexpected error. {e}");
        }
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return Failed;
    }

    private static WebApplication Build(
        WebApplicationBuilder builder, string urls, WorkerConfiguration configured, PoolSettings settings, string? configFile, Func<bool> starting)
    {
        builder.WebHost.UseUrls(urls);
        // Under systemd it says when it serves and when it stops (Type=notify); elsewhere this does nothing.
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
                    loggers.AddLoggerFactory();
                })
                // Akka's own hook would hold SIGTERM back from everything else until the pool has drained; the host stops both.
                .AddHocon("akka.coordinated-shutdown.run-by-clr-shutdown-hook = off", HoconAddMode.Prepend)
                .AddHocon(configured.Akka, HoconAddMode.Prepend);
            if (configured.Cluster is { } cluster)
                akka.WithMcpCluster(cluster);
            akka.WithMcpPool(settings);
        });
        builder.Services.AddMcpPoolClient();
        builder.Services.Configure<HostOptions>(stopping =>
        {
            // Side by side: the requests in flight end because the pool drains, so the web server must not wait for them first.
            stopping.ServicesStopConcurrently = true;
            // A node of a cluster then hands its servers over, which takes as long again at most.
            stopping.ShutdownTimeout = ((settings.DrainTimeout + (settings.CloseTimeout * 3)) * (configured.Cluster is null ? 1 : 2)) + configured.Host.ShutdownDelay + StopReserve;
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
                : "three demo servers of its own (--config FILE serves yours)";
            await Console.Out.WriteAsync(StartupReport.Write(status, app.Urls, source));
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Stopped before the servers had answered: there is nothing to report.
        }
    }
}
