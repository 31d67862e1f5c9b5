using McpActors.Balancing;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static McpActors.Tests.Balancing.Candidates;

namespace McpActors.Tests.Balancing;

/// <summary>The strategies that compare attempts in flight.</summary>
public sealed class LeastLoadTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Least_connections_takes_the_one_with_the_fewest_for_its_weight()
    {
        var (a, b, c) = (Server("a", 0), Server("b", 1, weight: 4), Server("c", 2));
        (a.InFlight, b.InFlight, c.InFlight) = (1, 6, 2);
        Assert.Equal("b", new LeastConnections(Context()).Choose(Set(a, b, c), 1));
        b.InFlight = 8;
        Assert.Equal("a", new LeastConnections(Context()).Choose(Set(a, b, c), 1));
    }

    [Theory]
    [InlineData("least-connections", 40)]
    [InlineData("power-of-two", 3)]
    [InlineData("power-of-two", 40)]
    public void Of_two_drawn_servers_the_more_loaded_one_is_never_chosen(string name, int count)
    {
        var servers = Equal(count);
        servers[1].InFlight = 1;

        Assert.Equal(0, Strategies.BuiltIn[name](Context()).Counts(Set(servers), 10_000)[1]);
    }

    [Fact]
    public void Power_of_two_takes_each_unless_the_other_drawn_is_better()
    {
        var servers = Equal(4);
        for (var i = 0; i < 4; i++)
            servers[i].InFlight = i;

        // All six pairs are equally likely: the best server wins three, the worst none.
        Statistics.AssertShares([3, 2, 1], new PowerOfTwo(Context()).Counts(Set(servers), 30_000)[..3]);
    }

    [Theory]
    [InlineData("least-connections", 8)]
    [InlineData("least-connections", 40)]
    [InlineData("power-of-two", 8)]
    [InlineData("power-of-two", 40)]
    [InlineData("peak-ewma", 8)]
    [InlineData("peak-ewma", 40)]
    public void Under_load_attempts_in_flight_are_in_proportion_to_weight(string name, int count)
    {
        var random = new Random(2);
        var servers = Weighted([.. Enumerable.Range(0, count).Select(i => (i % 4) + 1.0)]);
        var (set, strategy) = (Set(servers), Strategies.BuiltIn[name](Context(_clock)));
        var inFlight = new List<Candidate>();
        for (var i = 0; i < 40 * count * 10; i++)
        {
            if (inFlight.Count == 40 * count)
            {
                var ended = random.Next(inFlight.Count);
                inFlight[ended].InFlight--;
                (inFlight[ended], inFlight[^1]) = (inFlight[^1], inFlight[ended]);
                inFlight.RemoveAt(inFlight.Count - 1);
            }
            inFlight.Add(strategy.Choose(set, null));
            inFlight[^1].InFlight++;
        }

        // The mean weight is 2.5, so there are 16 attempts for each unit of it.
        Assert.All(servers, server => Assert.InRange(server.InFlight / server.Weight, 12, 20));
    }

    [Theory]
    [InlineData("least-connections")]
    [InlineData("power-of-two")]
    public void A_server_that_fails_at_once_looks_no_longer_idle(string name)
    {
        var (good, bad) = (Server("good", 0), Server("bad", 1));
        var strategy = Strategies.BuiltIn[name](Context(_clock));
        strategy.Ended(good, AttemptOutcome.Succeeded, TimeSpan.FromSeconds(1));
        strategy.Ended(bad, AttemptOutcome.ServerError, TimeSpan.Zero);

        Assert.Equal(0, strategy.Counts(Set(good, bad), 100)[1]);
    }

    [Fact]
    public void A_failure_counts_as_one_attempt_in_flight_and_fades_over_five_usual_successes()
    {
        var (good, bad) = (Server("good", 0), Server("bad", 1));
        var load = new AttemptLoad(_clock);
        load.Ended(good, AttemptOutcome.Succeeded, TimeSpan.FromSeconds(3));
        load.Ended(bad, AttemptOutcome.Lost, TimeSpan.Zero);

        Assert.Equal(1, load.Of(good));
        Assert.Equal(2, load.Of(bad));
        _clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(1 + (1 / Math.E), load.Of(bad), 6);
        _clock.Advance(TimeSpan.FromSeconds(600));
        Assert.Equal(1, load.Of(bad));
    }

    [Theory]
    [InlineData(AttemptOutcome.Succeeded, 0.2, 0)]
    [InlineData(AttemptOutcome.ToolError, 0, 0.2)]
    [InlineData(AttemptOutcome.Rejected, 0.5, 0.1)]
    [InlineData(AttemptOutcome.Cancelled, 2, 0)]
    [InlineData(AttemptOutcome.NotSupported, 0, 0.2)]
    [InlineData(AttemptOutcome.NotSent, 0, 1)]
    [InlineData(AttemptOutcome.Refused, 0, 1)]
    [InlineData(AttemptOutcome.ServerError, 2, 1)]
    [InlineData(AttemptOutcome.Lost, 30, 1)]
    public void An_early_end_without_success_counts_as_the_rest_of_a_success_and_a_failure_as_five_successes(
        AttemptOutcome outcome, double seconds, double weighs)
    {
        var (good, other) = (Server("good", 0), Server("other", 1));
        var load = new AttemptLoad(_clock);
        load.Ended(good, AttemptOutcome.Succeeded, TimeSpan.FromSeconds(1));
        load.Ended(other, outcome, TimeSpan.FromSeconds(seconds));

        Assert.Equal(1 + weighs, load.Of(other), 9);
    }

    [Fact]
    public void Failures_add_up_and_count_for_the_weight()
    {
        var server = Server("a", 0, weight: 2);
        var load = new AttemptLoad(_clock);
        load.Ended(server, AttemptOutcome.Lost, TimeSpan.Zero);
        load.Ended(server, AttemptOutcome.Lost, TimeSpan.Zero);
        server.InFlight = 3;

        Assert.Equal((3 + 1 + 2) / 2.0, load.Of(server));
    }
}
