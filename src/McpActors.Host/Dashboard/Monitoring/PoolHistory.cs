namespace McpActors.Host.Dashboard.Monitoring;

/// <summary>
/// Computes rates and 15 minutes of history from the statuses of the pool, at any interval. A server gets a history with its first call, so
/// ten thousand idle ones cost nothing. The only clock is the time in the statuses. Not thread-safe.
/// </summary>
internal sealed class PoolHistory
{
    private readonly Dictionary<string, Track> _tracks = new(StringComparer.Ordinal);
    private readonly History _all = new();
    private long _round;
    private (TimeSpan? P50, TimeSpan? P99) _latency;

    /// <summary>Adds a status and returns its view.</summary>
    public (IReadOnlyList<ServerView> Servers, PoolTotals Totals) Observe(PoolStatus status)
    {
        _round++;
        var servers = new ServerView[status.Servers.Count];
        var sum = new Sum();
        for (var i = 0; i < servers.Length; i++)
        {
            var view = servers[i] = Observe(status.Servers[i], status.At, out var calls, out var failures);
            sum.Add(view, calls, failures);
        }

        ForgetRemoved(servers.Length);
        if (sum.Calls > 0)
            _latency = sum.Latency;
        _all.Add(status.At, sum.Calls, sum.Failures, sum.Latency.P50, sum.Latency.P99);
        return (servers, Totals(servers, status.At));
    }

    /// <summary>The last 15 minutes of one server or of all.</summary>
    /// <param name="server">The server; null for all.</param>
    /// <param name="now">The end of the 15 minutes.</param>
    public HistoryPoint[] Points(string? server, DateTimeOffset now) =>
        server is null ? _all.Points(now)
        : _tracks.TryGetValue(server, out var track) && track.History is { } history ? history.Points(now)
        : new HistoryPoint[History.Steps];

    private ServerView Observe(ServerInfo info, DateTimeOffset at, out long calls, out long failures)
    {
        if (!_tracks.TryGetValue(info.Name, out var track))
            _tracks.Add(info.Name, track = new Track { Calls = info.Calls, Failures = info.Failures });
        // Counts that decrease belong to a new server of the same name.
        calls = info.Calls >= track.Calls ? info.Calls - track.Calls : info.Calls;
        failures = info.Failures >= track.Failures ? info.Failures - track.Failures : info.Failures;
        (track.Calls, track.Failures, track.Round) = (info.Calls, info.Failures, _round);
        if (track.History is null && calls == 0)
            return new ServerView(info, 0, null);

        var view = new ServerView(info, 0, null);
        var history = track.History ??= new History();
        history.Add(at, calls, failures, calls > 0 ? view.P50 : null, calls > 0 ? view.P99 : null);
        return view with { CallsPerSecond = history.CallsPerSecond(at), ErrorRate = history.ErrorRate(at) };
    }

    private void ForgetRemoved(int present)
    {
        if (_tracks.Count == present)
            return;
        foreach (var (name, track) in _tracks)
        {
            if (track.Round != _round)
                _tracks.Remove(name);
        }
    }

    private PoolTotals Totals(ServerView[] servers, DateTimeOffset at)
    {
        int connected = 0, connecting = 0, failed = 0, heldBack = 0, inFlight = 0;
        foreach (var server in servers)
        {
            var info = server.Info;
            connected += info.Status == ServerStatus.Connected ? 1 : 0;
            connecting += info.Status == ServerStatus.Connecting ? 1 : 0;
            failed += info.Status == ServerStatus.Error ? 1 : 0;
            heldBack += info.Status == ServerStatus.Connected && (info.Draining || info.Circuit != CircuitState.Closed) ? 1 : 0;
            inFlight += info.InFlight;
        }

        return new PoolTotals
        {
            Servers = servers.Length,
            Connected = connected,
            Connecting = connecting,
            Failed = failed,
            Disconnected = servers.Length - connected - connecting - failed,
            HeldBack = heldBack,
            InFlight = inFlight,
            CallsPerSecond = _all.CallsPerSecond(at),
            ErrorRate = _all.ErrorRate(at),
            P50 = _latency.P50,
            P99 = _latency.P99,
        };
    }

    private sealed class Track
    {
        public long Calls;
        public long Failures;
        public long Round;
        public History? History;
    }

    private sealed class Sum
    {
        private double _weighted;
        private long _measured;
        private TimeSpan? _worst;

        public long Calls { get; private set; }

        public long Failures { get; private set; }

        public (TimeSpan? P50, TimeSpan? P99) Latency =>
            (_measured == 0 ? null : TimeSpan.FromTicks((long)(_weighted / _measured)), _worst);

        public void Add(ServerView server, long calls, long failures)
        {
            Calls += calls;
            Failures += failures;
            if (calls == 0)
                return;
            if (server.P50 is { } median)
            {
                _weighted += (double)median.Ticks * calls;
                _measured += calls;
            }

            if (server.P99 is { } slow && (_worst is null || slow > _worst))
                _worst = slow;
        }
    }
}
