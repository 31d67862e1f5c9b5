using McpActors.Balancing;
using Xunit;
using static McpActors.Tests.Balancing.Candidates;

namespace McpActors.Tests.Balancing;

public sealed class PriorityChoiceTests
{
    private readonly PriorityChoice _strategy = new(new Random(1));

    [Theory]
    [InlineData(new[] { 100, 100 }, new[] { 100, 0 })]
    [InlineData(new[] { 72, 100 }, new[] { 100, 0 })]
    [InlineData(new[] { 71, 100 }, new[] { 99, 1 })]
    [InlineData(new[] { 50, 100 }, new[] { 70, 30 })]
    [InlineData(new[] { 25, 100 }, new[] { 35, 65 })]
    [InlineData(new[] { 0, 100 }, new[] { 0, 100 })]
    [InlineData(new[] { 25, 25 }, new[] { 50, 50 })]
    [InlineData(new[] { 25, 25, 100 }, new[] { 35, 35, 30 })]
    [InlineData(new[] { 0, 10, 10, 10 }, new[] { 0, 34, 33, 33 })]
    public void Spills_over_by_health_as_Envoy_does(int[] availableOf100, int[] loads)
    {
        var set = Levels(availableOf100, of: 100);

        Assert.Equal(loads, PriorityChoice.Loads(set.Levels));
    }

    [Fact]
    public void One_available_of_so_many_that_it_rounds_to_none_still_gets_the_calls() =>
        Assert.Equal([0, 100, 0], PriorityChoice.Loads(Levels([0, 1, 1], of: 1000).Levels));

    [Fact]
    public void Calls_meet_the_loads_and_take_turns_within_a_level()
    {
        var set = Levels([2, 4], of: 4);
        var counts = _strategy.Counts(set, 10_000);

        Statistics.AssertShares([70, 30], [counts[0] + counts[1], counts[4..].Sum()]);
        Assert.InRange(counts[0] - counts[1], 0, 1);
        Assert.InRange(counts[4] - counts[7], 0, 1);
    }

    [Fact]
    public void The_best_level_alone_is_used_in_good_health()
    {
        var (a, b, c) = (Server("a", 0, priority: 2), Server("b", 1, priority: 1), Server("c", 2, priority: 1));

        Assert.Equal("bcbc", _strategy.Choose(Set(a, b, c), 4));
    }

    [Fact]
    public void Weights_count_within_a_level()
    {
        var (a, b, c) = (Server("a", 0, priority: 1, weight: 2), Server("b", 1, priority: 1), Server("c", 2, priority: 2, weight: 100));

        Assert.Equal("abaaba", _strategy.Choose(Set(a, b, c), 6));
    }

    [Fact]
    public void A_server_that_leaves_a_level_does_not_disturb_the_turn_of_another()
    {
        var (a, b, c, d) = (Server("a", 0), Server("b", 1, priority: 2), Server("c", 2, priority: 2), Server("d", 3, priority: 2));

        Assert.Equal("b", _strategy.Choose(new CandidateSet([b, c, d], [a, b, c, d]), 1));
        Assert.Equal("a", _strategy.Choose(new CandidateSet([a, b, c, d], [a, b, c, d]), 1));
        Assert.Equal("cdb", _strategy.Choose(new CandidateSet([b, c, d], [a, b, c, d]), 3));
    }

    // The number of available servers of each level.
    private static CandidateSet Levels(int[] available, int of)
    {
        Candidate[] members =
        [
            .. available.SelectMany(
                (_, level) => Enumerable.Range(0, of).Select(i => Server($"s{level}.{i}", (level * of) + i, priority: level + 1))),
        ];
        var servers = members.Where(server => server.Ordinal % of < available[server.Priority - 1]);
        return new CandidateSet([.. servers], [.. members]);
    }
}
