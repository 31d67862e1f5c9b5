using McpActors.Balancing;
using Xunit;
using static McpActors.Tests.Balancing.Candidates;

namespace McpActors.Tests.Balancing;

public sealed class RoundRobinTests
{
    private readonly RoundRobin _strategy = new();

    [Fact]
    public void Takes_each_in_order_from_the_first() => Assert.Equal("abcabc", _strategy.Choose(Set("a", "b", "c"), 6));

    [Fact]
    public void Neither_skips_nor_repeats_when_servers_come_and_go()
    {
        var (a, b, c, d) = (Server("a", 0), Server("b", 1), Server("c", 2), Server("d", 3));

        Assert.Equal("ab", _strategy.Choose(Set(a, b, c, d), 2));
        Assert.Equal("d", _strategy.Choose(Set(a, b, d), 1));
        Assert.Equal("abcd", _strategy.Choose(Set(a, b, c, d), 4));
    }

    [Fact]
    public void Servers_that_stay_take_turns_while_others_come_and_go()
    {
        var random = new Random(1);
        var servers = Equal(30);
        var stay = servers.Where((_, i) => i % 3 == 0).ToHashSet();
        var present = new HashSet<Candidate>(servers);
        var turns = new List<Candidate>();
        for (var i = 0; i < 3000; i++)
        {
            var moving = servers[random.Next(servers.Length)];
            if (!stay.Contains(moving) && !present.Remove(moving))
                present.Add(moving);
            turns.Add(_strategy.Choose(Set([.. servers.Where(present.Contains)]), null));
        }

        var staying = turns.Where(stay.Contains).Select(server => server.Ordinal).ToList();
        Assert.Equal(Enumerable.Range(0, staying.Count).Select(i => i % 10 * 3), staying);
    }

    [Fact]
    public void Few_of_different_weights_are_spread_evenly() =>
        Assert.Equal("aabacaa", _strategy.Choose(Set(Server("a", 0, weight: 5), Server("b", 1), Server("c", 2)), 7));

    [Fact]
    public void Few_that_become_different_go_on_where_they_were()
    {
        var (a, b, c) = (Server("a", 0), Server("b", 1), Server("c", 2));

        Assert.Equal("a", _strategy.Choose(Set(a, b, c), 1));
        c.Weight = 0.5;
        Assert.Equal("bacab", _strategy.Choose(Set(a, b, c), 5));
        c.Weight = 1;
        Assert.Equal("cab", _strategy.Choose(Set(a, b, c), 3));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(200)]
    public void Each_server_gets_exactly_its_share_by_weight(int servers)
    {
        double[] weights = [.. Enumerable.Range(0, servers).Select(i => (i % 4) + 1.0)];
        var counts = _strategy.Counts(Set(Weighted(weights)), (int)weights.Sum() * 3);

        Assert.Equal(weights.Select(weight => (int)weight * 3), counts);
    }

    [Fact]
    public void Many_of_different_weights_begin_with_the_first_in_order()
    {
        var set = Set(Weighted([.. Enumerable.Range(0, 100).Select(i => i == 50 ? 3.0 : 1.0)]));

        Assert.Equal("s0s1s2", _strategy.Choose(set, 3));
    }

    [Fact]
    public void A_heavy_one_of_many_never_comes_in_lumps()
    {
        var set = Set(Weighted([.. Enumerable.Range(0, 100).Select(i => i == 50 ? 50.0 : 1)]));
        var turns = Enumerable.Range(0, 2000).Where(_ => _strategy.Choose(set, null).Ordinal == 50).ToList();

        // Its share is a third: every third turn, give or take one.
        Assert.All(turns.Zip(turns.Skip(1), (one, next) => next - one), gap => Assert.InRange(gap, 2, 4));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    public void A_server_that_comes_back_does_not_catch_up(int servers)
    {
        var all = Weighted([.. Enumerable.Range(0, servers).Select(i => (i % 2) + 1.0)]);
        var without = Set(all.RemoveAt(1));
        var round = servers * 3 / 2;
        var counts = new int[servers];
        for (var times = 0; times < 50; times++)
        {
            // It always leaves just before its turn, and is available for a third of a round.
            _ = _strategy.Choose(without, round - 1);
            var back = _strategy.Counts(Set(all), round / 3);
            for (var i = 0; i < servers; i++)
                counts[i] += back[i];
        }

        Assert.InRange(counts[1], 0, 50);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Tools_that_different_servers_have_do_not_take_turns_from_each_other(double weight)
    {
        var (a, b, c) = (Server("a", 0), Server("b", 1), Server("c", 2, weight: weight));
        var (one, other) = (Set(a, b), Set(b, c));
        var chosen = string.Concat(Enumerable.Range(0, 40).Select(i => _strategy.Choose(i % 2 == 0 ? one : other, null).Name));

        Assert.Equal(10, chosen.Count(name => name == 'a'));
        Assert.Equal(20 * weight / (weight + 1), chosen.Count(name => name == 'c'));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_one_after_a_failing_server_gets_no_more_than_the_others(double weight)
    {
        var servers = Weighted(1, 1, 1, weight);
        var set = Set(servers);
        var counts = new double[4];
        for (var i = 0; i < 4000; i++)
        {
            var chosen = _strategy.Choose(set, null);
            if (chosen.Ordinal == 0)
                chosen = _strategy.Choose(set.Only(servers.RemoveAt(0)), null);
            counts[chosen.Ordinal] += 1 / chosen.Weight;
        }

        Assert.All(counts[1..], count => Assert.InRange(count, 4000 / (2 + weight) * 0.97, 4000 / (2 + weight) * 1.03));
    }

    [Fact]
    public void Many_that_take_over_for_a_failing_one_share_its_turns()
    {
        var servers = Weighted([.. Enumerable.Range(0, 40).Select(i => (i % 2) + 1.0)]);
        var set = Set(servers);
        var counts = new int[40];
        for (var i = 0; i < 60 * 100; i++)
        {
            var chosen = _strategy.Choose(set, null);
            if (chosen.Ordinal == 1)
                chosen = _strategy.Choose(set.Only(servers[2..10]), null);
            counts[chosen.Ordinal]++;
        }

        // Two of 60 turns belonged to the failing server; eight other servers take them over time.
        Assert.Equal(0, counts[1]);
        Assert.All(Enumerable.Range(2, 8), i => Assert.InRange(counts[i] / servers[i].Weight, 100, 130));
    }
}
