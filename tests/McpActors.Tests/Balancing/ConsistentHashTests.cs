using McpActors.Balancing;
using Xunit;
using static McpActors.Tests.Balancing.Candidates;

namespace McpActors.Tests.Balancing;

public sealed class ConsistentHashTests
{
    private const int Keys = 20_000;

    private readonly ConsistentHash _strategy = new(Context(), bounded: false);
    private readonly ConsistentHash _bounded = new(Context(), bounded: true);

    [Fact]
    public void Hashes_are_the_same_in_every_process_and_version()
    {
        Assert.Equal(0xEFD01F60BA992926UL, StableHash.Of(""));
        Assert.Equal(0x82A2A958A9BECE5BUL, StableHash.Of("a"));
        Assert.Equal(0x6349466F50143E57UL, StableHash.Of(string.Concat(Enumerable.Repeat("€ 𝄞 ", 100))));
    }

    [Fact]
    public void Keys_meet_the_same_server_in_every_process_and_version() =>
        Assert.Equal(
            "s2 s1 s2 s1", string.Join(' ', new[] { "a", "b", "c", "d" }.Select(key => _strategy.Choose(Set(Equal(3)), key).Name)));

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(17)]
    [InlineData(100)]
    public void When_a_server_leaves_only_its_keys_move_and_to_many_others(int count)
    {
        var servers = Equal(count);
        var before = Owners(_strategy, Set(servers));
        var after = Owners(_strategy, Set(servers.RemoveAt(1)));

        Assert.All(before.Zip(after), pair => Assert.True(pair.First == pair.Second || pair.First == 1));
        var heirs = before.Zip(after).Where(pair => pair.First == 1).Select(pair => pair.Second).Distinct().Count();
        Assert.True(heirs >= Math.Min(count - 1, 8), $"the keys went to {heirs} others");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(100)]
    public void Shares_differ_by_no_more_than_a_quarter(int count)
    {
        var counts = Owners(_strategy, Set(Equal(count)), 10 * Keys).CountBy(owner => owner).ToDictionary();

        Assert.All(Enumerable.Range(0, count), owner => Assert.InRange(counts[owner] * count / (10.0 * Keys), 0.75, 1.25));
    }

    [Fact]
    public void Weights_determine_the_number_of_keys_of_a_server()
    {
        var owners = Owners(_strategy, Set(Weighted(1, 2, 5, 0.5)));

        Assert.All([(0, 1), (1, 2), (2, 5), (3, 0.5)], ((int Server, double Weight) expected) =>
            Assert.InRange(
                owners.Count(owner => owner == expected.Server) / (double)Keys,
                expected.Weight / 8.5 * 0.75,
                expected.Weight / 8.5 * 1.25));
    }

    [Fact]
    public void A_weight_that_grows_takes_keys_and_moves_no_others()
    {
        var servers = Equal(5);
        var before = Owners(_strategy, Set(servers));
        servers[2].Weight = 1.5;
        var after = Owners(_strategy, Set(servers));

        Assert.All(before.Zip(after), pair => Assert.True(pair.First == pair.Second || pair.Second == 2));
        Assert.True(after.Count(owner => owner == 2) > before.Count(owner => owner == 2) * 1.2);
    }

    [Fact]
    public void A_further_attempt_goes_to_the_keys_server_among_the_untried_ones()
    {
        var servers = Equal(10);
        var set = Set(servers);
        var first = set.Servers.Single(server => server == _strategy.Choose(set, "key"));

        Assert.Same(_strategy.Choose(Set(servers.Remove(first)), "key"), _strategy.Choose(set.Only(servers.Remove(first)), "key"));
    }

    [Fact]
    public void Without_a_key_the_least_loaded_is_chosen()
    {
        var servers = Equal(3);
        (servers[0].InFlight, servers[1].InFlight, servers[2].InFlight) = (2, 1, 2);

        Assert.Equal("s1", _strategy.Choose(Set(servers), null).Name);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    public void Bounded_a_key_of_all_calls_loads_no_server_much_above_the_average(int count)
    {
        var set = Set(Equal(count));
        for (var i = 0; i < 40 * count; i++)
            _bounded.Choose(set, "the one key").InFlight++;

        // With many servers the average is an estimate from samples.
        Assert.InRange(set.Servers.Max(server => server.InFlight), 0, count == 10 ? 50 : 80);
    }

    [Fact]
    public void Bounded_a_key_keeps_its_server_as_long_as_that_is_not_full()
    {
        var set = Set(Equal(10));

        Assert.All(Enumerable.Range(0, 200), i => Assert.Same(_strategy.Choose(set, $"key {i}"), _bounded.Choose(set, $"key {i}")));
    }

    [Fact]
    public void Bounded_spreads_the_overflow_of_a_full_server_by_key()
    {
        var set = Set(Equal(10));
        var full = _strategy.Choose(set, "key 0");
        full.InFlight = 10;
        var others = Enumerable.Range(0, 2000).Select(i => $"key {i}")
            .Where(key => _strategy.Choose(set, key) == full)
            .Select(key => _bounded.Choose(set, key))
            .ToList();

        Assert.DoesNotContain(full, others);
        Assert.Equal(9, others.Distinct().Count());
    }

    private static int[] Owners(ConsistentHash strategy, CandidateSet set, int keys = Keys) =>
        [.. Enumerable.Range(0, keys).Select(i => strategy.Choose(set, $"key {i}").Ordinal)];
}
