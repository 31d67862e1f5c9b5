namespace McpActors.Balancing;

/// <summary>The server of least cost, by a strategy's own measure. Ties are broken at random, so that no position is favoured.</summary>
internal static class Cheapest
{
    /// <summary>Compares all servers up to 16; above that takes the better of two, which is nearly as good at constant cost.</summary>
    public static Candidate Of(CandidateSet candidates, Func<Candidate, double> cost, Random random) =>
        candidates.Servers.Length <= CandidateSet.LargestScan ? OfAll(candidates, cost, random) : OfTwo(candidates, cost, random);

    /// <summary>The better of two different servers drawn at random, in proportion to weight.</summary>
    public static Candidate OfTwo(CandidateSet candidates, Func<Candidate, double> cost, Random random)
    {
        if (candidates.Servers.Length == 1)
            return candidates.Servers[0];
        var (first, second) = candidates.WeightedSampler.Two(random);
        var difference = cost(first).CompareTo(cost(second));
        return difference < 0 || (difference == 0 && random.Next(2) == 0) ? first : second;
    }

    private static Candidate OfAll(CandidateSet candidates, Func<Candidate, double> cost, Random random)
    {
        var servers = candidates.Servers;
        var best = servers[0];
        var least = cost(best);
        var ties = 1;
        for (var i = 1; i < servers.Length; i++)
        {
            var next = cost(servers[i]);
            // The n-th of n equals replaces the current best with probability 1/n, which makes all of them equally likely.
            if (next < least)
                (best, least, ties) = (servers[i], next, 1);
            else if (next == least && random.Next(++ties) == 0)
                best = servers[i];
        }
        return best;
    }
}
