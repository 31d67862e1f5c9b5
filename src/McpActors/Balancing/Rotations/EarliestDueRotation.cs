namespace McpActors.Balancing.Rotations;

/// <summary>
/// The rotation of many servers of different weights: each is due one weighted interval after its last turn, and the server due first is
/// chosen. Costs the logarithm of the number of servers, whereas smooth weighted round-robin examines all of them.
/// </summary>
internal sealed class EarliestDueRotation : Rotation
{
    // How far further attempts may postpone a server's turn, in intervals; without a limit it would pay for them long after they are over.
    private const double LongestWait = 2;

    private readonly CandidateSet _whole;
    private readonly double[] _weights;
    private readonly double[] _due;
    private readonly PriorityQueue<int, (double Due, int Place)> _queue;
    private double _now;

    public EarliestDueRotation(CandidateSet whole, Rotation? before)
        : base(before)
    {
        _whole = whole;
        _weights = [.. whole.Servers.Select(server => server.Weight)];
        _due = FirstDue(before as EarliestDueRotation);
        _queue = new(_due.Select((due, place) => (place, (due, place))));
    }

    protected override Candidate Pick(CandidateSet candidates)
    {
        var all = ReferenceEquals(candidates, _whole);
        var place = all ? Earliest() : EarliestOf(candidates);
        _due[place] = Math.Min(_due[place] + Interval(place), _now + (LongestWait * Interval(place)));
        if (all)
            _queue.DequeueEnqueue(place, (_due[place], place));
        return _whole.Servers[place];
    }

    private double Interval(int place) => 1 / _weights[place];

    // The front of the queue, after servers whose turn a further attempt has taken, which does not change the queue, are queued again.
    private int Earliest()
    {
        while (true)
        {
            _queue.TryPeek(out var place, out var first);
            if (first.Due == _due[place])
            {
                _now = first.Due;
                return place;
            }
            _queue.DequeueEnqueue(place, (_due[place], place));
        }
    }

    private int EarliestOf(CandidateSet some)
    {
        var earliest = -1;
        foreach (var server in some.Servers)
        {
            var place = _whole.IndexOf(server);
            if (earliest < 0 || _due[place] < _due[earliest])
                earliest = place;
        }
        return earliest;
    }

    // All servers in order within one interval, so that neither equal nor heavy servers bunch up. A known server keeps the rest of its
    // interval; a new one waits for the whole interval.
    private double[] FirstDue(EarliestDueRotation? known)
    {
        var due = new double[_weights.Length];
        var first = AfterLast(_whole.Servers);
        for (var i = 0; i < due.Length; i++)
        {
            var place = (first + i) % due.Length;
            due[place] = (known is null ? (double)i / due.Length : known.ToWait(_whole.Servers[place])) * Interval(place);
        }
        return due;
    }

    private double ToWait(Candidate server)
    {
        var place = _whole.IndexOf(server);
        return place < 0 ? 1 : Math.Clamp((_due[place] - _now) * _weights[place], 0, LongestWait);
    }
}
