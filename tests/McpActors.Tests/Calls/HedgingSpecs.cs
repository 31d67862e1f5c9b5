using McpActors.Configuration;
using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Calls;

/// <summary>A second attempt beside a slow first one.</summary>
public sealed class HedgingSpecs : RouterSpec
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);
    private static readonly CallOptions Hedged = Vouched with { Hedge = new Hedging { After = Wait } };

    [Fact]
    public async Task A_slow_first_attempt_is_hedged_and_the_first_answer_counts()
    {
        Start("a", "b");
        Call(new CallTool("read", null, Hedged));
        var first = await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        Pass(Wait + Step, Step);
        await AnswerAsync("b", Success("b"));

        var executed = await Caller.ExpectMsgAsync<CallCompleted>();
        Assert.Equal("b", executed.Server);
        Assert.Equal(
            [("a", AttemptOutcome.Cancelled), ("b", AttemptOutcome.Succeeded)], executed.Attempts.Select(a => (a.Server, a.Outcome)));
        Assert.Equal(new CancelAttempt(first.Id, CancelReason.Caller), await Circuits["a"].ExpectMsgAsync<CancelAttempt>());
        Assert.Equal(1, (await InFlightAndCallsAsync("a")).InFlight);
        Circuits["a"].Reply(new AttemptEnded(first.Id, new AttemptResult(AttemptOutcome.Cancelled)));
        await HandledAsync(Router);
        Assert.Equal((0, 1L), await InFlightAndCallsAsync("a"));
        await Caller.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task The_first_attempt_may_still_win_and_then_the_hedge_is_cancelled()
    {
        Start("a", "b");
        Call(new CallTool("read", null, Hedged));
        var first = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Pass(Wait + Step, Step);
        var hedge = await Circuits["b"].ExpectMsgAsync<StartAttempt>();

        Circuits["a"].Reply(new AttemptEnded(first.Id, Success("a")));

        Assert.Equal("a", (await Caller.ExpectMsgAsync<CallCompleted>()).Server);
        Assert.Equal(hedge.Id, (await Circuits["b"].ExpectMsgAsync<CancelAttempt>()).AttemptId);
    }

    [Fact]
    public async Task A_call_that_must_not_run_twice_is_never_hedged()
    {
        Start("a", "b");
        Call(new CallTool("pay", null, Hedged with { Idempotent = null }));
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        Pass(TimeSpan.FromSeconds(1), Step);
        await HandledAsync(Router);

        await Circuits["b"].ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task When_one_of_the_two_fails_the_other_is_waited_for()
    {
        Start("a", "b", "c");
        Call(new CallTool("read", null, Hedged));
        var first = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Pass(Wait + Step, Step);
        var hedge = await Circuits["b"].ExpectMsgAsync<StartAttempt>();

        Circuits["a"].Reply(new AttemptEnded(first.Id, AttemptResult.Lost("reset")));
        await HandledAsync(Router);
        await Caller.ExpectNoMsgAsync(TimeSpan.Zero);
        Circuits["b"].Reply(new AttemptEnded(hedge.Id, Success("b")));

        Assert.Equal(
            [AttemptOutcome.Lost, AttemptOutcome.Succeeded],
            (await Caller.ExpectMsgAsync<CallCompleted>()).Attempts.Select(a => a.Outcome));
        await Circuits["c"].ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task When_both_fail_the_next_server_is_tried()
    {
        Start("a", "b", "c");
        Call(new CallTool("read", null, Hedged));
        var first = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Pass(Wait + Step, Step);
        var hedge = await Circuits["b"].ExpectMsgAsync<StartAttempt>();

        Circuits["a"].Reply(new AttemptEnded(first.Id, AttemptResult.Lost("reset")));
        Circuits["b"].Reply(new AttemptEnded(hedge.Id, AttemptResult.Lost("reset")));
        await HandledAsync(Router);
        Pass(TimeSpan.FromMilliseconds(300), Step);
        await AnswerAsync("c", Success("c"));

        Assert.Equal("c", (await Caller.ExpectMsgAsync<CallCompleted>()).Server);
    }

    [Fact]
    public async Task An_answer_that_refuses_the_request_ends_both()
    {
        Start("a", "b");
        Call(new CallTool("read", null, Hedged));
        var first = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Pass(Wait + Step, Step);
        await Circuits["b"].ExpectMsgAsync<StartAttempt>();

        Circuits["a"].Reply(new AttemptEnded(first.Id, new AttemptResult(AttemptOutcome.Rejected) { Code = -32602, Error = "bad" }));

        var failed = await Caller.ExpectMsgAsync<CallFailed>();
        Assert.Equal((PoolErrorKind.Rejected, "a"), (failed.Error.Kind, failed.Error.Server));
        await Circuits["b"].ExpectMsgAsync<CancelAttempt>();
    }

    [Fact]
    public async Task Cancelling_reaches_both_servers()
    {
        Start("a", "b");
        Call(new CallTool("read", null, Hedged with { CallId = "mine" }));
        var first = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Pass(Wait + Step, Step);
        var hedge = await Circuits["b"].ExpectMsgAsync<StartAttempt>();

        Router.Tell(new CancelCall("mine"), CreateTestProbe());

        await Circuits["a"].ExpectMsgAsync<CancelAttempt>();
        await Circuits["b"].ExpectMsgAsync<CancelAttempt>();
        Circuits["a"].Reply(new AttemptEnded(first.Id, new AttemptResult(AttemptOutcome.Cancelled)));
        Circuits["b"].Reply(new AttemptEnded(hedge.Id, new AttemptResult(AttemptOutcome.Cancelled)));
        Assert.Equal(PoolErrorKind.Cancelled, (await FailureAsync()).Kind);
        await HandledAsync(Router);
        Assert.Equal((0, 0), ((await InFlightAndCallsAsync("a")).InFlight, (await InFlightAndCallsAsync("b")).InFlight));
    }

    [Fact]
    public async Task A_quantile_hedges_nothing_before_it_is_known()
    {
        Start("a", "b");
        var options = Vouched with { Hedge = new Hedging { Quantile = 0.5 } };
        for (var i = 0; i < 20; i++)
        {
            Call(new CallTool("read", null, options));
            await AnswerAsync(i % 2 == 0 ? "a" : "b", Success("x"));
            await Caller.ExpectMsgAsync<CallCompleted>();
        }
        Call(new CallTool("read", null, options));
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        await HandledAsync(Router);

        // The twenty calls took no virtual time, so the next tick is already too late.
        Pass(TimeSpan.FromMilliseconds(40), Step);

        await AnswerAsync("b", Success("b"));
        Assert.Equal("b", (await Caller.ExpectMsgAsync<CallCompleted>()).Server);
        Call(new CallTool("other", null, options));
        await Circuits["b"].ExpectMsgAsync<StartAttempt>();
        Pass(TimeSpan.FromSeconds(1), Step);
        await HandledAsync(Router);
        await Circuits["a"].FishForMessageAsync<CancelAttempt>(_ => true);
        await Circuits["a"].ExpectMsgAsync<ForgetAttempt>();
        await Circuits["a"].ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_route_may_ask_for_hedges()
    {
        Start(
            new PoolSettings
            {
                Routes = [new() { Match = "read*", Group = "default", Hedge = new Hedging { After = Wait } }],
                IdempotentTools = ["*"],
            },
            new ServerSettings { Name = "a" }, new ServerSettings { Name = "b" });
        Call(new CallTool("read"));
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        Pass(Wait + Step, Step);

        await Circuits["b"].ExpectMsgAsync<StartAttempt>();
    }

    [Fact]
    public async Task A_hedge_does_not_take_the_callers_key_with_it()
    {
        Start("a", "b");
        Report("a", Connected with { Connection = Connected.Connection with { Session = 1 } });
        Report("b", Connected with { Connection = Connected.Connection with { Session = 2 } });
        Call(new CallTool("read", null, Hedged with { AffinityKey = "conversation" }));
        var first = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Pass(Wait + Step, Step);
        await Circuits["b"].ExpectMsgAsync<StartAttempt>();
        Circuits["a"].Reply(new AttemptEnded(first.Id, Success("a")));
        await Caller.ExpectMsgAsync<CallCompleted>();

        Call(new CallTool("read", null, new CallOptions { AffinityKey = "conversation" }));

        await Circuits["a"].ExpectMsgAsync<StartAttempt>();
    }

    [Fact]
    public async Task An_invalid_hedge_is_refused()
    {
        Start("a");
        Call(new CallTool("read", null, new CallOptions { Hedge = new Hedging() }));
        Assert.Equal(PoolErrorKind.InvalidRequest, (await FailureAsync()).Kind);
    }
}
