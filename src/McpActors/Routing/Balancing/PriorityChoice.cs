namespace McpActors.Routing.Balancing;

/// <summary>
/// Only servers of the best priority that has any available; among equals, each in turn. Keeps the others idle until they are needed.
/// Cost: the logarithm of the number of servers of that level.
/// </summary>
internal sealed class PriorityChoice : ILoadBalancingStrategy
{
    public const string Name = "priority";

    private readonly RoundRobin _among = new();

    public Candidate Choose(CandidateSet candidates, string? affinityKey) =>
        _among.Choose(candidates.Levels.First(level => level.Available.Servers.Length > 0).Available, affinityKey);
}
