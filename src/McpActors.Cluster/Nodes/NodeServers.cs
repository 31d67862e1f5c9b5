namespace McpActors.Clustering.Nodes;

/// <summary>
/// The servers of one node. Those of another node are assembled from messages that may be lost, late, duplicated or out of order, and it is
/// known whether an update is missing. An update costs the same however many servers there are. Not thread-safe.
/// </summary>
/// <param name="address">The node, as <c>host:port</c>.</param>
internal sealed class NodeServers(string address)
{
    /// <summary>State is null for a server that was removed, as long as an older message about it may still arrive.</summary>
    private readonly record struct Entry(ServerNews? State, long Number);

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private int _tombstones;

    // Every update up to this number was applied.
    private long _completeUpTo = -1;

    // The last updates that were applied without a gap between them.
    private (long First, long Last) _run = (0, -1);

    // The parts of the snapshot that is being received, and its number.
    private readonly HashSet<int> _parts = [];
    private long _partsOf = -1;

    /// <summary>All servers are known. Until then the counts cover only some of them.</summary>
    public bool IsKnown => _completeUpTo >= 0;

    public int Total => _entries.Count - _tombstones;

    public int Connected { get; private set; }

    public int CircuitsOpen { get; private set; }

    public int Holds { get; private set; }

    /// <summary>Every server, in no particular order.</summary>
    public IEnumerable<ServerNews> All => _entries.Values.Select(entry => entry.State).OfType<ServerNews>();

    /// <summary>The node that has the connection; null while no node has it.</summary>
    public string? HolderOf(ServerNews server) => server.Shared ? server.HeldBy : address;

    /// <summary>The last state of a server; null when the node does not have it.</summary>
    public ServerNews? Find(string server) => _entries.GetValueOrDefault(server).State;

    /// <summary>Whether every update of the node up to this number was applied.</summary>
    public bool HasAllUpTo(long number) => _completeUpTo >= number;

    /// <summary>Applies an update.</summary>
    /// <returns>The servers whose circuit has opened in front of a connection of the node's own.</returns>
    public IReadOnlyList<string> Apply(NodeUpdate update)
    {
        if (update.Number <= _completeUpTo)
            return [];
        var opened = new List<string>();
        foreach (var server in update.Servers)
        {
            if (Store(server, update.Number, out var before) && HasOpened(server, before))
                opened.Add(server.Server);
        }
        foreach (var server in update.Removed)
            Remove(server, update.Number);
        ExtendRun(update.Number);
        return opened;
    }

    /// <summary>Applies a part of a snapshot.</summary>
    /// <returns>
    /// The servers whose circuit has opened, without those that were unknown before: a node that has just joined need not probe a server
    /// whose circuit opened long ago.
    /// </returns>
    public IReadOnlyList<string> Apply(NodeSnapshot snapshot)
    {
        if (snapshot.Number <= _completeUpTo || snapshot.Number < _partsOf)
            return [];
        if (snapshot.Number > _partsOf)
        {
            _partsOf = snapshot.Number;
            _parts.Clear();
        }
        var opened = new List<string>();
        foreach (var server in snapshot.Servers)
        {
            if (Store(server, snapshot.Number, out var before) && before is not null && HasOpened(server, before))
                opened.Add(server.Server);
        }
        if (_parts.Add(snapshot.Part) && _parts.Count == snapshot.Parts)
            CompleteSnapshot(snapshot.Number);
        return opened;
    }

    /// <summary>Sets the state of a server of this node itself.</summary>
    public void Set(ServerNews server) => Store(server, long.MaxValue, out _);

    /// <summary>Removes a server of this node itself.</summary>
    public void Unset(string server) => Forget(server);

    private static bool HasOpened(ServerNews now, ServerNews? before) =>
        now is { Circuit: CircuitState.Open, Shared: false } && before?.Circuit != CircuitState.Open;

    private void CompleteSnapshot(long number)
    {
        // Every server of the snapshot has its number by now.
        ForgetAll(entry => entry.Number < number);
        _parts.Clear();
        CompleteUpTo(_run.First <= number + 1 ? Math.Max(number, _run.Last) : number);
    }

    // A snapshot that reaches up to the run closes the gap before it.
    private void ExtendRun(long number)
    {
        if (number == _run.Last + 1)
            _run.Last = number;
        else if (number > _run.Last)
            _run = (number, number);
        if (IsKnown && _run.First <= _completeUpTo + 1)
            CompleteUpTo(_run.Last);
    }

    private void CompleteUpTo(long number)
    {
        _completeUpTo = number;
        if (_tombstones > 0)
            ForgetAll(entry => entry.State is null && entry.Number <= number);
    }

    private bool Store(ServerNews server, long number, out ServerNews? before)
    {
        var entry = _entries.GetValueOrDefault(server.Server);
        before = entry.State;
        if (entry.Number >= number && number != long.MaxValue)
            return false;
        Forget(server.Server);
        _entries[server.Server] = new Entry(server, number);
        Count(server, 1);
        return true;
    }

    private void Remove(string server, long number)
    {
        if (_entries.GetValueOrDefault(server).Number >= number)
            return;
        Forget(server);
        // After an update in order nothing older arrives: no tombstone is needed.
        if (IsKnown && number == _completeUpTo + 1)
            return;
        _entries[server] = new Entry(null, number);
        _tombstones++;
    }

    private void ForgetAll(Func<Entry, bool> which)
    {
        foreach (var server in _entries.Where(entry => which(entry.Value)).Select(entry => entry.Key).ToArray())
            Forget(server);
    }

    private void Forget(string server)
    {
        if (!_entries.Remove(server, out var entry))
            return;
        if (entry.State is { } state)
            Count(state, -1);
        else
            _tombstones--;
    }

    private void Count(ServerNews server, int by)
    {
        Connected += server.Status == ServerStatus.Connected ? by : 0;
        CircuitsOpen += server.Circuit != CircuitState.Closed ? by : 0;
        Holds += server.Status == ServerStatus.Connected && HolderOf(server) == address ? by : 0;
    }
}
