using McpActors.Balancing;

namespace McpActors.Chaos.Hostile;

/// <summary>A strategy of a user's own that throws, now when it chooses and now when an attempt ends.</summary>
internal sealed class HostileStrategy : ILoadBalancingStrategy
{
    /// <summary>The message of what it throws.</summary>
    public const string Message = "a strategy that throws";

    private int _choices;

    public Candidate Choose(CandidateSet candidates, string? affinityKey) =>
        _choices++ % 2 == 0 ? throw new InvalidOperationException(Message) : candidates.Servers[0];

    public void Ended(Candidate candidate, AttemptOutcome outcome, TimeSpan elapsed) =>
        throw new InvalidOperationException(Message);
}
