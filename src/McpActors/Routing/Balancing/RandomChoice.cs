namespace McpActors.Routing.Balancing;

/// <summary>
/// One at random, in proportion to weight. Needs no memory and spreads many callers evenly, but its queues are longer than any other's.
/// Cost: constant with equal weights, else the logarithm of the number of servers.
/// </summary>
internal sealed class RandomChoice(Random random) : ILoadBalancingStrategy
{
    public const string Name = "random";

    private CandidateSet? _known;
    private long[] _bounds = [];

    public Candidate Choose(CandidateSet candidates, string? affinityKey)
    {
        var servers = candidates.Servers;
        if (candidates.EqualWeights)
            return servers[random.Next(servers.Length)];
        if (!ReferenceEquals(_known, candidates))
            Sum(candidates);
        var found = Array.BinarySearch(_bounds, random.NextInt64(_bounds[^1]) + 1);
        return servers[found >= 0 ? found : ~found];
    }

    private void Sum(CandidateSet candidates)
    {
        _known = candidates;
        _bounds = new long[candidates.Servers.Length];
        long sum = 0;
        for (var i = 0; i < _bounds.Length; i++)
            _bounds[i] = sum += candidates.Servers[i].Weight;
    }
}
