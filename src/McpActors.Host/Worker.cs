using Akka.Actor;
using Akka.Hosting;
using McpActors.Clustering;
using McpActors.Configuration;
using McpActors.Host.Api;
using McpActors.Host.Commands;
using McpActors.Host.Dashboard;
using McpActors.Host.Demo;
using McpActors.Host.Listening;
using McpActors.Host.Mcp;
using McpActors.Host.Reloading;
using McpActors.Host.Security;
using McpActors.Host.Settings;
using McpActors.Hosting;
using McpActors.Pool;

namespace McpActors.Host;

/// <summary>The worker: a pool, its HTTP API and dashboard, and demo servers if no configuration is given.</summary>
internal static class Worker
{
    private const string RemovedFromCluster =
        "This node was removed from its cluster: the other nodes could not reach it for too long, or it was on the smaller side of a "
        + "network partition. Start it again to rejoin.";

    /// <summary>The time to stop beside draining and closing: for the phases of the actor system and the last HTTP answers.</summary>
    private static readonly TimeSpan StopReserve = TimeSpan.FromSeconds(15);

    /// <summary>Runs until Ctrl-C or SIGTERM, then drains.</summary>
    /// <returns>
    /// The exit code: 0 when it was asked to stop, 3 when its configuration is not valid, 1 when it could not start for another reason,
    /// was removed from its cluster, or one of its services ended with an error.
    /// </returns>
    public static async Task<int> RunAsync(WorkerOptions options)
    {
        await using var output = PatientWriter.ToOutput();
        await using var error = PatientWriter.ToError();
        Console.SetOut(output);
        Console.SetError(error);
        return (int)await ServeAsync(options);
    }

    private static async Task<ExitCode> ServeAsync(WorkerOptions options)
    {
        using var stop = new StopSignals();
        try
        {
            // All settings are checked first, so that a mistake opens no port. The files may be on a file system that hangs.
            var configured = await Task.Run(() => WorkerConfiguration.Read(options.ConfigFile)).WaitAsync(stop.Token);
            // appsettings.json is the one beside the program, not that of the current directory.
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
            // It would believe the forwarded headers of anybody; trusted-proxies names those that are believed.
            builder.Configuration["ForwardedHeaders_Enabled"] = "false";
            var urls = options.Urls ?? builder.Configuration["urls"] ?? WorkerOptions.DefaultUrls;
            if (ListenAddress.Problems(urls) is { Count: > 0 } problems)
                return Fail(string.Join(Environment.NewLine, problems));
            // Kestrel listens at its own endpoints instead of these addresses, if it has any.
            var endpoints = builder.Configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]);
            var addresses = string.Join(';', [urls, .. endpoints]);
            if (AccessControl.Problem(addresses, configured.Host) is { } open)
                return Fail(open);
            if (configured.Cluster is { } cluster)
                await CannotListenException.TryAsync(cluster);

            await using var demo = configured.Pool is null ? await DemoServers.StartAsync(options.DemoPort, TimeProvider.System) : null;
            var starting = true;
            await using var app = Build(builder, urls, configured, configured.Pool ?? demo!.Pool, options.ConfigFile, () => starting);
            StaleSocket.RemoveFrom(addresses);
            if (!await StartAsync(app, urls, stop.Token))
                return ExitCode.Done;
            starting = false;
            await app.Services.GetRequiredService<ConfigurationReloader>().ReportStartAsync(CancellationToken.None);
            await ReportAsync(app, configured, options);
            await app.WaitForShutdownAsync();
            var shutdown = CoordinatedShutdown.Get(app.Services.GetRequiredService<ActorSystem>());
            if (ErrorOfService(app.Services) is { } error)
                return Fail(Unexpected(error));
            return shutdown.ShutdownReason is CoordinatedShutdown.ClusterDowningReason ? Fail(RemovedFromCluster) : ExitCode.Done;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return ExitCode.Done;
        }
        catch (InvalidSettingsException e)
        {
            return Fail(e.Message, ExitCode.InvalidConfiguration);
        }
        catch (CannotListenException e)
        {
            return Fail(e.Message);
        }
        catch (Exception e)
        {
            // A bug, so all its details are shown.
            return Fail(Unexpected(e));
        }
    }

    // False when the worker was asked to stop meanwhile. The host listens to the same signals, and may be the first that notices one.
    private static async Task<bool> StartAsync(WebApplication app, string urls, CancellationToken stop)
    {
        try
        {
            stop.ThrowIfCancellationRequested();
            await CannotListenException.StartAsync(app, urls, "Choose another address with --urls.", stop);
            return true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested || app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await app.StopAsync(CancellationToken.None);
            return false;
        }
    }

    private static ExitCode Fail(string message, ExitCode code = ExitCode.Failed)
    {
        Console.Error.WriteLine(message);
        return code;
    }

    private static string Unexpected(Exception e) => $"McpActors stopped because of an unexpected error: {e}";

    /// <summary>The error that ended a service, for which the host stops as if it had been asked to; null when there was none.</summary>
    internal static Exception? ErrorOfService(IServiceProvider services) => services.GetServices<IHostedService>()
        .OfType<BackgroundService>()
        .Select(service => service.ExecuteTask?.Exception?.InnerException)
        .FirstOrDefault(error => error is not (null or OperationCanceledException));

    private static WebApplication Build(
        WebApplicationBuilder builder, string urls, WorkerConfiguration configured, PoolSettings settings, string? configFile,
        Func<bool> starting)
    {
        builder.WebHost.UseUrls(urls);
        // Notifies systemd when the worker serves and when it stops (Type=notify); no effect elsewhere.
        builder.Services.AddSystemd();
        builder.AddHostLogging(configured.Host.LogFormat, starting);
        builder.AddPoolApi(settings, configured.Host, configFile, configured);
        builder.Services.AddHostedService<ConfigurationWatcher>();
        builder.AddMcpEndpoint(configured.Host.Mcp);
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
            akka.WithMcpPool(settings, pool => pool.AllowedTargets = configured.Host.AllowedTargets);
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
        app.MapMcpEndpoint();
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
            Console.Out.Write(StartupReport.Write(status, app.Urls, source));
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Stopped before the servers answered: there is nothing to report.
        }
    }
}
