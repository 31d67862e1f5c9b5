using Akka.Actor;
using McpActors.Calls;
using McpActors.Configuration;
using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Calls;

/// <summary>The router between a caller and circuits that are probes: what it sends where, and that it answers once.</summary>
public sealed class RouterActorSpecs : RouterSpec
{
    [Fact]
    public async Task A_success_is_the_answer()
    {
        Start("a");
        Call(new CallTool("t"));

        await AnswerAsync("a", Success("a"));

        var executed = await Caller.ExpectMsgAsync<CallCompleted>();
        Assert.Equal("a", executed.Server);
        Assert.Equal([AttemptOutcome.Succeeded], executed.Attempts.Select(a => a.Outcome));
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
    public async Task An_unsafe_call_whose_answer_was_lost_is_not_sent_again()
    {
        Start("a", "b");
        Call(new CallTool("pay"));

        await AnswerAsync("a", AttemptResult.Lost("the connection broke"));

        var failed = await Caller.ExpectMsgAsync<CallFailed>();
        Assert.Equal(PoolErrorKind.OutcomeUnknown, failed.Error.Kind);
        Assert.Equal("a", failed.Error.Server);
        await Circuits["b"].ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_safe_call_whose_answer_was_lost_goes_to_the_next_server_at_once()
    {
        Start("a", "b");
        Call(new CallTool("read", null, Vouched));

        await AnswerAsync("a", AttemptResult.Lost("the connection broke"));
        await AnswerAsync("b", Success("b"));

        var executed = await Caller.ExpectMsgAsync<CallCompleted>();
        Assert.Equal("b", executed.Server);
        Assert.Equal([AttemptOutcome.Lost, AttemptOutcome.Succeeded], executed.Attempts.Select(a => a.Outcome));
        var told = await Pool.FishForMessageAsync<CallFailedOver>(_ => true);
        Assert.Equal(("a", "b", AttemptOutcome.Lost), (told.From, told.To, told.Outcome));
    }

    [Fact]
    public async Task A_call_that_was_not_sent_moves_on_whatever_it_is()
    {
        Start("a", "b");
        Call(new CallTool("pay"));

        await AnswerAsync("a", AttemptResult.NotSent(AttemptCause.NotConnected, "not connected"));
        await AnswerAsync("b", Success("b"));

        Assert.Equal("b", (await Caller.ExpectMsgAsync<CallCompleted>()).Server);
    }

    [Fact]
    public async Task A_rejected_request_is_not_tried_elsewhere()
    {
        Start("a", "b");
        Call(new CallTool("t"));

        await AnswerAsync("a", new AttemptResult(AttemptOutcome.Rejected) { Code = -32602, Error = "bad argument" });

        var error = (await Caller.ExpectMsgAsync<CallFailed>()).Error;
        Assert.Equal((PoolErrorKind.Rejected, -32602), (error.Kind, error.Code!.Value));
        Assert.Contains("bad argument", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_third_attempt_waits_for_its_jitter()
    {
        Start("a", "b", "c");
        Call(new CallTool("t"));
        await AnswerAsync("a", ServerError());
        await AnswerAsync("b", ServerError());
        await HandledAsync(Router);

        await Circuits["c"].ExpectNoMsgAsync(TimeSpan.Zero);
        Pass(TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(20));

        await AnswerAsync("c", Success("c"));
        Assert.Equal("c", (await Caller.ExpectMsgAsync<CallCompleted>()).Server);
    }

    [Fact]
    public async Task When_every_server_failed_the_error_names_each_attempt()
    {
        Start("a", "b");
        Call(new CallTool("t"));
        await AnswerAsync("a", ServerError("first"));
        await AnswerAsync("b", ServerError("second"));

        var failed = await Caller.ExpectMsgAsync<CallFailed>();
        Assert.Equal(PoolErrorKind.AllServersFailed, failed.Error.Kind);
        Assert.Equal(["first", "second"], failed.Attempts.Select(a => a.Error));
    }

    [Fact]
    public async Task A_call_nobody_can_take_fails_at_once_with_the_reason_for_each_server()
    {
        Start("a", "b");
        Report("a", Connected with { Connection = new ConnectionReport { Status = ServerStatus.Error, Reason = "connection refused" } });
        Report("b", Connected with { Connection = new ConnectionReport { Status = ServerStatus.Connecting } });

        Call(new CallTool("t"));

        var error = (await Caller.ExpectMsgAsync<CallFailed>()).Error;
        Assert.Equal(PoolErrorKind.NoServerAvailable, error.Kind);
        Assert.Equal([new ServerReason("a", "Error: connection refused"), new ServerReason("b", "Connecting")], error.Servers);
    }

    [Fact]
    public async Task Open_circuits_alone_are_told_as_such_with_the_time_to_wait()
    {
        Start("a");
        Report("a", Connected with { Circuit = CircuitState.Open, OpenUntil = Now + TimeSpan.FromSeconds(4) });

        Call(new CallTool("t"));

        var error = (await Caller.ExpectMsgAsync<CallFailed>()).Error;
        Assert.Equal((PoolErrorKind.CircuitOpen, TimeSpan.FromSeconds(4)), (error.Kind, error.RetryAfter!.Value));
    }

    [Fact]
    public async Task A_server_that_lacks_the_tool_is_left_out()
    {
        Start("a", "b");
        Report("a", Connected with { Connection = Connected.Connection with { Catalogue = Tools("other") } });
        Report("b", Connected with { Connection = Connected.Connection with { Catalogue = Tools("mine") } });

        Call(new CallTool("mine"));

        await Circuits["b"].ExpectMsgAsync<StartAttempt>();
    }

    [Fact]
    public async Task A_server_whose_catalogue_is_not_known_yet_waits_behind_those_known_to_have_the_tool()
    {
        Start("a", "b");
        Report("b", Connected with { Connection = Connected.Connection with { Catalogue = Tools("read", repeatable: true) } });

        Call(new CallTool("read"));
        Call(new CallTool("read"));
        await Circuits["b"].ExpectMsgAsync<StartAttempt>();
        await Circuits["b"].ExpectMsgAsync<StartAttempt>();

        Report("b", Connected with { Connection = new ConnectionReport { Status = ServerStatus.Error } });
        Call(new CallTool("read"));
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();
    }

    [Fact]
    public async Task An_annotated_tool_is_safe_only_where_annotations_are_trusted()
    {
        Start(new ServerSettings { Name = "a", TrustAnnotations = true }, new ServerSettings { Name = "b", TrustAnnotations = false });
        foreach (var name in new[] { "a", "b" })
            Report(name, Connected with { Connection = Connected.Connection with { Catalogue = Tools("read", repeatable: true) } });

        Call(new CallTool("read"));
        Call(new CallTool("read"));

        var (trusted, untrusted) = (await Circuits["a"].ExpectMsgAsync<StartAttempt>(), await Circuits["b"].ExpectMsgAsync<StartAttempt>());
        Circuits["b"].Reply(new AttemptEnded(untrusted.Id, AttemptResult.Lost("reset")));
        Assert.Equal(PoolErrorKind.OutcomeUnknown, (await Caller.ExpectMsgAsync<CallFailed>()).Error.Kind);
        Circuits["a"].Reply(new AttemptEnded(trusted.Id, AttemptResult.Lost("reset")));
        await Circuits["b"].ExpectMsgAsync<StartAttempt>();
    }

    [Fact]
    public async Task At_its_deadline_an_unsafe_call_is_cancelled_and_its_outcome_unknown()
    {
        Start("a", "b");
        Call(new CallTool("pay", null, new CallOptions { Timeout = TimeSpan.FromSeconds(2) }));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        Pass(TimeSpan.FromSeconds(2.1));
        Assert.Equal(new CancelAttempt(attempt.Id, CancelReason.Deadline), await Circuits["a"].ExpectMsgAsync<CancelAttempt>());
        Circuits["a"].Reply(new AttemptEnded(attempt.Id, AttemptResult.Lost("no answer", AttemptCause.TimedOut)));

        Assert.Equal(PoolErrorKind.OutcomeUnknown, (await Caller.ExpectMsgAsync<CallFailed>()).Error.Kind);
    }

    [Fact]
    public async Task A_safe_call_that_hangs_is_given_half_the_time_and_saved_by_the_next_server()
    {
        Start("a", "b");
        Call(new CallTool("read", null, Vouched with { Timeout = TimeSpan.FromSeconds(10) }));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Assert.Equal(Now + TimeSpan.FromSeconds(5), attempt.Deadline);

        Pass(TimeSpan.FromSeconds(5.1));
        await Circuits["a"].ExpectMsgAsync<CancelAttempt>();
        Circuits["a"].Reply(new AttemptEnded(attempt.Id, AttemptResult.Lost("no answer", AttemptCause.TimedOut)));
        await AnswerAsync("b", Success("b"));

        Assert.Equal("b", (await Caller.ExpectMsgAsync<CallCompleted>()).Server);
    }

    [Fact]
    public async Task A_second_attempt_leaves_time_for_a_third_also_when_the_first_server_has_dropped_out()
    {
        Start("a", "b", "c");
        Call(new CallTool("read", null, Vouched with { Timeout = TimeSpan.FromSeconds(10) }));
        var first = await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        Report("a", Connected with { Circuit = CircuitState.Open });
        Circuits["a"].Reply(new AttemptEnded(first.Id, AttemptResult.Lost("the connection broke")));

        Assert.Equal(Now + TimeSpan.FromSeconds(5), (await Circuits["b"].ExpectMsgAsync<StartAttempt>()).Deadline);
    }

    [Fact]
    public async Task A_safe_call_without_an_answer_at_its_deadline_has_exceeded_it()
    {
        Start("a");
        Call(new CallTool("read", null, Vouched with { Timeout = TimeSpan.FromSeconds(1) }));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Pass(TimeSpan.FromSeconds(1.1));
        await Circuits["a"].ExpectMsgAsync<CancelAttempt>();
        Circuits["a"].Reply(new AttemptEnded(attempt.Id, AttemptResult.Lost("no answer", AttemptCause.TimedOut)));

        Assert.Equal(PoolErrorKind.DeadlineExceeded, (await Caller.ExpectMsgAsync<CallFailed>()).Error.Kind);
    }

    [Fact]
    public async Task A_circuit_that_never_answers_a_cancel_does_not_hold_the_caller()
    {
        Start("a");
        Call(new CallTool("pay", null, new CallOptions { Timeout = TimeSpan.FromSeconds(1) }));
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        Pass(TimeSpan.FromSeconds(1.1));
        await Circuits["a"].ExpectMsgAsync<CancelAttempt>();
        await HandledAsync(Router);
        Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(PoolErrorKind.OutcomeUnknown, (await Caller.ExpectMsgAsync<CallFailed>()).Error.Kind);
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

        Assert.Equal(PoolErrorKind.Cancelled, (await Caller.ExpectMsgAsync<CallFailed>()).Error.Kind);
        await Circuits["b"].ExpectNoMsgAsync(TimeSpan.Zero);
        Router.Tell(new CancelCall("mine"), canceller);
        await canceller.ExpectMsgAsync<CommandRefused>();
    }

    [Fact]
    public async Task A_pinned_call_never_moves()
    {
        Start("a", "b");
        Call(new CallTool("t", null, new CallOptions { Server = "b" }));

        await AnswerAsync("b", ServerError("broken"));

        var failed = await Caller.ExpectMsgAsync<CallFailed>();
        Assert.Equal(PoolErrorKind.ServerError, failed.Error.Kind);
        Assert.Single(failed.Attempts);
    }

    [Fact]
    public async Task Unknown_names_are_told_apart()
    {
        Start("a");
        Call(new CallTool("t", null, new CallOptions { Server = "nobody" }));
        Assert.Equal(PoolErrorKind.UnknownServer, (await Caller.ExpectMsgAsync<CallFailed>()).Error.Kind);
        Call(new CallTool("t", null, new CallOptions { Group = "nowhere" }));
        Assert.Equal(PoolErrorKind.UnknownGroup, (await Caller.ExpectMsgAsync<CallFailed>()).Error.Kind);
        Call(new CallTool("t", null, new CallOptions { Strategy = "magic" }));
        Assert.Equal(PoolErrorKind.InvalidRequest, (await Caller.ExpectMsgAsync<CallFailed>()).Error.Kind);
        Call(new Execute("notifications/initialized"));
        Assert.Equal(PoolErrorKind.InvalidRequest, (await Caller.ExpectMsgAsync<CallFailed>()).Error.Kind);
    }

    [Fact]
    public async Task Routes_send_names_to_their_group_and_the_rest_to_the_default()
    {
        Start(
            new PoolSettings { Routes = [new RouteSettings { Match = "read_*", Group = "files" }, new RouteSettings { Match = "regex:^find", Server = "c" }] },
            new ServerSettings { Name = "a" }, new ServerSettings { Name = "b", Group = "files" }, new ServerSettings { Name = "c", Group = "search" });

        Call(new CallTool("read_file"));
        await Circuits["b"].ExpectMsgAsync<StartAttempt>();
        Call(new CallTool("finder"));
        await Circuits["c"].ExpectMsgAsync<StartAttempt>();
        Call(new CallTool("write_file"));
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();
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
        Assert.Equal(PoolErrorKind.NoServerAvailable, (await Caller.ExpectMsgAsync<CallFailed>()).Error.Kind);
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

        var kinds = new[] { await Caller.ExpectMsgAsync<CallFailed>(), await Caller.ExpectMsgAsync<CallFailed>() }.Select(f => f.Error.Kind);
        Assert.Equal([PoolErrorKind.AllServersFailed, PoolErrorKind.OutcomeUnknown], kinds.Order());
    }

    [Fact]
    public async Task A_router_that_crashed_asks_for_the_servers_and_keeps_calls_until_it_has_them()
    {
        Start("a");
        Call(new CallTool("pay"));
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        Router.Tell(Kill.Instance);
        Assert.Equal(PoolErrorKind.OutcomeUnknown, (await Caller.ExpectMsgAsync<CallFailed>()).Error.Kind);
        await Pool.FishForMessageAsync<ServersWanted>(_ => true);
        Call(new CallTool("t"));
        Join(new ServerSettings { Name = "a" }, 0);
        Report("a", Connected);
        Router.Tell(new ServersTold());

        await Circuits["a"].FishForMessageAsync<StartAttempt>(attempt => attempt.Request.Name == "t");
    }

    [Fact]
    public async Task A_server_that_asks_for_quiet_gets_it()
    {
        Start("a", "b");
        Call(new CallTool("t"));
        await AnswerAsync("a", new AttemptResult(AttemptOutcome.Refused) { Cause = AttemptCause.Overloaded, RetryAfter = TimeSpan.FromSeconds(5) });
        await AnswerAsync("b", Success("b"));
        await Caller.ExpectMsgAsync<CallCompleted>();

        foreach (var _ in Enumerable.Range(0, 2))
        {
            Call(new CallTool("t"));
            await AnswerAsync("b", Success("b"));
            await Caller.ExpectMsgAsync<CallCompleted>();
        }
        Pass(TimeSpan.FromSeconds(5.1));
        await HandledAsync(Router);
        Call(new CallTool("t"));
        await AnswerAsync("a", Success("a"));
    }

    [Fact]
    public async Task A_circuit_is_released_once_nothing_more_is_sent_to_it()
    {
        Start("a");
        var old = Circuits["a"];
        Replace("a");
        Router.Tell(new ReleaseCircuit(old));
        Call(new CallTool("t"));

        Assert.Equal(old.Ref, (await Pool.FishForMessageAsync<CircuitReleased>(_ => true)).Circuit);
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        await old.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_call_that_the_only_server_of_its_group_turned_away_goes_to_what_replaced_that_server()
    {
        Start("a");
        Call(new CallTool("pay"));
        var old = Circuits["a"];
        var attempt = await old.ExpectMsgAsync<StartAttempt>();
        Replace("a");

        old.Reply(new AttemptEnded(attempt.Id, AttemptResult.NotSent(AttemptCause.Draining, "it is being drained")));
        await AnswerAsync("a", Success("a"));

        await Caller.ExpectMsgAsync<CallCompleted>();
    }

    [Fact]
    public async Task A_call_that_waits_to_try_a_server_is_not_sent_to_one_that_has_left_meanwhile()
    {
        Start("a", "b", "c", "d");
        Call(new CallTool("t"));
        await AnswerAsync("a", ServerError());
        await AnswerAsync("b", ServerError());
        await HandledAsync(Router);
        var (c, d) = (Circuits["c"], Circuits["d"]);
        Router.Tell(new ServerLeft("c"), ActorRefs.NoSender);
        Replace("d");
        await HandledAsync(Router);

        Pass(TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(20));
        await AnswerAsync("d", Success("d"));

        Assert.Equal("d", (await Caller.ExpectMsgAsync<CallCompleted>()).Server);
        await c.ExpectNoMsgAsync(TimeSpan.Zero);
        await d.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    private void Replace(string name)
    {
        var ordinal = Circuits.Keys.ToList().IndexOf(name);
        Circuits[name] = CreateTestProbe($"another-{name}");
        Join(new ServerSettings { Name = name }, ordinal);
        Report(name, Connected);
    }
}
