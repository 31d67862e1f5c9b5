namespace McpActors.Balancing;

/// <summary>
/// Of two different servers drawn at random, in proportion to weight, the one with fewer attempts in flight for its weight; a tie is broken
/// at random.
/// <para>When to use it: many servers, or several nodes that choose among the same ones. If all of them chose the least loaded server, they
/// would meet there; two draws spread them and still avoid the long queues.</para>
/// <para>Weakness: with few servers it sends some calls to the second best, which <c>least-connections</c> does not. Like it, it knows
/// attempts in flight only, not speed.</para>
/// <para>Cost: constant; with different weights the logarithm of the number of servers.</para>
/// </summary>
internal sealed class PowerOfTwo : ILoadBalancingStrategy
{
    private readonly Random _random;
    private readonly AttemptLoad _load;
    private readonly Func<Candidate, double> _cost;

    public PowerOfTwo(StrategyContext context)
    {
        _random = context.Random;
        _load = new AttemptLoad(context.Clock);
        _cost = _load.Of;
    }

    public Candidate Choose(CandidateSet candidates, string? affinityKey) => Cheapest.OfTwo(candidates, _cost, _random);

    public void Ended(Candidate candidate, AttemptOutcome outcome, TimeSpan elapsed) => _load.Ended(candidate, outcome, elapsed);
}
