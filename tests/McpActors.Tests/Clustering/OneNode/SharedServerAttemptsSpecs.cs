using System.Diagnostics;
using McpActors.Clustering.OneNode;
using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>Attempts on a shared server, their sessions, progress and cancels.</summary>
public sealed class SharedServerAttemptsSpecs : SharedServerSpec
{
    [Fact]
    public async Task It_joins_until_it_has_a_connection_and_refuses_attempts_until_then()
    {
        await ExpectJoinAsync();
        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.NotConnected), Kind(await EndedAsync(Attempt())));

        Pass(TimeSpan.FromSeconds(2));
        await ExpectJoinAsync();
        var entity = await JoinAsync();
        Pass(TimeSpan.FromSeconds(10));

        await HandledAsync(_shared);
        await _shards.ExpectNoMsgAsync(TimeSpan.Zero);
        var id = Attempt();
        Assert.Equal(id, (await entity.ReceivesAsync<SharedAttempt>()).Id);
    }

    [Fact]
    public async Task A_session_has_another_number_on_each_node_and_is_lost_when_the_connection_moves()
    {
        var entity = await JoinAsync(Connected(session: 5));
        var first = await SessionAsync();
        var runs = Attempt(onSession: first);
        Assert.Equal(5, (await entity.ReceivesAsync<SharedAttempt>()).OnSession);
        entity.Tell(_shared, new AttemptEnded(runs, new AttemptResult(AttemptOutcome.Succeeded)));
        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(runs)).Outcome);

        await MoveAsync(entity);
        var waits = Attempt(onSession: first);
        var next = NewEntity();
        next.Tell(_shared, Connected(session: 5));

        Assert.Equal((AttemptOutcome.Refused, AttemptCause.SessionLost), Kind(await EndedAsync(waits)));
        var second = await SessionAsync(other: first);
        Assert.Equal((AttemptOutcome.Refused, AttemptCause.SessionLost), Kind(await EndedAsync(Attempt(onSession: first))));
        var welcome = Attempt(onSession: second);
        Assert.Equal((welcome, 5), ((await next.ReceivesAsync<SharedAttempt>()) is var sent ? (sent.Id, sent.OnSession) : default));
    }

    [Fact]
    public async Task Progress_goes_to_the_caller_of_the_attempt_and_watched_progress_to_the_router()
    {
        var entity = await JoinAsync();
        var (mine, other) = (CreateTestProbe(), CreateTestProbe());
        var attempt = Attempt(progressTo: mine);
        Attempt(progressTo: other);
        Assert.True((await entity.ReceivesAsync<SharedAttempt>()).WantsProgress);

        entity.Tell(_shared, new SharedProgress(attempt, new CallProgress("7", "s", 0.5, 1, "half")));
        entity.Tell(_shared, new AttemptProgressed(attempt));

        Assert.Equal("half", (await mine.ExpectMsgAsync<CallProgress>(PoolHost.Patience)).Message);
        Assert.Equal(attempt, (await _router.ExpectMsgAsync<AttemptProgressed>(PoolHost.Patience)).AttemptId);
        await other.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task The_options_of_an_attempt_go_with_it()
    {
        var entity = await JoinAsync();
        var trace = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

        _shared.Tell(NewAttempt(1) with { Forced = true, WatchProgress = true, Trace = new AttemptTrace(null, trace) }, _router);
        _shared.Tell(NewAttempt(2), _router);

        var sent = await entity.ReceivesAsync<SharedAttempt>();
        Assert.Equal((true, true, trace), (sent.Forced, sent.WatchProgress, sent.Trace));
        sent = await entity.ReceivesAsync<SharedAttempt>();
        Assert.Equal((false, false, default), (sent.Forced, sent.WatchProgress, sent.Trace));
    }

    [Fact]
    public async Task The_cancel_of_a_running_attempt_goes_to_the_connection()
    {
        var entity = await JoinAsync();
        var runs = Attempt();
        await entity.ReceivesAsync<SharedAttempt>();

        _shared.Tell(new CancelAttempt(runs, CancelReason.Caller), _router);

        Assert.Equal(new CancelAttempt(runs, CancelReason.Caller), await entity.ReceivesAsync<CancelAttempt>());
    }

    [Fact]
    public async Task An_attempt_whose_cancel_is_never_confirmed_gives_its_place_back()
    {
        await JoinAsync();
        var runs = Attempt();
        _shared.Tell(new CancelAttempt(runs, CancelReason.Deadline), _router);

        _shared.Tell(new ForgetAttempt(runs), _router);

        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(runs)).Outcome);
        Assert.Equal(new CircuitLoad(0, 0, 0), await LoadAsync());
    }

    [Fact]
    public async Task An_answer_that_could_not_be_sent_ends_its_attempt_as_too_large()
    {
        var entity = await JoinAsync();
        var attempt = Attempt();

        entity.Tell(_shared, new UnsendableAttempt(attempt, "too large"));

        var result = await EndedAsync(attempt);
        Assert.Equal((AttemptOutcome.ServerError, AttemptCause.ResultTooLarge, false), (result.Outcome, result.Cause, result.Failed));
    }

    [Fact]
    public async Task Reports_of_another_entity_are_ignored()
    {
        await JoinAsync();

        NewEntity().Tell(_shared, Report(ServerStatus.Error));

        await HandledAsync(_shared);
        await _pool.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task Catalogues_of_another_entity_are_ignored()
    {
        await JoinAsync();

        NewEntity().Tell(_shared, Catalogue("other"));

        await HandledAsync(_shared);
        await _pool.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task The_catalogue_of_the_last_connection_is_not_reported_for_the_next_one()
    {
        var entity = await JoinAsync();
        entity.Tell(_shared, Catalogue("old"));
        await ReportAsync(report => report.Connection.Catalogue?.Tools?.ContainsKey("old") == true);
        Terminate(entity);
        var next = NewEntity();

        next.Tell(_shared, Connected());

        Assert.Null((await ReportAsync(report => report.HeldBy == next.Ref.Path.Address)).Connection.Catalogue);
    }
}
