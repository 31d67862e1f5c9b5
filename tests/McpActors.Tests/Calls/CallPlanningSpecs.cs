using Akka.Actor;
using McpActors.Calls;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Tests.Balancing;
using Xunit;

namespace McpActors.Tests.Calls;

/// <summary>Where a call goes and how long it may take: sessions, routes, progress, guards, slow start, explanations.</summary>
public sealed class CallPlanningSpecs : RouterSpec
{
    private static readonly CallOptions Preferred = new() { AffinityKey = "conversation" };
    private static readonly CallOptions Required = Preferred with { AffinityRequired = true };

    [Fact]
    public async Task A_key_stays_with_the_session_that_served_it()
    {
        Start("a", "b");
        OnSession("a", 1);
        OnSession("b", 2);

        foreach (var _ in Enumerable.Range(0, 3))
        {
            Call(new CallTool("t", null, Preferred));
            await AnswerAsync("a", Success("a"));
            await Caller.ExpectMsgAsync<CallCompleted>();
        }
        Call(new CallTool("t", null, Preferred with { AffinityKey = "another" }));
        await Circuits["b"].ExpectMsgAsync<StartAttempt>();
    }

    [Fact]
    public async Task A_preferred_session_that_is_gone_gives_way_to_another_server()
    {
        Start("a", "b");
        OnSession("a", 1);
        OnSession("b", 2);
        Call(new CallTool("t", null, Preferred));
        await AnswerAsync("a", Success("a"));
        await Caller.ExpectMsgAsync<CallCompleted>();

        OnSession("a", 3);
        Call(new CallTool("t", null, Preferred));
        await AnswerAsync("b", Success("b"));

        Assert.Equal("b", (await Caller.ExpectMsgAsync<CallCompleted>()).Server);
        Call(new CallTool("t", null, Preferred));
        Assert.Null((await Circuits["b"].ExpectMsgAsync<StartAttempt>()).OnSession);
    }

    [Fact]
    public async Task A_required_session_that_is_gone_is_reported_once_and_the_next_call_begins_a_new_one()
    {
        Start("a", "b");
        OnSession("a", 1);
        OnSession("b", 2);
        Call(new CallTool("t", null, Required));
        await AnswerAsync("a", Success("a"));
        await Caller.ExpectMsgAsync<CallCompleted>();
        Call(new CallTool("t", null, Required));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Assert.Equal(1, attempt.OnSession);
        Circuits["a"].Reply(
            new AttemptEnded(attempt.Id, new AttemptResult(AttemptOutcome.Refused) { Cause = AttemptCause.SessionLost, Error = "gone" }));
        Assert.Equal(PoolErrorKind.SessionLost, (await FailureAsync()).Kind);

        OnSession("a", 3);
        Call(new CallTool("t", null, Required));
        await AnswerAsync("b", Success("b"));
        await Caller.ExpectMsgAsync<CallCompleted>();
        OnSession("b", 4);
        Call(new CallTool("t", null, Required));
        Assert.Equal((PoolErrorKind.SessionLost, "b"), Of(await FailureAsync()));

        Call(new CallTool("t", null, Required));
        await AnswerAsync("a", Success("a"));
        await Caller.ExpectMsgAsync<CallCompleted>();
    }

    [Fact]
    public async Task The_loss_of_an_old_session_does_not_forget_the_new_one_of_the_key()
    {
        Start("a", "b");
        OnSession("a", 1);
        OnSession("b", 2);
        Call(new CallTool("t", null, Required));
        await AnswerAsync("a", Success("a"));
        await Caller.ExpectMsgAsync<CallCompleted>();
        Call(new CallTool("first", null, Required));
        Call(new CallTool("second", null, Required));
        var first = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        var second = await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        Circuits["a"].Reply(new AttemptEnded(first.Id, AttemptResult.SessionGone));
        Assert.Equal(PoolErrorKind.SessionLost, (await FailureAsync()).Kind);
        Call(new CallTool("t", null, Required));
        await AnswerAsync("b", Success("b"));
        await Caller.ExpectMsgAsync<CallCompleted>();
        Circuits["a"].Reply(new AttemptEnded(second.Id, AttemptResult.SessionGone));
        Assert.Equal(PoolErrorKind.SessionLost, (await FailureAsync()).Kind);

        Call(new CallTool("t", null, Required));
        Assert.Equal(2, (await Circuits["b"].ExpectMsgAsync<StartAttempt>()).OnSession);
    }

