namespace McpActors.Routing.Balancing;

/// <summary>
/// The server with the fewest attempts in flight for its weight; ties are broken at random, so that none is favoured by its place. Up to 16
/// servers all are compared; above that the better of two different ones drawn at random is taken, which is nearly as good and costs nothing.
/// </summary>
internal sealed class LeastConnections(Random random) : ILoadBalancingStrategy
{
    public const string Name = "least-connections";

    private const int LargestScan = 16;

    public Candidate Choose(CandidateSet candidates, string? affinityKey)
    {
        var servers = candidates.Servers;
        if (servers.Length > LargestScan)
        {
            var first = random.Next(servers.Length);
            var second = random.Next(servers.Length - 1);
            if (second >= first)
                second++;
            var difference = Compare(servers[first], servers[second]);
            return difference < 0 || (difference == 0 && random.Next(2) == 0) ? servers[first] : servers[second];
        }
        var best = servers[0];
        var ties = 1;
        for (var i = 1; i < servers.Length; i++)
        {
            var difference = Compare(servers[i], best);
            // The n-th of n equals replaces the one held with probability 1/n, which makes each of them as likely.
            if (difference < 0)
                (best, ties) = (servers[i], 1);
            else if (difference == 0 && random.Next(++ties) == 0)
                best = servers[i];
        }
        return best;
    }

    // (in flight + 1) / weight, compared without dividing: the load the server would have with this attempt.
    private static int Compare(Candidate left, Candidate right) =>
        ((left.InFlight + 1) * right.Weight).CompareTo((right.InFlight + 1) * left.Weight);
}
