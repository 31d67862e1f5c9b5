namespace McpActors.Chaos.Faults;

/// <summary>
/// Records which servers had a fault or were out of service, and when. A server is available from the first status after its last fault
/// that shows it connected, with a closed circuit and not draining, until its next fault begins or a status shows it otherwise.
/// Thread-safe.
/// </summary>
internal sealed class Health(int servers)
{
    private sealed class Server
    {
        public int Faults;
        public bool Seen;
        public long DownSince;
        public long FaultEnded;
        public readonly List<(long From, long To)> Down = [];

        public bool IsAvailable => Faults == 0 && Seen;
    }

    /// <summary>A fault that harms no server.</summary>
    public const int NoServer = -1;

    private sealed record Active(FaultKind Kind, int Server)
    {
        public bool Over { get; set; }
    }

    private readonly Lock _gate = new();
    private readonly Server[] _servers = [.. Enumerable.Range(0, servers).Select(_ => new Server())];
    private readonly List<Active> _active = [];

    /// <summary>The earliest fault whose effects last; null when there is none.</summary>
    public FaultKind? Current { get; private set; }

    /// <summary>When a server became unavailable without a fault, by its index, with its state.</summary>
    public List<(int Server, long At, string State)> FellOut { get; } = [];

    /// <summary>The number of unavailable servers.</summary>
    public int OutOfService
    {
        get
        {
            lock (_gate)
                return _servers.Count(server => !server.IsAvailable);
        }
    }

    /// <summary>The earliest fault on this server whose effects last, else the earliest of all.</summary>
    public FaultKind? CurrentOn(int server)
    {
        lock (_gate)
            return _active.Find(active => active.Server == server)?.Kind ?? Current;
    }

    /// <summary>Call before the fault begins; dispose the result when it is over.</summary>
    public IDisposable Begin(FaultKind kind, int server)
    {
        var active = new Active(kind, server);
        lock (_gate)
        {
            if (server != NoServer)
                Change(server, () => _servers[server].Faults++);
            // The outage replaces lasting effects of single faults.
            _active.Insert(kind == FaultKind.Outage ? 0 : _active.Count, active);
            Current = _active[0].Kind;
        }
        return new Ending(() => End(active));
    }

    /// <summary>
    /// Records a status that was requested at <paramref name="asked"/>: why the server is not in service, or null when it is.
    /// </summary>
    public void Saw(int server, string? problem, long asked)
    {
        lock (_gate)
        {
            if (asked < _servers[server].FaultEnded)
                return;
            if (_servers[server].IsAvailable && problem is not null)
                FellOut.Add((server, asked, problem));
            Change(server, () => _servers[server].Seen = problem is null);
            if (!_servers[server].IsAvailable)
                return;
            _active.RemoveAll(active => active.Server == server && active.Over);
            Current = _active.Count > 0 ? _active[0].Kind : null;
        }
    }

    /// <summary>Whether a server was available for the whole time.</summary>
    public bool AnyStood(long from, long to)
    {
        lock (_gate)
        {
            return _servers.Any(server =>
                (server.IsAvailable || server.DownSince > to) && !server.Down.Exists(down => down.From <= to && down.To >= from));
        }
    }

    private void End(Active active)
    {
        lock (_gate)
        {
            // A status from during the fault is not valid after it.
            active.Over = true;
            if (active.Server == NoServer)
            {
                _active.Remove(active);
                Current = _active.Count > 0 ? _active[0].Kind : null;
                return;
            }
            var server = _servers[active.Server];
            (server.Faults, server.Seen, server.FaultEnded) = (server.Faults - 1, false, TimeProvider.System.GetTimestamp());
        }
    }

    private void Change(int index, Action change)
    {
        var server = _servers[index];
        var wasAvailable = server.IsAvailable;
        change();
        var now = TimeProvider.System.GetTimestamp();
        if (wasAvailable && !server.IsAvailable)
            server.DownSince = now;
        else if (!wasAvailable && server.IsAvailable)
            server.Down.Add((server.DownSince, now));
    }

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
