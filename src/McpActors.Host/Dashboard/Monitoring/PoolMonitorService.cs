using McpActors.Pool;

namespace McpActors.Host.Dashboard.Monitoring;

/// <summary>Runs the <see cref="PoolMonitor"/> from the moment the pool exists, which is once the host has started.</summary>
internal sealed class PoolMonitorService(PoolMonitor monitor, IServiceProvider services, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var starting = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        using var stopping = stoppingToken.Register(() => started.TrySetCanceled(stoppingToken));
        await started.Task;
        await monitor.RunAsync(services.GetRequiredService<IMcpPool>(), stoppingToken);
    }
}
