namespace McpActors.Routing.Balancing;

/// <summary>
/// One at random, in proportion to weight. Needs no memory and spreads many callers evenly, but its queues are longer than any other's.
/// Cost: constant with equal weights, else the logarithm of the number of servers.
/// </summary>
internal sealed class RandomChoice(Random random) : ILoadBalancingStrategy
{
    public const string Name = "random";

    private CandidateSet? _known;
    private double[] _bounds = [];

    public Candidate Choose(CandidateSet candidates, string? affinityKey)
    {
        var servers = candidates.Servers;
        if (candidates.EqualWeights)
            return servers[random.Next(servers.Length)];
        if (!ReferenceEquals(_known, candidates))
            Sum(candidates);
        // The last bound is left out, so that no rounding can find a place behind it.
        var found = Array.BinarySearch(_bounds, 0, servers.Length - 1, random.NextDouble() * _bounds[^1]);
        return servers[found >= 0 ? found + 1 : ~found];
    }

    private void Sum(CandidateSet candidates)
    {
        _known = candidates;
        _bounds = new double[candidates.Servers.Length];
        double sum = 0;
        for (var i = 0; i < _bounds.Length; i++)
            _bounds[i] = sum += candidates.Servers[i].Weight;
    }
}
