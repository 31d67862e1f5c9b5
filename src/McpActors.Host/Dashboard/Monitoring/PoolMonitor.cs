using System.Threading.Channels;
using McpActors.Pool;

namespace McpActors.Host.Dashboard.Monitoring;

/// <summary>
/// Watches the pool once for all open pages: it hears the pool's events and takes its status, once a second while a page is open and once every
/// five seconds while none is, so that there is a history when one is opened. Thread-safe.
/// </summary>
internal sealed partial class PoolMonitor(TimeProvider clock, ILogger<PoolMonitor> log)
{
    /// <summary>Between two statuses while a page is open.</summary>
    public static readonly TimeSpan Watched = TimeSpan.FromSeconds(1);

    /// <summary>Between two statuses while none is.</summary>
    public static readonly TimeSpan Unwatched = History.Step;

    /// <summary>The least time between two statuses, however many events there are.</summary>
    private static readonly TimeSpan AtMostEvery = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly PoolHistory _history = new();
    private readonly EventFeed _feed = new();
    private readonly HashSet<Watcher> _watchers = [];
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile PoolView _view = PoolView.Empty;
    private volatile string? _problem;
    private long _catalogue;

    /// <summary>The pool as last seen.</summary>
    public PoolView View => _view;

    /// <summary>Why <see cref="View"/> is out of date; null while it is not.</summary>
    public string? Problem => _problem;

    /// <summary>Calls back after each change of <see cref="View"/>, on any thread, until it is disposed.</summary>
    public IDisposable Watch(Action changed)
    {
        var watcher = new Watcher(this, changed);
        lock (_gate)
            _watchers.Add(watcher);
        _news.Writer.TryWrite(true);
        return watcher;
    }

    /// <summary>The last 15 minutes of one server, or of all.</summary>
    /// <param name="server">The server; null for all.</param>
    public HistoryPoint[] Points(string? server)
    {
        lock (_gate)
            return _history.Points(server, _view.At);
    }

    /// <summary>Takes in a status and tells the watchers.</summary>
    /// <param name="status">The pool.</param>
    /// <param name="cluster">Its nodes; null: as they were.</param>
    public void Observe(PoolStatus status, ClusterStatus? cluster = null)
    {
        lock (_gate)
        {
            var (servers, totals) = _history.Observe(status);
            _view = new PoolView(status.At, servers, totals, _feed.Entries, Interlocked.Read(ref _catalogue)) { Nodes = cluster?.Nodes ?? _view.Nodes };
        }

        TellWatchers();
    }

    /// <summary>Takes in that a changed configuration was refused.</summary>
    public void Refused(string problem, DateTimeOffset at)
    {
        _feed.AddRefused(problem, at);
        _news.Writer.TryWrite(true);
    }

    /// <summary>Watches a pool until the token is cancelled.</summary>
    public async Task RunAsync(IMcpPool pool, CancellationToken stopping) => await Task.WhenAll(HearAsync(pool, stopping), SampleAsync(pool, stopping));

    private async Task HearAsync(IMcpPool pool, CancellationToken stopping)
    {
        await foreach (var news in pool.ReadEventsAsync(stopping))
        {
            _feed.Add(news);
            if (news is CatalogueChanged or ServerAdded or ServerRemoved or ServerStatusChanged or ConfigurationApplied)
                Interlocked.Increment(ref _catalogue);
            if (IsWatched)
                _news.Writer.TryWrite(true);
        }
    }

    private async Task SampleAsync(IMcpPool pool, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                // Of the nodes the pages show counts, which are few however many servers there are.
                var cluster = await pool.GetClusterStatusAsync([], stopping);
                Observe(await pool.GetStatusAsync(stopping), cluster);
                _problem = null;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The pages say so and the next status may come; whatever it was, watching goes on.
                LogNoStatus(log, e);
                _problem = "The pool does not answer; what is shown is out of date.";
                TellWatchers();
            }

            await WaitAsync(stopping);
        }
    }

    private async Task WaitAsync(CancellationToken stopping)
    {
        try
        {
            await Task.Delay(AtMostEvery, clock, stopping);
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            var pause = Task.Delay((IsWatched ? Watched : Unwatched) - AtMostEvery, clock, waiting.Token);
            var news = _news.Reader.WaitToReadAsync(waiting.Token).AsTask();
            await Task.WhenAny(pause, news);
            await waiting.CancelAsync();
            _news.Reader.TryRead(out _);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The loop ends.
        }
    }

    private bool IsWatched
    {
        get
        {
            lock (_gate)
                return _watchers.Count > 0;
        }
    }

    private void TellWatchers()
    {
        Watcher[] watchers;
        lock (_gate)
            watchers = [.. _watchers];
        foreach (var watcher in watchers)
            watcher.Changed();
    }

    [LoggerMessage(1, LogLevel.Warning, "The dashboard got no status of the pool.")]
    private static partial void LogNoStatus(ILogger logger, Exception e);

    private sealed class Watcher(PoolMonitor monitor, Action changed) : IDisposable
    {
        public Action Changed => changed;

        public void Dispose()
        {
            lock (monitor._gate)
                monitor._watchers.Remove(this);
        }
    }
}
