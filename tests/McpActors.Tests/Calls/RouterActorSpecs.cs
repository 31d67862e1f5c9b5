using Akka.Actor;
using McpActors.Calls;
using McpActors.Configuration;
using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Calls;

/// <summary>The router between a caller and circuits that are probes: it answers once, also when a part of it fails.</summary>
public sealed class RouterActorSpecs : RouterSpec
{
    [Fact]
    public async Task A_success_is_the_answer()
    {
        Start("a");
        Call(new CallTool("t"));

        await AnswerAsync("a", Success("a"));

        var completed = await Caller.ExpectMsgAsync<CallCompleted>();
        Assert.Equal("a", completed.Server);
        Assert.Equal([AttemptOutcome.Succeeded], completed.Attempts.Select(a => a.Outcome));
    }

    [Fact]
    public async Task A_word_is_a_tool_and_a_path_is_a_method()
    {
        Start("a");
        Call(new Execute("getData"));
        Call(new Execute("resources/list"));

        Assert.Equal(new CallRequest("tools/call", "getData", null, true), (await Circuits["a"].ExpectMsgAsync<StartAttempt>()).Request);
        Assert.Equal(new CallRequest("resources/list", null, null, false), (await Circuits["a"].ExpectMsgAsync<StartAttempt>()).Request);
    }

    [Fact]
    public async Task A_second_reply_and_a_late_one_change_nothing()
    {
        Start("a");
        Call(new CallTool("t"));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Circuits["a"].Reply(new AttemptEnded(attempt.Id, Success("a")));
        Circuits["a"].Reply(new AttemptEnded(attempt.Id, ServerError()));
        await HandledAsync(Router);

        await Caller.ExpectMsgAsync<CallCompleted>();
        await Caller.ExpectNoMsgAsync(TimeSpan.Zero);
        Assert.Equal((0, 1L), await InFlightAndCallsAsync("a"));
    }

    [Fact]
    public async Task Cancelling_by_id_reaches_the_server_that_has_the_call_and_answers_the_caller()
    {
        Start("a", "b");
        Call(new CallTool("t", null, new CallOptions { CallId = "mine" }));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        var canceller = CreateTestProbe();
        Router.Tell(new CancelCall("mine"), canceller);
        await canceller.ExpectMsgAsync<CommandAccepted>();
        Assert.Equal(new CancelAttempt(attempt.Id, CancelReason.Caller), await Circuits["a"].ExpectMsgAsync<CancelAttempt>());
        Circuits["a"].Reply(new AttemptEnded(attempt.Id, new AttemptResult(AttemptOutcome.Cancelled)));

        Assert.Equal(PoolErrorKind.Cancelled, (await FailureAsync()).Kind);
        await Circuits["b"].ExpectNoMsgAsync(TimeSpan.Zero);
        Router.Tell(new CancelCall("mine"), canceller);
        await canceller.ExpectMsgAsync<CommandRefused>();
    }

    [Theory]
    [InlineData(AttemptOutcome.Cancelled, true, PoolErrorKind.Cancelled, true)]
    [InlineData(AttemptOutcome.Cancelled, false, PoolErrorKind.Cancelled, false)]
    [InlineData(AttemptOutcome.NotSent, false, PoolErrorKind.Cancelled, false)]
    [InlineData(AttemptOutcome.Refused, false, PoolErrorKind.Cancelled, false)]
    [InlineData(AttemptOutcome.Lost, false, PoolErrorKind.OutcomeUnknown, true)]
    [InlineData(AttemptOutcome.ServerError, false, PoolErrorKind.ServerError, true)]
    [InlineData(AttemptOutcome.Rejected, false, PoolErrorKind.Rejected, false)]
    public async Task A_cancelled_call_says_whether_it_may_have_run_however_its_attempt_ended(
        AttemptOutcome outcome, bool sent, PoolErrorKind kind, bool mayHaveRun)
    {
        Start("a", "b");
        Call(new CallTool("pay", null, new CallOptions { CallId = "mine" }));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        Router.Tell(new CancelCall("mine"), CreateTestProbe());
        await Circuits["a"].ExpectMsgAsync<CancelAttempt>();
        Circuits["a"].Reply(new AttemptEnded(attempt.Id, new AttemptResult(outcome) { Error = "x", CancelledAfterSend = sent }));

        var error = await FailureAsync();
        Assert.Equal((kind, mayHaveRun), (error.Kind, error.MayHaveRun));
    }

    [Fact]
    public async Task Only_the_end_of_the_trial_call_makes_room_for_another_on_a_half_open_circuit()
    {
        Start("a");
        var pinned = new CallOptions { Server = "a" };
        Call(new CallTool("before", null, pinned));
        var before = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Report("a", Connected with { Circuit = CircuitState.HalfOpen });
        Call(new CallTool("trial", null, pinned));
        var trial = await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        Circuits["a"].Reply(new AttemptEnded(before.Id, Success("a")));
        await Caller.ExpectMsgAsync<CallCompleted>();
        Call(new CallTool("next", null, pinned));
        Assert.Equal(PoolErrorKind.CircuitOpen, (await FailureAsync()).Kind);

        Circuits["a"].Reply(new AttemptEnded(trial.Id, Success("a")));
        await Caller.ExpectMsgAsync<CallCompleted>();
        Call(new CallTool("next", null, pinned));
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();
    }

