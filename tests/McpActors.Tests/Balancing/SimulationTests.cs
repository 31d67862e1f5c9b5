using McpActors.Balancing;
using McpActors.Benchmarks.Queueing;
using Xunit;

namespace McpActors.Tests.Balancing;

/// <summary>The strategies in the simulation of <c>tests/McpActors.Benchmarks</c>, against queueing theory.</summary>
public sealed class SimulationTests
{
    private const double Exact = 0.03;

    [Theory]
    [InlineData(0.5, 1.2657)]
    [InlineData(0.7, 1.6145)]
    [InlineData(0.9, 2.6141)]
    [InlineData(0.99, 5.4320)]
    public void Power_of_two_in_the_limit(double load, double mean) => Assert.Equal(mean, ClosedForms.PowerOfTwo(load), 4);

    [Theory]
    [InlineData(0.5, 1.2550)]
    [InlineData(0.7, 1.8762)]
    [InlineData(0.9, 5.1787)]
    public void Round_robin_in_the_limit(double load, double mean) => Assert.Equal(mean, ClosedForms.RoundRobin(load, 100_000), 3);

    [Fact]
    public void Of_one_server_all_closed_forms_are_the_same()
    {
        Assert.Equal(ClosedForms.Random(0.7), ClosedForms.RoundRobin(0.7, 1), 6);
        Assert.Equal(ClosedForms.Random(0.7), ClosedForms.OneQueue(0.7, 1), 6);
    }

    [Theory]
    [InlineData("random", 0.5)]
    [InlineData("random", 0.7)]
    public void Random_matches_the_theory(string strategy, double load) =>
        AssertMean(ClosedForms.Random(load), new Scenario { Strategy = strategy, Load = load });

    [Theory]
    [InlineData("round-robin", 0.7, 10)]
    [InlineData("round-robin", 0.7, 40)]
    [InlineData("round-robin", 0.9, 10)]
    [InlineData("priority", 0.7, 10)]
    public void Round_robin_matches_the_theory(string strategy, double load, int servers) =>
        AssertMean(ClosedForms.RoundRobin(load, servers), new Scenario { Strategy = strategy, Load = load, Servers = servers });

    [Theory]
    [InlineData("power-of-two", 0.5)]
    [InlineData("power-of-two", 0.9)]
    [InlineData("least-connections", 0.7)]
    public void Two_draws_among_many_servers_match_the_theory(string strategy, double load) =>
        AssertMean(ClosedForms.PowerOfTwo(load), new Scenario { Strategy = strategy, Load = load, Servers = 500 });

    [Theory]
    [InlineData("least-connections")]
    [InlineData("power-of-two")]
    [InlineData("peak-ewma")]
    [InlineData("consistent-hash")]
    public void Of_one_server_every_strategy_is_the_same(string strategy) =>
        AssertMean(ClosedForms.Random(0.5), new Scenario { Strategy = strategy, Load = 0.5, Servers = 1 });

    [Fact]
    public void Least_connections_is_near_the_bound_that_nothing_beats()
    {
        var mean = QueueingSimulation.Run(new Scenario { Strategy = "least-connections", Load = 0.7 }).Mean;

        Assert.InRange(mean, ClosedForms.OneQueue(0.7, 10), 1.25 * ClosedForms.OneQueue(0.7, 10));
    }

    [Fact]
    public void The_same_seed_gives_the_same_result()
    {
        var scenario = new Scenario { Strategy = "peak-ewma", Calls = 10_000 };

        Assert.Equal(QueueingSimulation.Run(scenario).Mean, QueueingSimulation.Run(scenario).Mean);
        Assert.NotEqual(QueueingSimulation.Run(scenario).Mean, QueueingSimulation.Run(scenario with { Seed = 2 }).Mean);
    }

    public static TheoryData<string, int, double, double> FailingServers()
    {
        var data = new TheoryData<string, int, double, double>();
        foreach (var strategy in Strategies.BuiltIn.Keys.Order(StringComparer.Ordinal))
        {
            foreach (var (servers, load, probability) in new[] { (10, 0.1, 1), (10, 0.7, 0.3), (10, 1.5, 1), (40, 0.7, 1) })
                data.Add(strategy, servers, load, probability);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(FailingServers))]
    public void A_server_that_fails_at_once_gets_no_more_than_its_fair_share(string strategy, int servers, double load, double probability)
    {
        var scenario = new Scenario
        {
            Strategy = strategy,
            Servers = servers,
            Load = load,
            Failing = new(1, probability),
            Calls = load > 1 ? 10_000 : 30_000,
        };
        var share = QueueingSimulation.Run(scenario).Shares[^1] * servers;

        // The shares of a hash differ by some percent by chance; the last of these servers has fewer keys than most.
        Assert.InRange(share, 0, 1.1);
    }

    private static void AssertMean(double expected, Scenario scenario) =>
        Assert.InRange(QueueingSimulation.Run(scenario).Mean / expected, 1 - Exact, 1 + Exact);
}
