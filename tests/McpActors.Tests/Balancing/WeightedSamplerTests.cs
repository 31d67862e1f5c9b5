using Xunit;
using static McpActors.Tests.Balancing.Candidates;

namespace McpActors.Tests.Balancing;

public sealed class WeightedSamplerTests
{
    private readonly Random _random = new(1);

    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(5, 3, 2, 0.1)]
    [InlineData(1000, 1, 1, 1)]
    public void One_meets_the_weights(double a, double b, double c, double d)
    {
        double[] weights = [a, b, c, d];
        var set = Set(Weighted(weights));
        var counts = new int[4];
        for (var i = 0; i < 100_000; i++)
            counts[set.WeightedSampler.One(_random).Ordinal]++;

        Statistics.AssertShares(weights, counts);
    }

    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(5, 3, 2, 1)]
    [InlineData(1000, 1, 1, 1)]
    public void Two_are_different_and_the_probability_of_every_pair_follows_its_weights(double a, double b, double c, double d)
    {
        double[] weights = [a, b, c, d];
        var set = Set(Weighted(weights));
        var counts = new int[16];
        for (var i = 0; i < 100_000; i++)
        {
            var (first, second) = set.WeightedSampler.Two(_random);
            counts[(first.Ordinal * 4) + second.Ordinal]++;
        }

        var pairs = Enumerable.Range(0, 16).Where(pair => pair / 4 != pair % 4).ToArray();
        Assert.Equal(100_000, pairs.Sum(pair => counts[pair]));
        var expected = pairs.Select(pair => weights[pair / 4] * weights[pair % 4] / (weights.Sum() - weights[pair / 4]));
        Statistics.AssertShares([.. expected], [.. pairs.Select(pair => counts[pair])]);
    }

    [Fact]
    public void Two_of_two_are_both_of_them()
    {
        var set = Set(Weighted(1e-9, 1e9));

        Assert.All(
            Enumerable.Range(0, 1000).Select(_ => set.WeightedSampler.Two(_random)), pair => Assert.NotSame(pair.First, pair.Second));
    }
}
