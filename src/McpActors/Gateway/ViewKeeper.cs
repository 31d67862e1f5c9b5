using McpActors.Pool;

namespace McpActors.Gateway;

/// <summary>
/// Keeps the view of the pool's entries current, and announces the differences that clients see: after a quiet time, so that many changes
/// are one announcement, and at the latest <see cref="LongestDelay"/> after the first. Thread-safe.
/// </summary>
/// <param name="pool">The pool.</param>
/// <param name="options">The options of the gateway.</param>
/// <param name="time">The clock.</param>
/// <param name="announce">Called with each change, one at a time.</param>
internal sealed class ViewKeeper(IMcpPool pool, GatewayOptions options, TimeProvider time, Action<ViewChange> announce)
{
    /// <summary>A change is announced this long after it at the latest.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(1);

    // As long as IMcpPool waits for the start of its host and then for the answer to a query.
    private static readonly TimeSpan LongestFirstWait = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private GatewayView? _view;
    private GatewayView? _announced;
    private TaskCompletionSource _next = NewSignal();
    private Task? _running;
    // When the first request came.
    private long _started;
    // When the last change came, and the first that is not announced yet.
    private long _lastChange;
    private long? _firstChange;

    /// <summary>
    /// The view. In the first <see cref="GatewayOptions.ListWait"/> after the first request it waits until no server connects for the first
    /// time; after that it comes at once.
    /// </summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="isEnough">Whether a view already has what the caller needs, so that nothing is waited for.</param>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="TimeoutException">The pool has given no catalogue yet.</exception>
    public ValueTask<GatewayView> ReadAsync(CancellationToken cancellation, Func<GatewayView, bool>? isEnough = null)
    {
        Start();
        return Volatile.Read(ref _view) is { } view && IsReady(view, isEnough) ? new(view) : WaitForAsync(isEnough, cancellation);
    }

    private bool IsReady(GatewayView view, Func<GatewayView, bool>? isEnough) =>
        view.IsComplete || LeftToWait <= TimeSpan.Zero || isEnough?.Invoke(view) == true;

    private TimeSpan LeftToWait => options.ListWait - time.GetElapsedTime(_started);

    private async ValueTask<GatewayView> WaitForAsync(Func<GatewayView, bool>? isEnough, CancellationToken cancellation)
    {
        while (true)
        {
            var (view, next) = Latest();
            if (view is not null && IsReady(view, isEnough))
                return view;
            try
            {
                // Without any view there is nothing to answer with: the pool itself has to answer first.
                await next.WaitAsync(view is null ? LongestFirstWait : LeftToWait, time, cancellation).ConfigureAwait(false);
            }
            catch (TimeoutException) when (view is not null)
            {
                return view;
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private (GatewayView? View, Task Next) Latest()
    {
        lock (_lock)
            return (_view, _next.Task);
    }

    // Runs from the first use until the pool ends; a pool that is used again after that is watched again.
    private void Start()
    {
        lock (_lock)
        {
            if (_running is null)
                _started = time.GetTimestamp();
            if (_running is null or { IsCompleted: true })
                _running = Task.Run(RunAsync);
        }
    }

    private async Task RunAsync()
    {
        // Once it answers, a subscription is there before whatever is asked later.
        await pool.GetStatusAsync().ConfigureAwait(false);
        var events = pool.ReadEventsAsync().GetAsyncEnumerator();
        await using (events.ConfigureAwait(false))
        {
            // Subscribed before the first reading, so that no change is missed between the two.
            var news = events.MoveNextAsync().AsTask();
            var isStale = true;
            while (true)
            {
                if (isStale)
                    isStale = !await TryRefreshAsync().ConfigureAwait(false);
                await WaitAsync(news, isStale).ConfigureAwait(false);
                AnnounceIfDue();
                while (news.IsCompleted)
                {
                    if (!await news.ConfigureAwait(false))
                        return;
                    isStale |= Concerns(events.Current);
                    news = events.MoveNextAsync().AsTask();
                }
            }
        }
    }

    private static bool Concerns(PoolEvent news) =>
        news is CatalogueChanged or ServerAdded or ServerRemoved or ConfigurationApplied or ServerStatusChanged;

    private async Task WaitAsync(Task news, bool isStale)
    {
        var delay = isStale ? RetryDelay : UntilAnnouncement();
        if (delay is not { } limit)
            await news.ConfigureAwait(false);
        else if (limit > TimeSpan.Zero)
            await Task.WhenAny(news, Task.Delay(limit, time)).ConfigureAwait(false);
    }

    private async Task<bool> TryRefreshAsync()
    {
        GatewayView view;
        try
        {
            view = GatewayView.Of(options, await pool.ListGroupsAsync().ConfigureAwait(false));
        }
        catch (Exception)
        {
            // The pool does not answer now; the last view stays.
            return false;
        }
        TaskCompletionSource next;
        lock (_lock)
        {
            Volatile.Write(ref _view, view);
            (next, _next) = (_next, NewSignal());
        }
        next.SetResult();
        _announced ??= view;
        if (ViewChange.Between(_announced, view).IsAny)
        {
            _lastChange = time.GetTimestamp();
            _firstChange ??= _lastChange;
        }
        else
        {
            _firstChange = null;
        }
        return true;
    }

    private TimeSpan? UntilAnnouncement()
    {
        if (_firstChange is not { } first)
            return null;
        var (quiet, latest) = (options.Quiet - time.GetElapsedTime(_lastChange), LongestDelay - time.GetElapsedTime(first));
        return quiet < latest ? quiet : latest;
    }

    private void AnnounceIfDue()
    {
        if (UntilAnnouncement() is not { } left || left > TimeSpan.Zero)
            return;
        var change = ViewChange.Between(_announced!, _view!);
        (_announced, _firstChange) = (_view, null);
        if (change.IsAny)
            announce(change);
    }
}
