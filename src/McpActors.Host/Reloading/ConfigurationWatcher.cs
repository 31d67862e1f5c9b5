using McpActors.Host.Settings;

namespace McpActors.Host.Reloading;

/// <summary>
/// Checks every second whether a configuration file has changed, and reloads it once it has been unchanged for a second. Polling, because
/// the notifications of the system do not work on some mounted volumes and miss a swapped link, as Kubernetes uses for a ConfigMap.
/// </summary>
internal sealed partial class ConfigurationWatcher(
    ConfigurationReloader reloader, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ConfigurationWatcher> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>The number of checks so far.</summary>
    public int Looks { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (reloader.Files.Count == 0)
            return;
        var seen = FileStamps.None;
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // The pool does not exist before that.
            if (!lifetime.ApplicationStarted.IsCancellationRequested)
                continue;
            try
            {
                var now = FileStamps.Of(reloader.Files);
                var isStable = now.Equals(seen);
                seen = now;
                if (isStable && !now.Equals(reloader.Stamps))
                    await reloader.ReloadAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // The pool did not answer; the next check tries again.
                LogFailed(e);
            }
            Looks++;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Could not send the changed configuration to the pool; trying again in a second")]
    private partial void LogFailed(Exception e);
}
