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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (reloader.Files.Count == 0)
            return;
        // The first check always reloads: the file may have changed since the worker first read it. Reloading an unchanged file has no
        // effect.
        List<(string, DateTime, long)> loaded = [], seen = [];
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // The pool does not exist before that.
            if (!lifetime.ApplicationStarted.IsCancellationRequested)
                continue;
            var now = Stamp(reloader.Files);
            var isStable = now.SequenceEqual(seen);
            seen = now;
            if (!isStable || now.SequenceEqual(loaded))
                continue;
            try
            {
                await reloader.ReloadAsync(stoppingToken);
                loaded = now;
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // The pool did not answer; the next check tries again.
                LogFailed(e);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Could not send the changed configuration to the pool; trying again in a second")]
    private partial void LogFailed(Exception e);

    private static List<(string File, DateTime Written, long Length)> Stamp(IReadOnlyList<string> files) =>
    [
        .. files.Order(StringComparer.Ordinal).Select(file =>
        {
            var info = new FileInfo(file);
            info = info.LinkTarget is null ? info : info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? info;
            return (file, info.Exists ? info.LastWriteTimeUtc : default, info.Exists ? info.Length : -1);
        }),
    ];
}
