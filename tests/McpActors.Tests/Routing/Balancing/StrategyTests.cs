using McpActors.Configuration;
using McpActors.Routing.Balancing;
using Xunit;
using static McpActors.Tests.Routing.Balancing.Candidates;

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
        Assert.Equal("abcabc", strategy.Choose(set, 6));
    }

    [Fact]
    public void Round_robin_neither_skips_nor_repeats_when_servers_come_and_go()
    {
        var (a, b, c, d) = (Server("a", 0), Server("b", 1), Server("c", 2), Server("d", 3));
        var strategy = new RoundRobin();
        Assert.Equal("ab", strategy.Choose(Set(a, b, c, d), 2));
        Assert.Equal("d", strategy.Choose(Set(a, b, d), 1));
        Assert.Equal("abcd", strategy.Choose(Set(a, b, c, d), 4));
    }

    [Fact]
    public void Round_robin_with_weights_is_smooth() =>
        Assert.Equal("aabacaa", new RoundRobin().Choose(Set(Server("a", 0, weight: 5), Server("b", 1), Server("c", 2)), 7));

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(5, 3, 2)]
    public void Random_meets_the_weights(int a, int b, int c)
    {
        var set = Set(Server("a", 0, weight: a), Server("b", 1, weight: b), Server("c", 2, weight: c));
        Statistics.AssertShares([a, b, c], new RandomChoice(new Random(1)).Counts(set, 30_000));
    }

    [Fact]
    public void Least_connections_takes_the_one_with_the_fewest_for_its_weight()
    {
        var (a, b, c) = (Server("a", 0), Server("b", 1, weight: 4), Server("c", 2));
        (a.InFlight, b.InFlight, c.InFlight) = (1, 6, 2);
        Assert.Equal("b", new LeastConnections(new Random(1)).Choose(Set(a, b, c), 1));
        b.InFlight = 8;
        Assert.Equal("a", new LeastConnections(new Random(1)).Choose(Set(a, b, c), 1));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(40)]
    public void Least_connections_breaks_ties_evenly(int servers)
    {
        var set = Set(Equal(servers));
        Statistics.AssertShares([.. Enumerable.Repeat(1.0, servers)], new LeastConnections(new Random(1)).Counts(set, 40_000));
    }

    [Fact]
    public void Least_connections_of_many_never_takes_the_only_loaded_one()
    {
        var servers = Equal(40);
        servers[7].InFlight = 1;
        Assert.Equal(0, new LeastConnections(new Random(1)).Counts(Set(servers), 10_000)[7]);
    }

    [Fact]
    public void Priority_keeps_to_the_best_level_there_is()
    {
        var (a, b, c) = (Server("a", 0, priority: 2), Server("b", 1, priority: 1), Server("c", 2, priority: 1));
        var strategy = new PriorityChoice();
        Assert.Equal("bcbc", strategy.Choose(Set(a, b, c), 4));
        Assert.Equal("aa", strategy.Choose(Set(a), 2));
    }
}
