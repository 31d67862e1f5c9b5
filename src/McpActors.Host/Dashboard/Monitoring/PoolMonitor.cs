using System.Threading.Channels;
using McpActors.Pool;

namespace McpActors.Host.Dashboard.Monitoring;

/// <summary>
/// Watches the pool once for all open pages. It receives the events of the pool and requests its status once a second while a page is open,
/// and every five seconds otherwise, so that a new page has a history. Thread-safe.
/// </summary>
internal sealed partial class PoolMonitor(TimeProvider clock, ILogger<PoolMonitor> log)
{
    /// <summary>The interval between two statuses while a page is open.</summary>
    public static readonly TimeSpan Watched = TimeSpan.FromSeconds(1);

    /// <summary>The interval between two statuses while no page is open.</summary>
    public static readonly TimeSpan Unwatched = History.Step;

    /// <summary>The shortest interval between two statuses, however many events there are.</summary>
    private static readonly TimeSpan AtMostEvery = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly PoolHistory _history = new();
    private readonly EventFeed _feed = new();
    private readonly HashSet<Watcher> _watchers = [];
    private readonly Channel<bool> _changes =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private volatile PoolView _view = PoolView.Empty;
    private volatile string? _problem;
    private long _catalogue;

    /// <summary>The last view of the pool.</summary>
    public PoolView View => _view;

    /// <summary>Why <see cref="View"/> is out of date; null while it is current.</summary>
    public string? Problem => _problem;

    /// <summary>Calls back after each change of <see cref="View"/>, on any thread, until it is disposed.</summary>
    public IDisposable Watch(Action changed)
    {
        var watcher = new Watcher(this, changed);
        lock (_gate)
            _watchers.Add(watcher);
        _changes.Writer.TryWrite(true);
        return watcher;
    }

    /// <summary>The last 15 minutes of one server, or of all.</summary>
    /// <param name="server">The server; null for all.</param>
    public HistoryPoint[] Points(string? server)
    {
        lock (_gate)
            return _history.Points(server, _view.At);
    }

    /// <summary>Adds a status and notifies the watchers.</summary>
    /// <param name="status">The pool.</param>
    /// <param name="cluster">Its nodes; null: unchanged.</param>
    public void Observe(PoolStatus status, ClusterStatus? cluster = null)
    {
        lock (_gate)
        {
            var (servers, totals) = _history.Observe(status);
            _view = new PoolView(status.At, servers, totals, _feed.Entries, Interlocked.Read(ref _catalogue))
            {
                Nodes = cluster?.Nodes ?? _view.Nodes,
                Routing = status.Routing,
            };
        }

        NotifyWatchers();
    }

    /// <summary>Adds a changed configuration that was rejected.</summary>
    public void AddRejected(string problem, DateTimeOffset at)
    {
        _feed.AddRejected(problem, at);
        _changes.Writer.TryWrite(true);
    }

    /// <summary>Watches a pool until the token is cancelled.</summary>
    public async Task RunAsync(IMcpPool pool, CancellationToken stopping) =>
        await Task.WhenAll(ReceiveEventsAsync(pool, stopping), SampleAsync(pool, stopping));

    private async Task ReceiveEventsAsync(IMcpPool pool, CancellationToken stopping)
    {
        await foreach (var happened in pool.ReadEventsAsync(stopping))
        {
            _feed.Add(happened);
            if (happened is CatalogueChanged or ServerAdded or ServerRemoved or ServerStatusChanged or ConfigurationApplied)
                Interlocked.Increment(ref _catalogue);
            if (IsWatched)
                _changes.Writer.TryWrite(true);
        }
    }

    private async Task SampleAsync(IMcpPool pool, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                // The pages need only the counts of each node, not its servers.
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
                // The pages show the problem; the next status may succeed.
                LogNoStatus(log, e);
                _problem = "The pool does not answer; this page is out of date.";
                NotifyWatchers();
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
            var change = _changes.Reader.WaitToReadAsync(waiting.Token).AsTask();
            await Task.WhenAny(pause, change);
            await waiting.CancelAsync();
            _changes.Reader.TryRead(out _);
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

    private void NotifyWatchers()
    {
        Watcher[] watchers;
        lock (_gate)
            watchers = [.. _watchers];
        foreach (var watcher in watchers)
            watcher.Changed();
    }

    [LoggerMessage(1, LogLevel.Warning, "The dashboard could not get the status of the pool")]
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
