namespace McpActors.Balancing;

/// <summary>
/// The server with the fewest attempts in flight for its weight; ties are broken at random. Compares all servers up to 16; above that it
/// works like <c>power-of-two</c>.
/// <para>When to use it: calls of very different length, servers of different or changing speed, up to some dozens of servers. It has the
/// shortest queues of all strategies.</para>
/// <para>Weakness: it knows only the attempts of this pool, not those of other clients of the same servers; and at low load a slow server
/// is as idle as a fast one.</para>
/// <para>Cost: the number of servers up to 16, the logarithm of it above.</para>
/// </summary>
internal sealed class LeastConnections : ILoadBalancingStrategy
{
    private readonly Random _random;
    private readonly AttemptLoad _load;
    private readonly Func<Candidate, double> _cost;

    public LeastConnections(StrategyContext context)
    {
        _random = context.Random;
        _load = new AttemptLoad(context.Clock);
        _cost = _load.Of;
    }

    public Candidate Choose(CandidateSet candidates, string? affinityKey) => Cheapest.Of(candidates, _cost, _random);

    public void Ended(Candidate candidate, AttemptOutcome outcome, TimeSpan elapsed) => _load.Ended(candidate, outcome, elapsed);
}
