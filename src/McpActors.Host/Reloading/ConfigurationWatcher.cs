namespace McpActors.Host.Reloading;

/// <summary>
/// Looks every second whether a file of the configuration has changed, and has it read again once it has been still for a second. By looking rather
/// than by the system's notices, which are not sent for mounted volumes, and miss files that are replaced by a link as Kubernetes does.
/// </summary>
internal sealed partial class ConfigurationWatcher(
    ConfigurationReloader reloader, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ConfigurationWatcher> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (reloader.Files.Count == 0)
            return;
        // Nothing counts as read yet: the file may have changed since the worker read it first. To read it again unchanged changes nothing.
        List<(string, DateTime, long)> loaded = [], seen = [];
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // Before that there is no pool to tell.
            if (!lifetime.ApplicationStarted.IsCancellationRequested)
                continue;
            var now = Stamp(reloader.Files);
            var still = now.SequenceEqual(seen);
            seen = now;
            if (!still || now.SequenceEqual(loaded))
                continue;
            try
            {
                await reloader.ReloadAsync(stoppingToken);
                loaded = now;
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // The pool did not answer; it is asked again in a second.
                LogFailed(e);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The changed configuration could not be handed to the pool; trying again")]
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