    [Fact]
    public async Task A_required_session_that_is_out_of_reach_for_now_is_kept()
    {
        Start("a", "b");
        OnSession("a", 1);
        Call(new CallTool("t", null, Required));
        await AnswerAsync("a", Success("a"));
        await Caller.ExpectMsgAsync<CallCompleted>();

        Report("a", Connected with { Connection = Connected.Connection with { Session = 1 }, Circuit = CircuitState.Open });
        Call(new CallTool("t", null, Required));

        Assert.Equal(PoolErrorKind.CircuitOpen, (await FailureAsync()).Kind);
        await Circuits["b"].ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_server_without_sessions_binds_no_key()
    {
        Start("a", "b");
        Call(new CallTool("t", null, Preferred));
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Call(new CallTool("t", null, Preferred));
        await Circuits["b"].ExpectMsgAsync<StartAttempt>();
    }

    [Fact]
    public async Task Affinity_cannot_be_required_without_a_key()
    {
        Start("a");
        Call(new CallTool("t", null, new CallOptions { AffinityRequired = true }));
        Assert.Equal(PoolErrorKind.InvalidRequest, (await FailureAsync()).Kind);
    }

    [Fact]
    public async Task A_route_has_a_timeout_and_failover_of_its_own()
    {
        Start(
            new PoolSettings
            {
                Routes =
                [
                    new() { Match = "slow*", Group = "default", Timeout = TimeSpan.FromSeconds(2), Failover = new() { Enabled = false } },
                ],
            },
            new ServerSettings { Name = "a" }, new ServerSettings { Name = "b" });

        Call(new CallTool("slowly"));
        Assert.Equal(Now + TimeSpan.FromSeconds(2), (await Circuits["a"].ExpectMsgAsync<StartAttempt>()).Deadline);
        Call(new CallTool("slowly", null, new CallOptions { Timeout = TimeSpan.FromSeconds(9) }));
        var attempt = await Circuits["b"].ExpectMsgAsync<StartAttempt>();
        Assert.Equal(Now + TimeSpan.FromSeconds(9), attempt.Deadline);

        Circuits["b"].Reply(new AttemptEnded(attempt.Id, ServerError()));
        Assert.Equal(PoolErrorKind.ServerError, (await FailureAsync()).Kind);
    }

    [Fact]
    public async Task A_tool_without_a_route_goes_to_the_group_that_has_it()
    {
        Start(new ServerSettings { Name = "a" }, new ServerSettings { Name = "f", Group = "files" });
        Report("a", Connected with { Connection = Connected.Connection with { Catalogue = Catalogues.WithTool("mine") } });
        Report("f", Connected with { Connection = Connected.Connection with { Catalogue = Catalogues.WithTool("read_file") } });

        Call(new CallTool("read_file"));
        await Circuits["f"].ExpectMsgAsync<StartAttempt>();
        Call(new CallTool("mine"));
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Call(new CallTool("unheard_of"));
        var error = await FailureAsync();

        Assert.Equal([new ServerReason("a", "it has no tool unheard_of")], error.Servers);
    }

    [Fact]
    public async Task Progress_restarts_the_time_of_a_call_up_to_the_longest_time_that_its_caller_allows()
    {
        Start("a");
        Call(new CallTool("long", null, new CallOptions { Timeout = TimeSpan.FromSeconds(2), MaxTimeout = TimeSpan.FromSeconds(5) }));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Assert.True(attempt.WatchProgress);

        foreach (var _ in Enumerable.Range(0, 3))
        {
            Pass(TimeSpan.FromSeconds(1.5), TimeSpan.FromMilliseconds(100));
            Router.Tell(new AttemptProgressed(attempt.Id));
            await HandledAsync(Router);
        }
        await Circuits["a"].ExpectNoMsgAsync(TimeSpan.Zero);
        Pass(TimeSpan.FromSeconds(0.6), TimeSpan.FromMilliseconds(100));

        Assert.Equal(CancelReason.Deadline, (await Circuits["a"].ExpectMsgAsync<CancelAttempt>()).Reason);
    }

    [Fact]
    public async Task Progress_extends_nothing_unless_the_caller_asks_for_it()
    {
        Start("a");
        Call(new CallTool("long", null, new CallOptions { Timeout = TimeSpan.FromSeconds(2) }));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Assert.False(attempt.WatchProgress);

        Pass(TimeSpan.FromSeconds(1.5));
        Router.Tell(new AttemptProgressed(attempt.Id));
        await HandledAsync(Router);
        Pass(TimeSpan.FromSeconds(0.6));

        await Circuits["a"].ExpectMsgAsync<CancelAttempt>();
    }

    [Fact]
    public async Task In_panic_open_circuits_are_used_too_but_none_that_is_isolated_or_not_connected()
    {
        Start(
            new PoolSettings { PanicThreshold = 0.5 },
            new ServerSettings { Name = "a" },
            new ServerSettings { Name = "b" },
            new ServerSettings { Name = "c" },
            new ServerSettings { Name = "d" });
        Report("b", Connected with { Circuit = CircuitState.Open });
        Report("c", Connected with { Circuit = CircuitState.Isolated });

        Call(new CallTool("t", null, Vouched));
        Call(new CallTool("t", null, Vouched));
        Assert.False((await Circuits["a"].ExpectMsgAsync<StartAttempt>()).Forced);
        await Circuits["d"].ExpectMsgAsync<StartAttempt>();
        Report("d", Connected with { Connection = new ConnectionReport { Status = ServerStatus.Error } });
        Call(new CallTool("t", null, Vouched));
        Call(new CallTool("t", null, Vouched));

        await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Assert.True((await Circuits["b"].ExpectMsgAsync<StartAttempt>()).Forced);
        await Circuits["c"].ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_server_that_has_just_connected_gets_a_share_that_grows()
    {
        Start(
            new PoolSettings { SlowStart = TimeSpan.FromSeconds(20) },
            new ServerSettings { Name = "a" },
            new ServerSettings { Name = "b" });
        await HandledAsync(Router);
        Pass(TimeSpan.FromSeconds(21), TimeSpan.FromSeconds(1));
        Report("b", Connected with { Connection = new ConnectionReport { Status = ServerStatus.Error } });
        Report("b", Connected);

        Assert.Equal(2, await ShareOfAsync("b", of: 22));
        await HandledAsync(Router);
        Pass(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1));
        Assert.Equal(10, await ShareOfAsync("b", of: 30));
        Pass(TimeSpan.FromSeconds(11), TimeSpan.FromSeconds(1));
        Assert.Equal(10, await ShareOfAsync("b", of: 20));
    }

    [Fact]
    public async Task An_explanation_names_the_route_and_why_each_server_is_a_candidate_or_not()
    {
        Start(
            new PoolSettings
            {
                Routes = [new() { Match = "read_*", Group = "files", Timeout = TimeSpan.FromSeconds(5) }],
                IdempotentTools = ["read_*"],
            },
            new ServerSettings { Name = "a" },
            new ServerSettings { Name = "f", Group = "files" },
            new ServerSettings { Name = "g", Group = "files" });
        Report("g", Connected with { Circuit = CircuitState.Isolated });

        var explanation = await ExplainAsync(new CallTool("read_file"));

        Assert.Equal(
            ("read_*", "files", "round-robin", true), (explanation.Route, explanation.Group, explanation.Strategy, explanation.Safe));
        Assert.Equal(TimeSpan.FromSeconds(5), explanation.Timeout);
        Assert.Equal([("f", true), ("g", false)], explanation.Candidates.Select(c => (c.Server, c.Usable)));
        Assert.Contains("isolated", explanation.Candidates[1].Reason, StringComparison.Ordinal);
        Assert.Null(explanation.Problem);
        await Circuits["f"].ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task An_explanation_of_a_call_that_cannot_run_has_its_error()
    {
        Start("a");
        Report("a", Connected with { Connection = new ConnectionReport { Status = ServerStatus.Error, Reason = "refused" } });

        Assert.Equal(PoolErrorKind.NoServerAvailable, (await ExplainAsync(new CallTool("t"))).Problem!.Kind);
        Assert.Equal(
            PoolErrorKind.UnknownGroup, (await ExplainAsync(new CallTool("t", null, new CallOptions { Group = "none" }))).Problem!.Kind);
        Assert.Equal(
            PoolErrorKind.NoServerAvailable, (await ExplainAsync(new CallTool("t", null, new CallOptions { Server = "a" }))).Problem!.Kind);
        Assert.Equal("default-route", (await ExplainAsync(new Execute("resources/list"))).Route);
    }

    [Fact]
    public async Task Changed_settings_hold_for_the_next_call()
    {
        Start(new ServerSettings { Name = "a" }, new ServerSettings { Name = "f", Group = "files" });
        Call(new CallTool("read_file"));
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        Router.Tell(new SettingsChanged(new PoolSettings
        {
            Routes = [new() { Match = "read_*", Group = "files" }],
            CallTimeout = TimeSpan.FromSeconds(3),
        }));
        Call(new CallTool("read_file"));

        Assert.Equal(Now + TimeSpan.FromSeconds(3), (await Circuits["f"].ExpectMsgAsync<StartAttempt>()).Deadline);
    }

    private static (PoolErrorKind, string?) Of(PoolError error) => (error.Kind, error.Server);

    private void OnSession(string server, long session) =>
        Report(server, Connected with { Connection = Connected.Connection with { Session = session } });

    private async Task<Explanation> ExplainAsync(PoolCall call)
    {
        var probe = CreateTestProbe();
        Router.Tell(new Explain(call), probe);
        return await probe.ExpectMsgAsync<Explanation>();
    }

    private async Task<long> ShareOfAsync(string server, int of)
    {
        var before = await InFlightAndCallsAsync(server);
        for (var i = 0; i < of; i++)
            Call(new CallTool("t"));
        await HandledAsync(Router);
        return (await InFlightAndCallsAsync(server)).InFlight - before.InFlight;
    }
}
