using McpActors.Configuration;
using McpActors.Routing.Balancing;
using Xunit;

namespace McpActors.Tests.Routing.Balancing;

public sealed class StrategyTests
{
    [Fact]
    public void Configuration_knows_the_strategies_there_are() =>
        Assert.Equal(Strategies.BuiltIn.Keys.Order(), PoolConfiguration.BuiltInStrategies.Order());

    [Fact]
    public void Round_robin_takes_each_in_order_from_the_first()
    {
        var set = Set("a", "b", "c");
        var strategy = new RoundRobin();
        Assert.Equal("abcabc", Choose(strategy, set, 6));
    }

    [Fact]
    public void Round_robin_neither_skips_nor_repeats_when_servers_come_and_go()
    {
        var (a, b, c, d) = (Server("a", 0), Server("b", 1), Server("c", 2), Server("d", 3));
        var strategy = new RoundRobin();
        Assert.Equal("ab", Choose(strategy, new CandidateSet([a, b, c, d]), 2));
        Assert.Equal("d", Choose(strategy, new CandidateSet([a, b, d]), 1));
        Assert.Equal("abcd", Choose(strategy, new CandidateSet([a, b, c, d]), 4));
    }

    [Fact]
    public void Round_robin_with_weights_is_smooth() =>
        Assert.Equal("aabacaa", Choose(new RoundRobin(), new CandidateSet([Server("a", 0, weight: 5), Server("b", 1), Server("c", 2)]), 7));

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(5, 3, 2)]
    public void Random_meets_the_weights(int a, int b, int c)
    {
        var set = new CandidateSet([Server("a", 0, weight: a), Server("b", 1, weight: b), Server("c", 2, weight: c)]);
        AssertShares([a, b, c], Counts(new RandomChoice(new Random(1)), set, 30_000));
    }

    [Fact]
    public void Least_connections_takes_the_one_with_the_fewest_for_its_weight()
    {
        var (a, b, c) = (Server("a", 0), Server("b", 1, weight: 4), Server("c", 2));
        (a.InFlight, b.InFlight, c.InFlight) = (1, 6, 2);
        Assert.Equal("b", Choose(new LeastConnections(new Random(1)), new CandidateSet([a, b, c]), 1));
        b.InFlight = 8;
        Assert.Equal("a", Choose(new LeastConnections(new Random(1)), new CandidateSet([a, b, c]), 1));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(40)]
    public void Least_connections_breaks_ties_evenly(int servers)
    {
        var set = new CandidateSet([.. Enumerable.Range(0, servers).Select(i => Server($"s{i}", i))]);
        AssertShares([.. Enumerable.Repeat(1, servers)], Counts(new LeastConnections(new Random(1)), set, 40_000));
    }

    [Fact]
    public void Least_connections_of_many_never_takes_the_only_loaded_one()
    {
        var servers = Enumerable.Range(0, 40).Select(i => Server($"s{i}", i)).ToArray();
        servers[7].InFlight = 1;
        Assert.Equal(0, Counts(new LeastConnections(new Random(1)), new CandidateSet([.. servers]), 10_000)[7]);
    }

    [Fact]
    public void Priority_keeps_to_the_best_level_there_is()
    {
        var (a, b, c) = (Server("a", 0, priority: 2), Server("b", 1, priority: 1), Server("c", 2, priority: 1));
        var strategy = new PriorityChoice();
        Assert.Equal("bcbc", Choose(strategy, new CandidateSet([a, b, c]), 4));
        Assert.Equal("aa", Choose(strategy, new CandidateSet([a]), 2));
    }

    private static Candidate Server(string name, int ordinal, int priority = 1, int weight = 1) => new(name, name, priority, weight, ordinal);

    private static CandidateSet Set(params string[] names) => new([.. names.Select((name, i) => Server(name, i))]);

    private static string Choose(ILoadBalancingStrategy strategy, CandidateSet set, int times) =>
        string.Concat(Enumerable.Range(0, times).Select(_ => strategy.Choose(set, null).Name));

    private static int[] Counts(ILoadBalancingStrategy strategy, CandidateSet set, int times)
    {
        var counts = new int[set.Servers.Length];
        for (var i = 0; i < times; i++)
            counts[strategy.Choose(set, null).Ordinal]++;
        return counts;
    }

    /// <summary>Chi-square against the weights: with a fixed seed this is no matter of luck, and a bias of a few percent exceeds the bound.</summary>
    private static void AssertShares(int[] weights, int[] counts)
    {
        double total = counts.Sum();
        var chiSquare = weights.Zip(counts).Sum(pair =>
        {
            var expected = total * pair.First / weights.Sum();
            return (pair.Second - expected) * (pair.Second - expected) / expected;
        });
        // The 99.9 % quantile for k degrees of freedom, by Wilson and Hilferty.
        double k = weights.Length - 1;
        var bound = k * Math.Pow(1 - (2 / (9 * k)) + (3.09 * Math.Sqrt(2 / (9 * k))), 3);
        Assert.InRange(chiSquare, 0, bound);
    }
}
