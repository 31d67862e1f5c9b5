using CsCheck;
using McpActors.Calls;
using McpActors.Configuration;
using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Calls;

/// <summary>The failure table of <c>docs/reliability.md</c>, row by row.</summary>
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
        { AttemptOutcome.ServerError, false, nameof(NextStep.Stop) },
        { AttemptOutcome.ServerError, true, nameof(NextStep.TryNext) },
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
    [InlineData(AttemptOutcome.NotSupported)]
    public void Nothing_moves_without_a_server_an_attempt_or_time_left(AttemptOutcome outcome)
    {
        Assert.Equal(NextStep.Exhausted, Decide(After(outcome) with { HasNext = false }));
        Assert.Equal(NextStep.Exhausted, Decide(After(outcome) with { Attempts = 3 }));
        Assert.Equal(NextStep.Exhausted, Decide(After(outcome) with { TimeLeft = TimeSpan.Zero }));
    }

    [Fact]
    public void The_last_moment_is_time_enough_for_another_attempt() =>
        Assert.Equal(NextStep.TryNext, Decide(After(AttemptOutcome.NotSent) with { TimeLeft = TimeSpan.FromTicks(1) }));

    [Theory]
    [InlineData(true, 2, true)]
    [InlineData(true, 3, false)]
    [InlineData(false, 1, false)]
    public void A_call_may_have_another_attempt_up_to_the_limit(bool enabled, int attempts, bool may) =>
        Assert.Equal(may, new FailoverPolicy(new FailoverSettings { Enabled = enabled }, new Random(1)).MayTryAgain(attempts));

    [Theory]
    [InlineData(AttemptOutcome.NotSent, AttemptCause.NotConnected, false)]
    [InlineData(AttemptOutcome.NotSent, AttemptCause.CircuitOpen, false)]
    [InlineData(AttemptOutcome.NotSent, AttemptCause.Draining, false)]
    [InlineData(AttemptOutcome.NotSent, AttemptCause.Overloaded, false)]
    [InlineData(AttemptOutcome.NotSent, AttemptCause.ConnectFailed, true)]
    [InlineData(AttemptOutcome.Refused, AttemptCause.Overloaded, true)]
    [InlineData(AttemptOutcome.Lost, AttemptCause.ConnectionLost, false)]
    [InlineData(AttemptOutcome.Lost, AttemptCause.None, true)]
    public void An_attempt_that_burdened_no_server_costs_no_budget(AttemptOutcome outcome, object cause, bool costs) =>
        Assert.Equal(costs, FailoverPolicy.CostsBudget(new AttemptResult(outcome) { Cause = (AttemptCause)cause }));

    [Fact]
    public void A_pinned_call_and_a_pool_without_failover_stop_after_one_attempt()
    {
        Assert.Equal(NextStep.Stop, Decide(After(AttemptOutcome.NotSent) with { Pinned = true }));
        Assert.Equal(NextStep.Stop, Decide(After(AttemptOutcome.NotSent), new FailoverSettings { Enabled = false }));
    }

    [Theory]
    [InlineData(ServerErrorFailover.Off, false, false, nameof(NextStep.Stop))]
    [InlineData(ServerErrorFailover.Off, true, false, nameof(NextStep.Stop))]
    [InlineData(ServerErrorFailover.Off, false, true, nameof(NextStep.Stop))]
    [InlineData(ServerErrorFailover.Safe, false, false, nameof(NextStep.Stop))]
    [InlineData(ServerErrorFailover.Safe, true, false, nameof(NextStep.TryNext))]
    [InlineData(ServerErrorFailover.Safe, false, true, nameof(NextStep.TryNext))]
    [InlineData(ServerErrorFailover.Always, false, false, nameof(NextStep.TryNext))]
    [InlineData((ServerErrorFailover)7, true, true, nameof(NextStep.Stop))]
    public void A_server_error_moves_by_the_operators_word_and_the_callers(
        ServerErrorFailover setting, bool safe, bool asksForFailover, string step) =>
        Assert.Equal(step, Decide(
            After(AttemptOutcome.ServerError) with { Safe = safe, AsksForFailover = asksForFailover },
            new FailoverSettings { OnServerError = setting }).ToString());

    [Theory]
    [InlineData(AttemptOutcome.Lost)]
    [InlineData(AttemptOutcome.Rejected)]
    [InlineData(AttemptOutcome.Cancelled)]
    public void A_caller_who_asks_for_failover_asks_for_it_after_an_answer_only(AttemptOutcome outcome) =>
        Assert.Equal(NextStep.Stop, Decide(
            After(outcome) with { AsksForFailover = true }, new FailoverSettings { OnServerError = ServerErrorFailover.Always }));

    [Fact]
    public void The_operator_can_let_tool_errors_move()
    {
        var onToolError = new FailoverSettings { OnToolError = true };
        Assert.Equal(NextStep.TryNext, Decide(After(AttemptOutcome.ToolError), onToolError));
        Assert.Equal(NextStep.Answer, Decide(After(AttemptOutcome.ToolError) with { HasNext = false }, onToolError));
        Assert.Equal(NextStep.Answer, Decide(After(AttemptOutcome.ToolError) with { Pinned = true }, onToolError));
    }

    [Theory]
    [InlineData(AttemptCause.ResultTooLarge)]
    [InlineData(AttemptCause.ResultUnreadable)]
    public void An_answer_that_had_to_be_dropped_is_not_asked_for_again(object cause) =>
        Assert.Equal(NextStep.Stop, Decide(
            After(AttemptOutcome.ServerError) with { Safe = true, Result = AttemptResult.AnswerDropped((AttemptCause)cause, "dropped") },
            new FailoverSettings { OnServerError = ServerErrorFailover.Always }));

    [Fact]
    public void The_second_attempt_goes_at_once_and_later_ones_with_full_jitter()
    {
        var policy = new FailoverPolicy(new FailoverSettings(), new Random(1));
        Assert.Equal(TimeSpan.Zero, policy.Delay(1));
        var delays = Enumerable.Range(0, 1000).Select(_ => policy.Delay(2).TotalMilliseconds).ToList();
        Assert.InRange(delays.Min(), 25, 26);
        Assert.InRange(delays.Max(), 249, 250);
    }

    private static readonly Gen<AttemptResult> Results = Gen.Select(
        Gen.Enum<AttemptOutcome>(),
        Gen.Enum<AttemptCause>(),
        (outcome, cause) => new AttemptResult(outcome) { Cause = cause });

    /// <summary>One call from its first attempt to its end: settings, kind of call, and how each attempt would end.</summary>
    private sealed record AnyCall(
        FailoverSettings Settings, bool Safe, bool AsksForFailover, bool Pinned, int Servers, AttemptResult[] Ends);

    private static readonly Gen<FailoverSettings> Settings = Gen.Select(
        Gen.Frequency((5, Gen.Const(true)), (1, Gen.Const(false))),
        Gen.Int[1, 5],
        Gen.Enum<ServerErrorFailover>(),
        Gen.Bool,
        (enabled, most, onServerError, onToolError) => new FailoverSettings
        {
            Enabled = enabled,
            MaxAttempts = most,
            OnServerError = onServerError,
            OnToolError = onToolError,
        });

    private static readonly Gen<AnyCall> CallsOfAnyKind =
        Gen.Select(
            Settings,
            Gen.Bool,
            Gen.Bool,
            Gen.Frequency((5, Gen.Const(false)), (1, Gen.Const(true))),
            Gen.Int[1, 6],
            Results.Array[8],
            (settings, safe, asks, pinned, servers, ends) => new AnyCall(settings, safe, asks, pinned, servers, ends));

    [Fact]
    public void Every_call_ends_by_the_rules() => Property.Holds(CallsOfAnyKind, call =>
    {
        var settings = call.Settings;
        var policy = new FailoverPolicy(settings, new Random(1));
        for (var attempts = 1; ; attempts++)
        {
            var result = call.Ends[attempts - 1];
            var (outcome, left) = (result.Outcome, TimeSpan.FromSeconds(5 - attempts));
            var step = policy.Decide(new FinishedAttempt(
                result, call.Safe, call.AsksForFailover, call.Pinned, attempts, HasNext: attempts < call.Servers, left));

            Assert.Equal(
                outcome is AttemptOutcome.Succeeded or AttemptOutcome.ToolError,
                step == NextStep.Answer || (step == NextStep.TryNext && outcome == AttemptOutcome.ToolError));
            if (step != NextStep.TryNext)
            {
                // An error that rules out an execution is allowed only when nothing can have run, or the call may run twice.
                if (step == NextStep.Exhausted)
                    Assert.True(call.Safe || outcome != AttemptOutcome.Lost);
                return;
            }
            Assert.True(
                settings.Enabled && !call.Pinned && attempts < settings.MaxAttempts && attempts < call.Servers && left > TimeSpan.Zero);
            Assert.True(call.Safe || outcome != AttemptOutcome.Lost, "a call that may have run and must not run twice was tried again");
            Assert.True(outcome is not (AttemptOutcome.Rejected or AttemptOutcome.Cancelled));
            Assert.True(outcome != AttemptOutcome.ServerError || !result.IsAnswerDropped);
            Assert.True(outcome != AttemptOutcome.ServerError || settings.OnServerError == ServerErrorFailover.Always
                || (settings.OnServerError == ServerErrorFailover.Safe && (call.Safe || call.AsksForFailover)));
            Assert.True(outcome != AttemptOutcome.ToolError || settings.OnToolError);
            var delay = policy.Delay(attempts);
            Assert.True(attempts == 1 ? delay == TimeSpan.Zero : delay >= settings.MinDelay && delay <= settings.MaxDelay);
        }
    });

    [Fact]
    public void A_call_that_cannot_have_run_continues_while_servers_attempts_and_time_are_left() => Property.Holds(CallsOfAnyKind, call =>
    {
        var result = call.Ends[0];
        if (result.Outcome is not (AttemptOutcome.NotSent or AttemptOutcome.Refused or AttemptOutcome.NotSupported))
            return;
        Assert.Equal(NextStep.TryNext, Decide(After(result.Outcome) with { Result = result, Safe = call.Safe }));
    });

    private static NextStep Decide(FinishedAttempt attempt, FailoverSettings? settings = null) =>
        new FailoverPolicy(settings ?? new FailoverSettings(), new Random(1)).Decide(attempt);

    private static FinishedAttempt After(AttemptOutcome outcome) => new(
        new AttemptResult(outcome),
        Safe: false,
        AsksForFailover: false,
        Pinned: false,
        Attempts: 1,
        HasNext: true,
        TimeLeft: TimeSpan.FromSeconds(10));
}
