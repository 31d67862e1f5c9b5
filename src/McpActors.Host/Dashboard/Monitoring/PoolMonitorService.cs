using McpActors.Host.Reloading;
using McpActors.Pool;

namespace McpActors.Host.Dashboard.Monitoring;

/// <summary>Runs the <see cref="PoolMonitor"/> once the host has started, which is when the pool exists.</summary>
/// <param name="monitor">The monitor.</param>
/// <param name="reloader">Reports rejected configurations.</param>
/// <param name="services">Provides the pool.</param>
/// <param name="lifetime">Reports the start of the host.</param>
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
            monitor.AddRejected(problem, outcome.At);
    }
}
