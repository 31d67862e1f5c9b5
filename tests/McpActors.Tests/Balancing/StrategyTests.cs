using McpActors.Balancing;
using McpActors.Configuration;
using Xunit;
using static McpActors.Tests.Balancing.Candidates;

namespace McpActors.Tests.Balancing;

/// <summary>Properties of every strategy.</summary>
public sealed class StrategyTests
{
    public static TheoryData<string, int> StrategiesAndSizes()
    {
        var data = new TheoryData<string, int>();
        foreach (var name in Strategies.BuiltIn.Keys.Order(StringComparer.Ordinal))
        {
            data.Add(name, 5);
            data.Add(name, 50);
        }
        return data;
    }

    [Fact]
    public void Configuration_accepts_exactly_the_built_in_strategies() =>
        Assert.Equal(Strategies.BuiltIn.Keys.Order(), PoolConfiguration.BuiltInStrategies.Order());

    [Theory]
    [MemberData(nameof(StrategiesAndSizes))]
    public void No_place_is_favoured(string name, int servers)
    {
        var strategy = Strategies.BuiltIn[name](Context());

        Statistics.AssertShares([.. Enumerable.Repeat(1.0, servers)], strategy.Counts(Set(Equal(servers)), 400 * servers));
    }

    [Theory]
    [MemberData(nameof(StrategiesAndSizes))]
    public void The_same_seed_gives_the_same_choices(string name, int servers)
    {
        var set = Set(Equal(servers));

        Assert.Equal(Strategies.BuiltIn[name](Context()).Choose(set, 100), Strategies.BuiltIn[name](Context()).Choose(set, 100));
    }

    [Theory]
    [MemberData(nameof(StrategiesAndSizes))]
    public void Only_servers_of_the_set_are_chosen_while_servers_come_go_fail_and_change_weight(string name, int servers)
    {
        var random = new Random(1);
        var context = Context();
        var strategy = Strategies.BuiltIn[name](context);
        var all = Equal(servers);
        for (var i = 0; i < 500; i++)
        {
            all[random.Next(servers)].Weight = random.Next(1, 5);
            var present = all.RemoveAll(_ => random.Next(4) == 0);
            if (present.Length == 0)
                continue;
            var set = new CandidateSet(present, all);
            for (var call = 0; call < 5; call++)
            {
                var some = present.Length > 1 && random.Next(3) == 0 ? set.Only(present.RemoveAt(0)) : set;
                var chosen = strategy.Choose(some, random.Next(2) == 0 ? $"key {call}" : null);
                Assert.Contains(chosen, some.Servers);
                strategy.Ended(chosen, (AttemptOutcome)random.Next(9), TimeSpan.FromMilliseconds(random.Next(100)));
            }
        }
    }
}
