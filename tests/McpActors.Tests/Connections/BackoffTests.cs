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
    public void Jitter_is_a_fifth_both_ways_and_inside_the_cap()
    {
        var backoff = new Backoff(new ReconnectSettings(), new Random(1));
        var first = Enumerable.Range(0, 1000).Select(_ => backoff.After(0).TotalSeconds).ToList();
        Assert.InRange(first.Min(), 0.8, 0.81);
        Assert.InRange(first.Max(), 1.19, 1.2);
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.InRange(backoff.After(20).TotalSeconds, 48, 60));
    }
}
