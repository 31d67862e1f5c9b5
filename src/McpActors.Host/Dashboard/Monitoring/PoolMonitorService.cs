using McpActors.Host.Reloading;
using McpActors.Pool;

namespace McpActors.Host.Dashboard.Monitoring;

/// <summary>Runs the <see cref="PoolMonitor"/> from the moment the pool exists, which is once the host has started.</summary>
/// <param name="monitor">The monitor.</param>
/// <param name="reloader">Tells of configurations that were refused.</param>
/// <param name="services">Where the pool comes from, once it exists.</param>
/// <param name="lifetime">Tells when it does.</param>
internal sealed class PoolMonitorService(
    PoolMonitor monitor, ConfigurationReloader reloader, IServiceProvider services, IHostApplicationLifetime lifetime)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var starting = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        using var stopping = stoppingToken.Register(() => started.TrySetCanceled(stoppingToken));
        await started.Task;
        reloader.Reloaded += OnReloaded;
        await monitor.RunAsync(services.GetRequiredService<IMcpPool>(), stoppingToken);
    }

    private void OnReloaded()
    {
        if (reloader.Last is { Problem: { } problem } outcome)
            monitor.Refused(problem, outcome.At);
    }
}
