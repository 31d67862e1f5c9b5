namespace McpActors.Balancing;

/// <summary>
/// Chooses one of a set of interchangeable servers. One instance serves one group and is called from one thread at a time, so it may keep
/// state in plain fields. Above 16 servers, a choice should cost at most the logarithm of their number.
/// </summary>
public interface ILoadBalancingStrategy
{
    /// <summary>Chooses the server for one attempt from <see cref="CandidateSet.Servers"/>.</summary>
    /// <param name="candidates">The servers that can take the attempt, at least one, in configured order.</param>
    /// <param name="affinityKey">The caller's <see cref="CallOptions.AffinityKey"/>, if it gave one.</param>
    Candidate Choose(CandidateSet candidates, string? affinityKey);

    /// <summary>
    /// Called at the end of each attempt in the group, whichever strategy chose the server. Does nothing by default.
    /// </summary>
    /// <param name="candidate">The server.</param>
    /// <param name="outcome">How the attempt ended.</param>
    /// <param name="elapsed">The duration of the attempt.</param>
    void Ended(Candidate candidate, AttemptOutcome outcome, TimeSpan elapsed)
    {
    }
}

/// <summary>Creates a strategy for one group of servers.</summary>
/// <param name="context">The inputs of the strategy.</param>
public delegate ILoadBalancingStrategy StrategyFactory(StrategyContext context);

/// <summary>The inputs of a strategy. A strategy that uses no others can be replayed from a seed and in virtual time.</summary>
/// <param name="Random">The source of every random choice.</param>
/// <param name="Clock">The time.</param>
/// <param name="CallTimeout">The pool's <c>call-timeout</c>, the time limit of most calls.</param>
public sealed record StrategyContext(Random Random, TimeProvider Clock, TimeSpan CallTimeout);
