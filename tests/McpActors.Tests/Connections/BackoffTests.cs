using CsCheck;
using McpActors.Configuration;
using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Connections;

public sealed class BackoffTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1.6)]
    [InlineData(2, 2.56)]
    [InlineData(8, 42.9496)]
    [InlineData(9, 60)]
    [InlineData(1000, 60)]
    public void Grows_by_its_factor_to_the_cap(int failures, double seconds) =>
        Assert.Equal(seconds, new Backoff(new ReconnectSettings { Jitter = 0 }, new Random(1)).After(failures).TotalSeconds, 3);

    [Fact]
    public void Jitter_is_a_fifth_in_both_directions_and_inside_the_cap()
    {
        var backoff = new Backoff(new ReconnectSettings(), new Random(1));
        var first = Enumerable.Range(0, 1000).Select(_ => backoff.After(0).TotalSeconds).ToList();
        Assert.InRange(first.Min(), 0.8, 0.81);
        Assert.InRange(first.Max(), 1.19, 1.2);
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.InRange(backoff.After(20).TotalSeconds, 48, 60));
    }

    [Fact]
    public void A_wait_is_never_longer_than_the_cap_nor_shorter_than_the_first_wait_less_its_jitter() =>
        Gen.Select(Gen.Double[0, 60], Gen.Double[0, 1], Gen.Double[1, 4], Gen.Int[0, 2000], Gen.Int)
            .Sample((first, jitter, factor, failures, seed) =>
            {
                var (shortest, cap) = (TimeSpan.FromSeconds(first), TimeSpan.FromSeconds(60));
                var wait = new Backoff(shortest, cap, factor, jitter, new Random(seed)).After(failures);
                Assert.InRange(wait, (shortest * (1 - jitter)) - TimeSpan.FromMilliseconds(1), cap);
            });
}
