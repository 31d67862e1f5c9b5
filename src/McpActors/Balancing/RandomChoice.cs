
namespace McpActors.Balancing;

/// <summary>
/// One at random, in proportion to weight.
/// <para>When to use it: many callers or nodes choose among the same servers, each without knowing of the others; a turn of their own would make them
/// meet, chance does not.</para>
/// <para>Weakness: chance alone piles up calls, so its queues are the longest of all.</para>
/// <para>Cost: constant; with different weights the logarithm of the number of servers.</para>
/// </summary>
internal sealed class RandomChoice(Random random) : ILoadBalancingStrategy
{
    public const string Name = "random";

    public Candidate Choose(CandidateSet candidates, string? affinityKey) => candidates.WeightedSampler.One(random);
}
