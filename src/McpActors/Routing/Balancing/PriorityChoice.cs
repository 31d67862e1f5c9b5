namespace McpActors.Routing.Balancing;

/// <summary>
/// Only servers of the best priority that has any available; among equals, each in turn. Keeps the others idle until they are needed.
/// Cost: the logarithm of the number of servers of that level.
/// </summary>
internal sealed class PriorityChoice : ILoadBalancingStrategy
{
    public const string Name = "priority";

    private readonly RoundRobin _among = new();
    private CandidateSet? _known;
    private CandidateSet? _best;

    public Candidate Choose(CandidateSet candidates, string? affinityKey)
    {
        if (!ReferenceEquals(_known, candidates))
        {
            _known = candidates;
            var level = candidates.Servers.Min(server => server.Priority);
            _best = new CandidateSet([.. candidates.Servers.Where(server => server.Priority == level)]);
        }
        return _among.Choose(_best!, affinityKey);
    }
}
