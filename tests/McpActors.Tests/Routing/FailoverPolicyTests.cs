using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Routing;
using Xunit;

namespace McpActors.Tests.Routing;

/// <summary>Design section 5, row by row.</summary>
public sealed class FailoverPolicyTests
{
    public static TheoryData<AttemptOutcome, bool, string> Rows => new()
    {
        { AttemptOutcome.Succeeded, false, nameof(NextStep.Answer) },
        { AttemptOutcome.NotSent, false, nameof(NextStep.TryNext) },
        { AttemptOutcome.NotSent, true, nameof(NextStep.TryNext) },
        { AttemptOutcome.Refused, false, nameof(NextStep.TryNext) },
        { AttemptOutcome.Rejected, true, nameof(NextStep.Stop) },
        { AttemptOutcome.NotSupported, false, nameof(NextStep.TryNext) },
        { AttemptOutcome.ServerError, false, nameof(NextStep.TryNext) },
        { AttemptOutcome.ToolError, true, nameof(NextStep.Answer) },
        { AttemptOutcome.Lost, false, nameof(NextStep.Stop) },
        { AttemptOutcome.Lost, true, nameof(NextStep.TryNext) },
        { AttemptOutcome.Cancelled, true, nameof(NextStep.Stop) },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Each_outcome_has_its_next_step(AttemptOutcome outcome, bool safe, string step) =>
        Assert.Equal(step, Decide(After(outcome) with { Safe = safe }).ToString());

    [Theory]
    [InlineData(AttemptOutcome.NotSent)]
    [InlineData(AttemptOutcome.Refused)]
    [InlineData(AttemptOutcome.ServerError)]
    public void Nothing_moves_without_a_server_an_attempt_or_time_left(AttemptOutcome outcome)
    {
        Assert.Equal(NextStep.Exhausted, Decide(After(outcome) with { HasNext = false }));
        Assert.Equal(NextStep.Exhausted, Decide(After(outcome) with { Attempts = 3 }));
        Assert.Equal(NextStep.Exhausted, Decide(After(outcome) with { TimeLeft = TimeSpan.Zero }));
    }

    [Fact]
    public void A_pinned_call_and_a_pool_without_failover_stop_after_one_attempt()
    {
        Assert.Equal(NextStep.Stop, Decide(After(AttemptOutcome.NotSent) with { Pinned = true }));
        Assert.Equal(NextStep.Stop, Decide(After(AttemptOutcome.NotSent), new FailoverSettings { Enabled = false }));
    }

    [Fact]
    public void The_operator_can_turn_server_errors_and_tool_errors_round()
    {
        Assert.Equal(NextStep.Stop, Decide(After(AttemptOutcome.ServerError), new FailoverSettings { OnServerError = false }));
        var onToolError = new FailoverSettings { OnToolError = true };
        Assert.Equal(NextStep.TryNext, Decide(After(AttemptOutcome.ToolError), onToolError));
        Assert.Equal(NextStep.Answer, Decide(After(AttemptOutcome.ToolError) with { HasNext = false }, onToolError));
        Assert.Equal(NextStep.Answer, Decide(After(AttemptOutcome.ToolError) with { Pinned = true }, onToolError));
    }

    [Fact]
    public void A_result_too_large_is_not_fetched_again() =>
        Assert.Equal(NextStep.Stop, Decide(After(AttemptOutcome.Lost) with
        {
            Safe = true,
            Result = AttemptResult.Lost("too large", AttemptCause.ResultTooLarge),
        }));

    [Fact]
    public void The_second_attempt_goes_at_once_and_later_ones_with_full_jitter()
    {
        var policy = new FailoverPolicy(new FailoverSettings(), new Random(1));
        Assert.Equal(TimeSpan.Zero, policy.Delay(1));
        var delays = Enumerable.Range(0, 1000).Select(_ => policy.Delay(2).TotalMilliseconds).ToList();
        Assert.InRange(delays.Min(), 25, 26);
        Assert.InRange(delays.Max(), 249, 250);
    }

    private static NextStep Decide(FinishedAttempt attempt, FailoverSettings? settings = null) =>
        new FailoverPolicy(settings ?? new FailoverSettings(), new Random(1)).Decide(attempt);

    private static FinishedAttempt After(AttemptOutcome outcome) =>
        new(new AttemptResult(outcome), Safe: false, Pinned: false, Attempts: 1, HasNext: true, TimeLeft: TimeSpan.FromSeconds(10));
}
