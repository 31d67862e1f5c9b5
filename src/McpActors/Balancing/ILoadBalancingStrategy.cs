
namespace McpActors.Balancing;

/// <summary>
/// Chooses one of a set of interchangeable servers. One instance serves one group and is called from one thread at a time, so it may keep
/// state in plain fields. A choice should cost at most the logarithm of the number of servers above 16 of them.
/// </summary>
public interface ILoadBalancingStrategy
{
    /// <summary>The server for one attempt; one of <see cref="CandidateSet.Servers"/>.</summary>
    /// <param name="candidates">The servers that can take it, at least one, in configured order.</param>
    /// <param name="affinityKey">The caller's <see cref="CallOptions.AffinityKey"/>, if it gave one.</param>
    Candidate Choose(CandidateSet candidates, string? affinityKey);

    /// <summary>
    /// Told of the end of each attempt of a call to its group, whichever strategy chose the server. Does nothing unless a strategy learns from it.
    /// </summary>
    /// <param name="candidate">The server.</param>
    /// <param name="outcome">How the attempt ended.</param>
    /// <param name="elapsed">How long it took.</param>
    void Ended(Candidate candidate, AttemptOutcome outcome, TimeSpan elapsed)
    {
    }
}

/// <summary>Makes a strategy for one group of servers.</summary>
/// <param name="context">What the strategy may build on.</param>
public delegate ILoadBalancingStrategy StrategyFactory(StrategyContext context);

/// <summary>What a strategy may build on. With these alone, its choices can be replayed from a seed and in virtual time.</summary>
/// <param name="Random">The source of every random choice.</param>
/// <param name="Clock">The time.</param>
/// <param name="CallTimeout">The pool's <c>call-timeout</c>: the longest that most calls may take.</param>
public sealed record StrategyContext(Random Random, TimeProvider Clock, TimeSpan CallTimeout);
