using System.Collections.Immutable;

namespace McpActors.Balancing;

/// <summary>
/// Draws servers at random in proportion to their weights: in constant time when the weights are equal, else in the logarithm of their number.
/// </summary>
internal sealed class WeightedSampler
{
    private readonly ImmutableArray<Candidate> _servers;

    // Where the part of each server ends, of the sum of all weights; null when the weights are equal.
    private readonly double[]? _ends;

    public WeightedSampler(CandidateSet candidates)
    {
        _servers = candidates.Servers;
        if (candidates.EqualWeights)
            return;
        _ends = new double[_servers.Length];
        double sum = 0;
        for (var i = 0; i < _ends.Length; i++)
            _ends[i] = sum += _servers[i].Weight;
    }

    public Candidate One(Random random) => _servers[_ends is null ? random.Next(_servers.Length) : PlaceOf(random.NextDouble() * _ends[^1])];

    /// <summary>Two different ones; the second in proportion to weight among all but the first.</summary>
    public (Candidate First, Candidate Second) Two(Random random)
    {
        int first, second;
        if (_ends is null)
        {
            first = random.Next(_servers.Length);
            second = random.Next(_servers.Length - 1);
            if (second >= first)
                second++;
        }
        else
        {
            first = PlaceOf(random.NextDouble() * _ends[^1]);
            var start = first == 0 ? 0 : _ends[first - 1];
            var part = _ends[first] - start;
            var point = random.NextDouble() * (_ends[^1] - part);
            // The part of the first is cut out.
            second = PlaceOf(point < start ? point : point + part);
            // Rounding may find the edge of what was cut out.
            if (second == first)
                second = first > 0 ? first - 1 : 1;
        }
        return (_servers[first], _servers[second]);
    }

    // The last end is left out, so that no rounding can find a place behind it.
    private int PlaceOf(double point)
    {
        var found = Array.BinarySearch(_ends!, 0, _servers.Length - 1, point);
        return found >= 0 ? found + 1 : ~found;
    }
}
