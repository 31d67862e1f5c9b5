namespace McpActors.Balancing.Rotations;

/// <summary>
/// Many servers of different weights: each is due again one weighted interval after its last turn, and the one due first is chosen. The logarithm of
/// the number of servers, where smooth weighted round-robin would look at all of them.
/// </summary>
internal sealed class EarliestDueRotation : Rotation
{
    // How far further attempts may push a server's turn back, in intervals: it must not pay for them once they are over.
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

    // The front of the queue, once it holds nobody whose turn was taken by a further attempt, which leaves the queue as it is.
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
            var place = _whole.PlaceOf(server);
            if (earliest < 0 || _due[place] < _due[earliest])
                earliest = place;
        }
        return earliest;
    }

    // All in order within one interval, so that neither equals nor heavy ones come in lumps. Who was there before keeps the part of its interval that
    // it still had to wait; a new one waits for the whole.
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
        var place = _whole.PlaceOf(server);
        return place < 0 ? 1 : Math.Clamp((_due[place] - _now) * _weights[place], 0, LongestWait);
    }
}
