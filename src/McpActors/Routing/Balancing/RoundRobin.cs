namespace McpActors.Routing.Balancing;

/// <summary>
/// Each server in turn, in configured order, beginning with the first; with different weights, smooth weighted round-robin as nginx has it
/// (weights 5, 1, 1 give a a b a c a a). The turn belongs to the servers, not to places in a list: one that comes or goes neither skips nor
/// repeats another. Cost: the logarithm of the number of servers with equal weights, else their number.
/// </summary>
internal sealed class RoundRobin : ILoadBalancingStrategy
{
    public const string Name = "round-robin";

    private readonly Dictionary<Candidate, double> _credit = [];
    private CandidateSet? _known;
    private int _last = -1;

    public Candidate Choose(CandidateSet candidates, string? affinityKey)
    {
        var chosen = candidates.EqualWeights ? NextInOrder(candidates) : Smooth(candidates);
        _last = chosen.Ordinal;
        return chosen;
    }

    private Candidate NextInOrder(CandidateSet candidates)
    {
        var servers = candidates.Servers;
        var (low, high) = (0, servers.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (servers[middle].Ordinal <= _last)
                low = middle + 1;
            else
                high = middle;
        }
        return servers[low == servers.Length ? 0 : low];
    }

    private Candidate Smooth(CandidateSet candidates)
    {
        if (!ReferenceEquals(_known, candidates))
            Forget(candidates);
        double total = 0;
        Candidate? best = null;
        foreach (var server in candidates.Servers)
        {
            total += server.Weight;
            var credit = _credit.GetValueOrDefault(server) + server.Weight;
            _credit[server] = credit;
            if (best is null || credit > _credit[best])
                best = server;
        }
        _credit[best!] -= total;
        return best!;
    }

    // A server that left keeps no credit: it would come back to a burst.
    private void Forget(CandidateSet candidates)
    {
        _known = candidates;
        foreach (var gone in _credit.Keys.Except(candidates.Servers).ToArray())
            _credit.Remove(gone);
    }
}
