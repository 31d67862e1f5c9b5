namespace McpActors.Chaos.Faults;

/// <summary>
/// Who was harmed or out of service when. A server stands from when it was seen connected, with its circuit closed and not drained, after its
/// last fault had ended, until the next fault begins or it is seen otherwise. Thread-safe.
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

        public bool Stands => Faults == 0 && Seen;
    }

    private sealed record Active(FaultKind Kind, int Server)
    {
        public bool Over { get; set; }
    }

    private readonly Lock _gate = new();
    private readonly Server[] _servers = [.. Enumerable.Range(0, servers).Select(_ => new Server())];
    private readonly List<Active> _active = [];

    /// <summary>Of the faults whose effects last: the earliest; null when there is none.</summary>
    public FaultKind? Current { get; private set; }

    /// <summary>When a server fell out of service without a fault, by its place, and in which state it was then.</summary>
    public List<(int Server, long At, string State)> FellOut { get; } = [];

    /// <summary>How many servers do not stand.</summary>
    public int OutOfService
    {
        get
        {
            lock (_gate)
                return _servers.Count(server => !server.Stands);
        }
    }

    /// <summary>Of the faults whose effects last: the earliest on this server, else the earliest of all.</summary>
    public FaultKind? CurrentOn(int server)
    {
        lock (_gate)
            return _active.Find(active => active.Server == server)?.Kind ?? Current;
    }

    /// <summary>Call before the fault is put in; dispose when it has been taken away.</summary>
    public IDisposable Begin(FaultKind kind, int server)
    {
        var active = new Active(kind, server);
        lock (_gate)
        {
            Change(server, () => _servers[server].Faults++);
            // The outage overrides what is left of single faults.
            _active.Insert(kind == FaultKind.Outage ? 0 : _active.Count, active);
            Current = _active[0].Kind;
        }
        return new Ending(() => End(active));
    }

    /// <summary>What a status said that was asked for at <paramref name="asked"/>: why the server is not in service, or null when it is.</summary>
    public void Saw(int server, string? problem, long asked)
    {
        lock (_gate)
        {
            if (asked < _servers[server].FaultEnded)
                return;
            if (_servers[server].Stands && problem is not null)
                FellOut.Add((server, asked, problem));
            Change(server, () => _servers[server].Seen = problem is null);
            if (!_servers[server].Stands)
                return;
            _active.RemoveAll(active => active.Server == server && active.Over);
            Current = _active.Count > 0 ? _active[0].Kind : null;
        }
    }

    /// <summary>Whether any server stood for the whole time.</summary>
    public bool AnyStood(long from, long to)
    {
        lock (_gate)
        {
            return _servers.Any(server =>
                (server.Stands || server.DownSince > to) && !server.Down.Exists(down => down.From <= to && down.To >= from));
        }
    }

    private void End(Active active)
    {
        lock (_gate)
        {
            // What was seen during the fault says nothing of the time after it.
            active.Over = true;
            var server = _servers[active.Server];
            (server.Faults, server.Seen, server.FaultEnded) = (server.Faults - 1, false, TimeProvider.System.GetTimestamp());
        }
    }

    private void Change(int index, Action change)
    {
        var server = _servers[index];
        var stood = server.Stands;
        change();
        var now = TimeProvider.System.GetTimestamp();
        if (stood && !server.Stands)
            server.DownSince = now;
        else if (!stood && server.Stands)
            server.Down.Add((server.DownSince, now));
    }

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
