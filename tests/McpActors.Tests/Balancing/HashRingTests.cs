using McpActors.Balancing;
using Xunit;

namespace McpActors.Tests.Balancing;

/// <summary>The size of a ring, and the shares on it, for weights of any size.</summary>
public sealed class HashRingTests
{
    [Theory]
    [InlineData(1000, 1000)]
    [InlineData(1000, 1)]
    [InlineData(10_000, 1000)]
    public void A_ring_is_bounded_by_the_number_of_servers_and_not_by_their_weights(int servers, double weight) =>
        Assert.InRange(
            new HashRing(Candidates.Weighted([.. Enumerable.Repeat(weight, servers)])).Count, 1, Math.Max(65_536, 64 * servers));

    [Fact]
    public void Large_weights_still_set_the_shares()
    {
        var ring = new HashRing(Candidates.Weighted([.. Enumerable.Range(0, 400).Select(i => i % 2 == 0 ? 1000.0 : 500.0)]));

        var heavy = Enumerable.Range(0, 20_000).Count(i => ring.Find(StableHash.Of($"key-{i}")).Ordinal % 2 == 0);

        Assert.InRange(heavy / 20_000.0, 0.63, 0.70);
    }
}
