using System.Collections.Immutable;

namespace McpActors.Balancing;

/// <summary>
/// Draws servers at random in proportion to their weights, in constant time when the weights are equal, else in logarithmic time.
/// </summary>
internal sealed class WeightedSampler
{
    private readonly ImmutableArray<Candidate> _servers;

    // The cumulated weights: where the part of each server ends. Null when the weights are equal.
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

    public Candidate One(Random random) =>
        _servers[_ends is null ? random.Next(_servers.Length) : IndexAt(random.NextDouble() * _ends[^1])];

    /// <summary>Two different servers; the second in proportion to weight among all but the first.</summary>
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
            first = IndexAt(random.NextDouble() * _ends[^1]);
            var start = first == 0 ? 0 : _ends[first - 1];
            var part = _ends[first] - start;
            var point = random.NextDouble() * (_ends[^1] - part);
            // Skips the part of the first.
            second = IndexAt(point < start ? point : point + part);
            // Rounding may hit the edge of the part that is skipped.
            if (second == first)
                second = first > 0 ? first - 1 : 1;
        }
        return (_servers[first], _servers[second]);
    }

    // The search omits the last end, so that no rounding can find an index behind it.
    private int IndexAt(double point)
    {
        var found = Array.BinarySearch(_ends!, 0, _servers.Length - 1, point);
        return found >= 0 ? found + 1 : ~found;
    }
}
