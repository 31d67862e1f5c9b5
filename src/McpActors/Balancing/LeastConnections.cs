
namespace McpActors.Balancing;

/// <summary>
/// The server with the fewest attempts in flight for its weight; ties are broken at random. Up to 16 servers all are compared; above that, as
/// <c>power-of-two</c> does it.
/// <para>When to use it: calls of very different length, servers of different or changing speed, up to some dozens of them. Of all strategies it
/// has the shortest queues.</para>
/// <para>Weakness: it sees only what this pool has in flight, not what others send to the same servers; and at low load a slow server is as idle as
/// a fast one.</para>
/// <para>Cost: the number of servers up to 16, the logarithm of it above.</para>
/// </summary>
internal sealed class LeastConnections : ILoadBalancingStrategy
{
    public const string Name = "least-connections";

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
