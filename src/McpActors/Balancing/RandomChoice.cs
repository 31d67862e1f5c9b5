namespace McpActors.Balancing;

/// <summary>
/// A server at random, in proportion to weight.
/// <para>When to use it: many nodes choose among the same servers without knowledge of each other. Rotations of their own could run in
/// step; random choices do not.</para>
/// <para>Weakness: calls pile up by chance, so its queues are the longest of all strategies.</para>
/// <para>Cost: constant; with different weights the logarithm of the number of servers.</para>
/// </summary>
internal sealed class RandomChoice(Random random) : ILoadBalancingStrategy
{
    public Candidate Choose(CandidateSet candidates, string? affinityKey) => candidates.WeightedSampler.One(random);
}