    [Fact]
    public async Task The_status_shows_until_when_a_server_asked_for_a_pause()
    {
        Start("a");
        Call(new CallTool("t"));
        await AnswerAsync("a", AsksToPause(TimeSpan.FromSeconds(5)));
        await Caller.ExpectMsgAsync<CallFailed>();

        var status = await Router.Ask<PoolStatus>(GetPoolStatus.Instance, PoolHost.Patience);
        Assert.Equal(Now + TimeSpan.FromSeconds(5), Assert.Single(status.Servers).PausedUntil);
    }

    [Fact]
    public async Task A_cancel_that_is_not_confirmed_in_time_is_a_cancel_all_the_same()
    {
        Start("a", "b");
        Call(new CallTool("t", null, new CallOptions { CallId = "mine" }));
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Router.Tell(new CancelCall("mine"), CreateTestProbe());
        await Circuits["a"].ExpectMsgAsync<CancelAttempt>();

        // As when the connection is on another node, on a busy machine.
        Pass(TimeSpan.FromSeconds(1));

        var error = await FailureAsync();
        Assert.Equal((PoolErrorKind.Cancelled, true), (error.Kind, error.MayHaveRun));
        await Circuits["b"].ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_circuit_whose_actor_dies_ends_its_attempts()
    {
        Start("a", "b");
        Call(new CallTool("read", null, Vouched));
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        Sys.Stop(Circuits["a"]);

        await AnswerAsync("b", Success("b"));
        Assert.Equal(AttemptOutcome.Lost, (await Caller.ExpectMsgAsync<CallCompleted>()).Attempts[0].Outcome);
        Call(new CallTool("t", null, new CallOptions { Server = "a" }));
        Assert.Equal(PoolErrorKind.NoServerAvailable, (await FailureAsync()).Kind);
    }

    [Fact]
    public async Task A_router_that_stops_answers_what_it_holds()
    {
        Start("a");
        Call(new CallTool("pay"));
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Call(new CallTool("read", null, Vouched));
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        Sys.Stop(Router);

        CallFailed[] failed = [await Caller.ExpectMsgAsync<CallFailed>(), await Caller.ExpectMsgAsync<CallFailed>()];
        Assert.Equal([PoolErrorKind.AllServersFailed, PoolErrorKind.OutcomeUnknown], failed.Select(f => f.Error.Kind).Order());
    }

    [Fact]
    public async Task A_router_that_crashed_requests_the_servers_and_keeps_calls_until_it_has_them()
    {
        Start("a");
        Call(new CallTool("pay"));
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        Router.Tell(Kill.Instance);
        Assert.Equal(PoolErrorKind.OutcomeUnknown, (await FailureAsync()).Kind);
        await Pool.FishForMessageAsync<ServersRequested>(_ => true);
        Call(new CallTool("t"));
        Join(new ServerSettings { Name = "a" }, 0);
        Report("a", Connected);
        Router.Tell(new ServersRestored());

        await Circuits["a"].FishForMessageAsync<StartAttempt>(attempt => attempt.Request.Name == "t");
    }

    [Fact]
    public async Task Calls_that_wait_for_the_servers_outlive_a_second_crash()
    {
        Start("a");
        await CrashAsync();
        Call(new CallTool("t"));
        await CrashAsync();

        Join(new ServerSettings { Name = "a" }, 0);
        Report("a", Connected);
        Router.Tell(new ServersRestored());

        await AnswerAsync("a", Success("a"));
        await Caller.ExpectMsgAsync<CallCompleted>(PoolHost.Patience);
    }

    [Fact]
    public async Task A_call_that_waits_for_the_servers_is_answered_when_the_router_stops()
    {
        Start("a");
        await CrashAsync();
        Call(new CallTool("t"));

        Router.Tell(PoisonPill.Instance);

        Assert.Equal(PoolErrorKind.NoServerAvailable, (await Caller.ExpectMsgAsync<CallFailed>(PoolHost.Patience)).Error.Kind);
    }

    [Fact]
    public async Task A_server_that_leaves_and_joins_while_the_servers_are_restored_is_there()
    {
        Start("a");
        await CrashAsync();

        Router.Tell(new ServerLeft("a"));
        Join(new ServerSettings { Name = "a" }, 0);
        Report("a", Connected);
        Router.Tell(new ServersRestored());

        Call(new CallTool("t", Options: new CallOptions { Server = "a" }));
        await AnswerAsync("a", Success("a"));
        await Caller.ExpectMsgAsync<CallCompleted>(PoolHost.Patience);
    }

    private async Task CrashAsync()
    {
        Router.Tell(Kill.Instance);
        await Pool.FishForMessageAsync<ServersRequested>(_ => true);
    }
}
