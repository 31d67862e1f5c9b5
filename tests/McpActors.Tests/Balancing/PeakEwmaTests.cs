using McpActors.Balancing;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static McpActors.Tests.Balancing.Candidates;

namespace McpActors.Tests.Balancing;

public sealed class PeakEwmaTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Candidate _a = Server("a", 0);
    private readonly Candidate _b = Server("b", 1);
    private readonly PeakEwma _strategy;
    private readonly CandidateSet _set;

    public PeakEwmaTests()
    {
        _strategy = new PeakEwma(Context(_clock));
        _set = Set(_a, _b);
    }

    [Fact]
    public void Takes_the_least_latency_times_attempts_in_flight()
    {
        Answered(_a, 0.1);
        Answered(_b, 0.35);

        (_a.InFlight, _b.InFlight) = (2, 0);
        Assert.Equal("a", Next());
        _a.InFlight = 3;
        Assert.Equal("b", Next());
    }

    [Fact]
    public void Follows_a_peak_at_once_and_fades_from_it()
    {
        Answered(_a, 0.1);
        Answered(_b, 0.2);

        Answered(_a, 1);
        Answered(_a, 0.1);
        Assert.Equal("b", Next());
        for (var second = 0; second < 60; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            Answered(_a, 0.1);
            Answered(_b, 0.2);
        }
        Assert.Equal("a", Next());
    }

    [Theory]
    [InlineData(AttemptOutcome.NotSent)]
    [InlineData(AttemptOutcome.Refused)]
    [InlineData(AttemptOutcome.ServerError)]
    [InlineData(AttemptOutcome.Lost)]
    public void A_failure_counts_as_the_call_timeout_in_the_average(AttemptOutcome outcome)
    {
        Answered(_a, 1);
        // Half of the latency decays, so half of the new one comes from the failure: 0.5 + 15 seconds. The failure also still counts as
        // load for another second.
        _clock.Advance(TimeSpan.FromSeconds(10 * Math.Log(2)));
        Answered(_b, 1);
        _strategy.Ended(_a, outcome, TimeSpan.Zero);

        _b.InFlight = 30 - 1;
        Assert.Equal("b", Next());
        _b.InFlight = 32 - 1;
        Assert.Equal("a", Next());
    }

    [Fact]
    public void A_failure_that_took_long_is_a_peak()
    {
        Answered(_a, 1);
        Answered(_b, 1);
        _strategy.Ended(_a, AttemptOutcome.Lost, TimeSpan.FromSeconds(10));

        _b.InFlight = 19 - 1;
        Assert.Equal("b", Next());
        _b.InFlight = 21 - 1;
        Assert.Equal("a", Next());
    }

    [Theory]
    [InlineData(AttemptOutcome.ToolError)]
    [InlineData(AttemptOutcome.Rejected)]
    [InlineData(AttemptOutcome.NotSupported)]
    [InlineData(AttemptOutcome.Cancelled)]
    public void An_early_end_without_success_makes_no_server_faster(AttemptOutcome outcome)
    {
        Answered(_a, 1);
        Answered(_b, 0.9);
        for (var i = 0; i < 20; i++)
            _strategy.Ended(_a, outcome, TimeSpan.Zero);
        _strategy.Ended(_b, outcome, TimeSpan.FromSeconds(0.5));

        Assert.Equal("b", Next());
    }

    [Fact]
    public void A_new_server_is_considered_as_fast_as_the_others()
    {
        for (var i = 0; i < 100; i++)
            Answered(_a, 0.1);

        (_a.InFlight, _b.InFlight) = (3, 2);
        Assert.Equal("b", Next());
        _b.InFlight = 4;
        Assert.Equal("a", Next());
    }

    [Fact]
    public void The_first_quick_answer_of_a_new_server_draws_no_flood()
    {
        for (var i = 0; i < 100; i++)
            Answered(_a, 0.1);
        Answered(_b, 0.001);

        (_a.InFlight, _b.InFlight) = (3, 4);
        Assert.Equal("a", Next());
    }

    [Fact]
    public void A_slow_server_is_tried_again()
    {
        Answered(_a, 0.1);
        Answered(_b, 1);
        for (var second = 0; second < 30; second++)
        {
            // It takes ln 10 time constants of ten seconds until it looks no slower than the other.
            Assert.Equal(second <= 23 ? "a" : "b", Next());
            _clock.Advance(TimeSpan.FromSeconds(1));
            Answered(_a, 0.1);
        }
        Assert.Equal("b", Next());
    }

    [Fact]
    public void Weights_count()
    {
        var heavy = Server("c", 2, weight: 3);
        Answered(_a, 0.1);
        Answered(heavy, 0.1);

        (_a.InFlight, heavy.InFlight) = (1, 4);
        Assert.Equal("c", _strategy.Choose(Set(_a, heavy), null).Name);
        heavy.InFlight = 6;
        Assert.Equal("a", _strategy.Choose(Set(_a, heavy), null).Name);
    }

    private string Next() => _strategy.Choose(_set, null).Name;

    private void Answered(Candidate server, double seconds) =>
        _strategy.Ended(server, AttemptOutcome.Succeeded, TimeSpan.FromSeconds(seconds));
}
