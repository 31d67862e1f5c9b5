using McpActors.Resilience;

namespace McpActors.Clustering.Nodes;

/// <summary>
/// The servers of one node. Of another node they are put together from messages that may be lost, late, doubled or out of order, and it is known whether
/// anything is missing. A change costs the same however many servers there are. Not thread-safe.
/// </summary>
/// <param name="address">The node, as people write it.</param>
internal sealed class NodeServers(string address)
{
    // News is null for a server that left, as long as an older message that has it might still come.
    private readonly record struct Line(ServerNews? News, long Number);

    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private readonly HashSet<int> _parts = [];
    private long _partsOf = -1;
    private long _complete = -1;
    private (long First, long Last) _run = (0, -1);
    private int _gone;

    /// <summary>Everything was heard at least once; counts before that are of a part.</summary>
    public bool IsKnown => _complete >= 0;

    public int Total => _lines.Count - _gone;

    public int Connected { get; private set; }

    public int CircuitsOpen { get; private set; }

    public int Holds { get; private set; }

    /// <summary>Every server, in no order.</summary>
    public IEnumerable<ServerNews> All => _lines.Values.Select(line => line.News).OfType<ServerNews>();

    /// <summary>The node whose connection it is; null while none has it.</summary>
    public string? HolderOf(ServerNews server) => server.Shared ? server.HeldBy : address;

    /// <summary>What was said of a server last; null when it is not there.</summary>
    public ServerNews? Find(string server) => _lines.GetValueOrDefault(server).News;

    /// <summary>Whether all was heard that the node has said up to this number.</summary>
    public bool HasAllUpTo(long number) => _complete >= number;

    /// <summary>Takes in what changed.</summary>
    /// <returns>The servers whose circuit has opened, before a connection of the node's own.</returns>
    public IReadOnlyList<string> Hear(NodeNews news)
    {
        if (news.Number <= _complete)
            return [];
        var opened = new List<string>();
        foreach (var server in news.Servers)
        {
            if (Put(server, news.Number, out var before) && HasOpened(server, before))
                opened.Add(server.Server);
        }
        foreach (var server in news.Left)
            Remove(server, news.Number);
        Count(news.Number);
        return opened;
    }

    /// <summary>Takes in a part of everything.</summary>
    /// <returns>As above, without the servers of which nothing was known: whoever is new here has no need to look at what opened long ago.</returns>
    public IReadOnlyList<string> Hear(NodeSnapshot snapshot)
    {
        if (snapshot.Number <= _complete || snapshot.Number < _partsOf)
            return [];
        if (snapshot.Number > _partsOf)
        {
            _partsOf = snapshot.Number;
            _parts.Clear();
        }
        var opened = new List<string>();
        foreach (var server in snapshot.Servers)
        {
            if (Put(server, snapshot.Number, out var before) && before is not null && HasOpened(server, before))
                opened.Add(server.Server);
        }
        if (_parts.Add(snapshot.Part) && _parts.Count == snapshot.Parts)
            Complete(snapshot.Number);
        return opened;
    }

    /// <summary>Takes in what this node itself says.</summary>
    public void Set(ServerNews server) => Put(server, long.MaxValue, out _);

    /// <summary>Forgets a server of this node itself.</summary>
    public void Unset(string server) => Take(server);

    private static bool HasOpened(ServerNews now, ServerNews? before) =>
        now is { Circuit: CircuitState.Open, Shared: false } && before?.Circuit != CircuitState.Open;

    private void Complete(long number)
    {
        // All that the snapshot has was given its number.
        TakeAll(line => line.Number < number);
        _parts.Clear();
        AllHeardUpTo(_run.First <= number + 1 ? Math.Max(number, _run.Last) : number);
    }

    // The numbers heard last without a gap between them: a snapshot that reaches up to them closes the gap before them.
    private void Count(long number)
    {
        if (number == _run.Last + 1)
            _run.Last = number;
        else if (number > _run.Last)
            _run = (number, number);
        if (IsKnown && _run.First <= _complete + 1)
            AllHeardUpTo(_run.Last);
    }

    private void AllHeardUpTo(long number)
    {
        _complete = number;
        if (_gone > 0)
            TakeAll(line => line.News is null && line.Number <= number);
    }

    private bool Put(ServerNews server, long number, out ServerNews? before)
    {
        var line = _lines.GetValueOrDefault(server.Server);
        before = line.News;
        if (line.Number >= number && number != long.MaxValue)
            return false;
        Take(server.Server);
        _lines[server.Server] = new Line(server, number);
        Count(server, 1);
        return true;
    }

    private void Remove(string server, long number)
    {
        if (_lines.GetValueOrDefault(server).Number >= number)
            return;
        Take(server);
        // What comes in order is followed by nothing older.
        if (IsKnown && number == _complete + 1)
            return;
        _lines[server] = new Line(null, number);
        _gone++;
    }

    private void TakeAll(Func<Line, bool> which)
    {
        foreach (var server in _lines.Where(line => which(line.Value)).Select(line => line.Key).ToArray())
            Take(server);
    }

    private void Take(string server)
    {
        if (!_lines.Remove(server, out var line))
            return;
        if (line.News is { } news)
            Count(news, -1);
        else
            _gone--;
    }

    private void Count(ServerNews server, int by)
    {
        Connected += server.Status == ServerStatus.Connected ? by : 0;
        CircuitsOpen += server.Circuit != CircuitState.Closed ? by : 0;
        Holds += server.Status == ServerStatus.Connected && HolderOf(server) == address ? by : 0;
    }
}
