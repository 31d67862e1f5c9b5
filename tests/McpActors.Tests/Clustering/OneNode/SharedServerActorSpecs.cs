using System.Diagnostics;
using System.Text.Json;
using Akka.Actor;
using Akka.Cluster;
using Akka.Dispatch.SysMsg;
using Akka.Remote;
using Akka.TestKit;
using Akka.Util;
using CsCheck;
using McpActors.Clustering.OneNode;
using McpActors.Clustering.Wire;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>One node's stand-in for a server whose connection is elsewhere; timers in virtual time; the pool, the router, the shards and the nodes with the connection are probes.</summary>
public sealed class SharedServerActorSpecs : VirtualTimeSpec
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly TestProbe _pool;
    private readonly TestProbe _router;
    private readonly TestProbe _shards;
    private readonly IActorRef _shared;
    private long _lastAttempt;
    private int _lastNode;

    public SharedServerActorSpecs()
        : base("""
            akka.actor.provider = cluster
            akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
            akka.coordinated-shutdown.run-by-actor-system-terminate = off
            """)
    {
        _pool = CreateTestProbe("pool");
        _router = CreateTestProbe("router");
        _shards = CreateTestProbe("shards");
        _shared = Start(_pool);
    }

    [Fact]
    public async Task It_asks_until_it_has_a_connection_and_refuses_until_then()
    {
        await AskedAsync();
        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.NotConnected), Kind(await EndedAsync(Attempt())));

        Pass(TimeSpan.FromSeconds(2));
        await AskedAsync();
        var entity = await JoinAsync();
        Pass(TimeSpan.FromSeconds(10));

        await HandledAsync(_shared);
        await _shards.ExpectNoMsgAsync(TimeSpan.Zero);
        var id = Attempt();
        Assert.Equal(id, (await entity.SentAsync()).Id);
    }

    [Fact]
    public async Task A_session_has_a_number_of_its_own_on_each_node_and_is_lost_when_the_connection_moves()
    {
        var entity = await JoinAsync(Connected(session: 5));
        var first = await SessionAsync();
        var runs = Attempt(onSession: first);
        Assert.Equal(5, (await entity.SentAsync()).OnSession);
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
        Assert.Equal((welcome, 5), ((await next.SentAsync()) is var sent ? (sent.Id, sent.OnSession) : default));
    }

    [Fact]
    public async Task Progress_comes_to_the_attempts_caller_and_watched_progress_to_the_router()
    {
        var entity = await JoinAsync();
        var (mine, other) = (CreateTestProbe(), CreateTestProbe());
        var attempt = Attempt(progressTo: mine);
        Attempt(progressTo: other);
        Assert.True((await entity.SentAsync()).WantsProgress);

        entity.Tell(_shared, new SharedProgress(attempt, new CallProgress("7", "s", 0.5, 1, "half")));
        entity.Tell(_shared, new AttemptProgressed(attempt));

        Assert.Equal("half", (await mine.ExpectMsgAsync<CallProgress>(PoolHost.Patience)).Message);
        Assert.Equal(attempt, (await _router.ExpectMsgAsync<AttemptProgressed>(PoolHost.Patience)).AttemptId);
        await other.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task What_the_router_says_of_an_attempt_goes_with_it()
    {
        var entity = await JoinAsync();
        var trace = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

        _shared.Tell(NewAttempt(1) with { Forced = true, WatchProgress = true, Trace = new AttemptTrace(null, trace) }, _router);
        _shared.Tell(NewAttempt(2), _router);

        var said = await entity.SentAsync();
        Assert.Equal((true, true, trace), (said.Forced, said.WatchProgress, said.Trace));
        said = await entity.SentAsync();
        Assert.Equal((false, false, default), (said.Forced, said.WatchProgress, said.Trace));
    }

    [Fact]
    public async Task A_cancel_of_what_runs_goes_to_the_connection()
    {
        var entity = await JoinAsync();
        var runs = Attempt();
        await entity.SentAsync();

        _shared.Tell(new CancelAttempt(runs, CancelReason.Caller), _router);

        Assert.Equal(new CancelAttempt(runs, CancelReason.Caller), await entity.Probe.FishForMessageAsync<CancelAttempt>(_ => true, PoolHost.Patience));
    }

    [Fact]
    public async Task What_comes_during_a_move_waits_up_to_its_limit_and_is_sent_once_connected()
    {
        await MoveAsync(await JoinAsync());
        var (one, two, byCaller, byDeadline) = (Attempt(), Attempt(), Attempt(), Attempt());
        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.Overloaded), Kind(await EndedAsync(Attempt())));
        _shared.Tell(new CancelAttempt(byCaller, CancelReason.Caller), _router);
        Assert.Equal(AttemptOutcome.Cancelled, (await EndedAsync(byCaller)).Outcome);
        _shared.Tell(new CancelAttempt(byDeadline, CancelReason.Deadline), _router);
        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.TimedOut), Kind(await EndedAsync(byDeadline)));
        var (three, four) = (Attempt(), Attempt());
        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.Overloaded), Kind(await EndedAsync(Attempt())));

        var next = NewEntity();
        next.Tell(_shared, Report(ServerStatus.Connecting));
        await HandledAsync(_shared);
        await next.Probe.ExpectNoMsgAsync(TimeSpan.Zero);
        Pass(TimeSpan.FromSeconds(20));
        next.Tell(_shared, Connected());

        var sent = new List<SharedAttempt>();
        for (var i = 0; i < 4; i++)
            sent.Add(await next.SentAsync());
        Assert.Equal([one, two, three, four], sent.Select(attempt => attempt.Id).Order());
        Assert.All(sent, attempt => Assert.Equal(Minute - TimeSpan.FromSeconds(20), attempt.TimeLeft));
        var held = await HeldAsync();
        Assert.Equal((4, 0), (held.Running, held.Queued));
    }

    [Theory]
    [InlineData(ServerStatus.Error)]
    [InlineData(ServerStatus.Disconnected)]
    public async Task What_waits_is_told_that_nothing_was_sent_when_the_new_node_cannot_connect(ServerStatus status)
    {
        await MoveAsync(await JoinAsync());
        var waits = Attempt();

        NewEntity().Tell(_shared, Report(status));

        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.NotConnected), Kind(await EndedAsync(waits)));
        Assert.Equal(0, (await HeldAsync()).Queued);
    }

    [Fact]
    public async Task What_the_old_connection_turned_away_waits_for_the_new_one_unless_it_is_of_a_session()
    {
        var entity = await JoinAsync(Connected(session: 5));
        var session = await SessionAsync();
        var (waits, runs, ofSession) = (Attempt(), Attempt(), Attempt(onSession: session));
        entity.Tell(_shared, new ServerMoves());
        entity.Tell(_shared, new AttemptEnded(waits, AttemptResult.NotSent(AttemptCause.Draining, "it is being drained")));
        entity.Tell(_shared, new AttemptEnded(ofSession, AttemptResult.NotSent(AttemptCause.Draining, "it is being drained")));
        Assert.Equal(AttemptOutcome.NotSent, (await EndedAsync(ofSession)).Outcome);
        entity.Tell(_shared, new AttemptEnded(runs, new AttemptResult(AttemptOutcome.Succeeded)));
        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(runs)).Outcome);

        Die(entity);
        var next = NewEntity();
        next.Tell(_shared, Connected());

        Assert.Equal(waits, (await next.SentAsync()).Id);
    }

    [Fact]
    public async Task What_reached_the_old_connection_when_that_was_closed_waits_for_the_new_one()
    {
        var entity = await JoinAsync();
        var waits = Attempt();
        entity.Tell(_shared, new ServerMoves());

        entity.Tell(_shared, new AttemptEnded(waits, AttemptResult.NotSent(AttemptCause.NotConnected, "it is closed")));

        Assert.Equal(1, (await HeldAsync()).Queued);
    }

    [Fact]
    public async Task What_waited_and_was_sent_is_lost_when_its_node_dies()
    {
        await MoveAsync(await JoinAsync());
        var waited = Attempt();
        var next = NewEntity();
        next.Tell(_shared, Connected());
        await next.SentAsync();

        Die(next);

        Assert.Equal((AttemptOutcome.Lost, AttemptCause.ConnectionLost), Kind(await EndedAsync(waited)));
    }

    [Fact]
    public async Task What_comes_while_the_new_node_connects_waits_too()
    {
        await MoveAsync(await JoinAsync());
        NewEntity().Tell(_shared, Report(ServerStatus.Connecting));

        Attempt();

        Assert.Equal(1, (await HeldAsync()).Queued);
    }

    [Fact]
    public async Task While_the_connection_moves_calls_are_welcome()
    {
        await MoveAsync(await JoinAsync());
        await ReportAsync(report => report.Connection is { Status: ServerStatus.Connecting, Resuming: true });

        NewEntity().Tell(_shared, Report(ServerStatus.Connecting));

        Assert.True((await ReportAsync(report => report.HeldBy is not null)).Connection.Resuming);
    }

    [Fact]
    public async Task What_runs_when_its_node_dies_is_lost_and_the_connection_asked_for_again()
    {
        var entity = await JoinAsync();
        await AskedAsync();
        var runs = Attempt();
        await entity.SentAsync();

        Die(entity);

        Assert.Equal((AttemptOutcome.Lost, AttemptCause.ConnectionLost), Kind(await EndedAsync(runs)));
        await AskedAsync();
        await ReportAsync(report => report is { Connection.Status: ServerStatus.Error, HeldBy: null });
        await JoinAsync();
    }

    [Fact]
    public async Task While_its_node_cannot_be_reached_nothing_is_sent_and_afterwards_all_is_as_before()
    {
        var entity = await JoinAsync();
        var runs = Attempt();
        await entity.SentAsync();

        _shared.Tell(new ClusterEvent.UnreachableMember(entity.Member));
        await ReportAsync(report => report.Connection.Status == ServerStatus.Error);
        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.NotConnected), Kind(await EndedAsync(Attempt())));
        entity.Tell(_shared, Connected());
        await HandledAsync(_shared);
        await _pool.ExpectNoMsgAsync(TimeSpan.Zero);

        _shared.Tell(new ClusterEvent.ReachableMember(entity.Member));
        await ReportAsync(report => report.Connection.Status == ServerStatus.Connected);
        entity.Tell(_shared, new AttemptEnded(runs, new AttemptResult(AttemptOutcome.Succeeded)));
        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(runs)).Outcome);
        var id = Attempt();
        Assert.Equal(id, (await entity.SentAsync()).Id);
    }

    [Fact]
    public async Task What_it_offers_does_not_make_a_node_reachable()
    {
        var entity = await JoinAsync();
        _shared.Tell(new ClusterEvent.UnreachableMember(entity.Member));
        await ReportAsync(report => report.Connection.Status == ServerStatus.Error);

        entity.Tell(_shared, Offers("new"));
        await HandledAsync(_shared);
        await _pool.ExpectNoMsgAsync(TimeSpan.Zero);

        _shared.Tell(new ClusterEvent.ReachableMember(entity.Member));
        Assert.True((await ReportAsync(report => report.Connection.Status == ServerStatus.Connected)).Connection.Catalogue!.Tools.ContainsKey("new"));
    }

    [Fact]
    public async Task To_a_connection_that_is_found_on_a_node_that_cannot_be_reached_nothing_is_sent()
    {
        var entity = await UnreachableAsync();

        entity.Tell(_shared, Connected());

        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.NotConnected), Kind(await EndedAsync(Attempt())));
    }

    [Fact]
    public async Task A_connection_that_moves_to_a_node_that_cannot_be_reached_is_shown_as_such()
    {
        await MoveAsync(await JoinAsync());
        var next = await UnreachableAsync();

        next.Tell(_shared, Report(ServerStatus.Connecting));

        await ReportAsync(report => report.Connection.Status == ServerStatus.Error);
    }

    [Fact]
    public async Task What_waits_is_not_sent_to_a_new_node_that_cannot_be_reached()
    {
        await MoveAsync(await JoinAsync());
        var waits = Attempt();
        var next = NewEntity();
        next.Tell(_shared, Report(ServerStatus.Connecting));
        _shared.Tell(new ClusterEvent.UnreachableMember(next.Member));

        next.Tell(_shared, Connected());

        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.NotConnected), Kind(await EndedAsync(waits)));
    }

    [Fact]
    public async Task What_waits_is_told_that_nothing_was_sent_when_the_new_node_dies_as_well()
    {
        await MoveAsync(await JoinAsync());
        var waits = Attempt();
        var next = NewEntity();
        next.Tell(_shared, Report(ServerStatus.Connecting));

        Die(next);

        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.NotConnected), Kind(await EndedAsync(waits)));
        Assert.Equal(AttemptOutcome.NotSent, (await EndedAsync(Attempt())).Outcome);
    }

    [Fact]
    public async Task What_was_lost_when_the_link_to_its_node_broke_is_answered_as_soon_as_there_is_a_new_one()
    {
        var entity = await JoinAsync();
        entity.Tell(_shared, Offers("new") with { Number = 4 });
        var (lost, runs) = (Attempt(), Attempt());

        Link(entity);

        var resume = await entity.Probe.FishForMessageAsync<ResumeServer>(_ => true, PoolHost.Patience);
        Assert.Equal([lost, runs], resume.Attempts.Order());
        Assert.Equal(4, resume.Offers);
        entity.Tell(_shared, new AttemptsGone([lost]));
        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(lost)).Outcome);
        entity.Tell(_shared, new AttemptEnded(runs, new AttemptResult(AttemptOutcome.Succeeded)));
        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(runs)).Outcome);
        Assert.Equal(new CircuitLoad(0, 0, 0), await HeldAsync());
    }

    [Fact]
    public async Task What_was_said_and_may_be_lost_is_said_again_over_a_new_link()
    {
        var entity = await JoinAsync();
        var runs = Attempt();
        _shared.Tell(new CancelAttempt(runs, CancelReason.Deadline), _router);
        _shared.Tell(CircuitCommand.Isolate);
        await ConfirmAsync(entity);
        _shared.Tell(CircuitCommand.Reset);
        var unheard = await entity.Probe.FishForMessageAsync<OperateServer>(_ => true, PoolHost.Patience);

        Link(entity);

        await entity.Probe.FishForMessageAsync<ResumeServer>(_ => true, PoolHost.Patience);
        Assert.Equal(new CancelAttempt(runs, CancelReason.Deadline), await entity.Probe.ExpectMsgAsync<CancelAttempt>(PoolHost.Patience));
        Assert.Equal(unheard, await entity.Probe.ExpectMsgAsync<OperateServer>(PoolHost.Patience));
        await HandledAsync(_shared);
        await entity.Probe.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task What_a_connection_has_not_confirmed_is_said_to_the_next_one()
    {
        var entity = await JoinAsync();
        _shared.Tell(CircuitCommand.Isolate);
        await entity.Probe.FishForMessageAsync<OperateServer>(_ => true, PoolHost.Patience);
        Die(entity);

        var next = await JoinAsync();

        Assert.Equal(CircuitCommand.Isolate, (await next.Probe.FishForMessageAsync<OperateServer>(_ => true, PoolHost.Patience)).Circuit);
    }

    [Fact]
    public async Task A_connection_that_was_wrongly_taken_for_gone_is_told_that_nobody_waits_for_what_it_runs()
    {
        var entity = await JoinAsync();
        var runs = Attempt();
        await entity.SentAsync();
        Die(entity);
        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(runs)).Outcome);

        entity.Tell(_shared, Connected());

        Assert.Empty((await entity.Probe.FishForMessageAsync<ResumeServer>(_ => true, PoolHost.Patience)).Attempts);
    }

    [Fact]
    public async Task What_is_cancelled_does_not_wait_for_the_new_connection_when_the_old_one_turns_it_away()
    {
        var entity = await JoinAsync();
        var cancelled = Attempt();
        _shared.Tell(new CancelAttempt(cancelled, CancelReason.Caller), _router);
        entity.Tell(_shared, new ServerMoves());

        entity.Tell(_shared, new AttemptEnded(cancelled, AttemptResult.NotSent(AttemptCause.Draining, "it is being drained")));

        Assert.Equal(AttemptOutcome.NotSent, (await EndedAsync(cancelled)).Outcome);
    }

    [Fact]
    public async Task That_it_has_let_go_is_said_again_when_it_is_told_again_of_the_move()
    {
        var entity = await JoinAsync();
        entity.Tell(_shared, new ServerMoves());
        await entity.Probe.FishForMessageAsync<ServerReleased>(_ => true, PoolHost.Patience);

        Link(entity);
        await entity.Probe.FishForMessageAsync<ResumeServer>(_ => true, PoolHost.Patience);
        entity.Tell(_shared, new ServerMoves());

        await entity.Probe.ExpectMsgAsync<ServerReleased>(PoolHost.Patience);
    }

    [Fact]
    public async Task Retired_it_does_not_wait_for_what_was_lost_with_a_link()
    {
        var entity = await JoinAsync();
        var lost = Attempt();
        _shared.Tell(CircuitCommand.Retire);

        Link(entity);
        await entity.Probe.FishForMessageAsync<ResumeServer>(_ => true, PoolHost.Patience);
        entity.Tell(_shared, new AttemptsGone([lost]));

        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(lost)).Outcome);
        await ReportAsync(report => report.Connection.Closed);
    }

    [Fact]
    public async Task The_link_to_another_node_is_nothing_to_it()
    {
        var entity = await JoinAsync();

        Link(NewEntity());

        await HandledAsync(_shared);
        Assert.Empty(entity.Reference.Received.OfType<ResumeServer>());
    }

    [Fact]
    public async Task The_reachability_of_another_node_is_nothing_to_it()
    {
        await JoinAsync();

        _shared.Tell(new ClusterEvent.UnreachableMember(NewEntity().Member));

        await HandledAsync(_shared);
        await _pool.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task What_another_than_its_connection_reports_is_nothing_to_it()
    {
        await JoinAsync();

        NewEntity().Tell(_shared, Report(ServerStatus.Error));

        await HandledAsync(_shared);
        await _pool.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task What_another_than_its_connection_offers_is_nothing_to_it()
    {
        await JoinAsync();

        NewEntity().Tell(_shared, Offers("other"));

        await HandledAsync(_shared);
        await _pool.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task What_the_last_connection_offered_is_not_taken_for_what_the_next_one_offers()
    {
        var entity = await JoinAsync();
        entity.Tell(_shared, Offers("old"));
        await ReportAsync(report => report.Connection.Catalogue?.Tools.ContainsKey("old") == true);
        Die(entity);
        var next = NewEntity();

        next.Tell(_shared, Connected());

        Assert.Null((await ReportAsync(report => report.HeldBy == next.Reference.Path.Address)).Connection.Catalogue);
    }

    [Fact]
    public async Task An_answer_that_could_not_be_sent_ends_its_attempt_as_too_large()
    {
        var entity = await JoinAsync();
        var attempt = Attempt();

        entity.Tell(_shared, new UnsendableAttempt(attempt, "too large"));

        Assert.Equal((AttemptOutcome.Rejected, AttemptCause.ResultTooLarge), Kind(await EndedAsync(attempt)));
    }

    [Fact]
    public async Task What_operators_say_while_no_connection_is_there_is_told_to_the_one_that_comes()
    {
        await HandledAsync(_shared);
        _shared.Tell(CircuitCommand.Isolate);
        var entity = NewEntity();
        entity.Tell(_shared, Connected());
        Assert.Equal(CircuitCommand.Isolate, (await ConfirmAsync(entity)).Circuit);

        entity.Tell(_shared, new ServerMoves());
        await entity.Probe.FishForMessageAsync<ServerReleased>(_ => true, PoolHost.Patience);
        _shared.Tell(ConnectionCommand.Disconnect);
        await HandledAsync(_shared);
        Die(entity);
        var next = NewEntity();
        next.Tell(_shared, Connected());

        Assert.Equal(ConnectionCommand.Disconnect, (await next.Probe.FishForMessageAsync<OperateServer>(_ => true, PoolHost.Patience)).Connection);
        await _shards.FishForMessageAsync<JoinServer>(join => join.Intent == new OperatorIntent(Isolated: true, Disconnected: true), PoolHost.Patience);
    }

    [Fact]
    public async Task What_operators_say_after_a_move_goes_to_the_connection_at_once()
    {
        await MoveAsync(await JoinAsync());
        var next = await JoinAsync();

        _shared.Tell(CircuitCommand.Isolate);

        Assert.Equal(CircuitCommand.Isolate, (await next.Probe.FishForMessageAsync<OperateServer>(_ => true, PoolHost.Patience)).Circuit);
    }

    [Fact]
    public async Task What_operators_said_elsewhere_since_replaces_what_they_said_here()
    {
        await AskedAsync();
        _shared.Tell(CircuitCommand.Isolate);

        _shared.Tell(new OperatorIntent(Disconnected: true));

        Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(new OperatorIntent(Disconnected: true), (await _shards.ExpectMsgAsync<JoinServer>(PoolHost.Patience)).Intent);
        var entity = await JoinAsync();
        await HandledAsync(_shared);
        Assert.Empty(entity.Reference.Received.OfType<OperateServer>());
    }

    [Fact]
    public async Task A_look_whether_it_answers_is_not_kept_for_a_connection_that_is_still_to_come()
    {
        await HandledAsync(_shared);
        _shared.Tell(ConnectionCommand.Probe);

        var entity = await JoinAsync();

        Assert.Empty(entity.Reference.Received.OfType<OperateServer>());
    }

    [Fact]
    public async Task Retired_it_lets_what_runs_end_and_leaves_then()
    {
        var entity = await JoinAsync();
        var runs = Attempt();
        _shared.Tell(CircuitCommand.Retire);
        await ReportAsync(report => report is { Draining: true, Connection.Closed: false });
        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.Draining), Kind(await EndedAsync(Attempt())));

        entity.Tell(_shared, new AttemptEnded(runs, new AttemptResult(AttemptOutcome.Succeeded)));

        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(runs)).Outcome);
        await ReportAsync(report => report is { Draining: true, Connection: { Closed: true, Status: ServerStatus.Disconnected } });
        await entity.Probe.FishForMessageAsync<LeaveServer>(_ => true, PoolHost.Patience);
    }

    [Fact]
    public async Task Retired_it_still_lets_the_connection_move_and_its_node_die()
    {
        var entity = await JoinAsync();
        var runs = Attempt();
        _shared.Tell(CircuitCommand.Retire);
        entity.Tell(_shared, new ServerMoves());
        await entity.Probe.FishForMessageAsync<ServerReleased>(_ => true, PoolHost.Patience);

        Die(entity);

        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(runs)).Outcome);
        await ReportAsync(report => report.Connection.Closed);
    }

    [Fact]
    public async Task Closed_or_stopped_it_answers_everything_at_once_and_leaves()
    {
        var entity = await JoinAsync();
        var runs = Attempt();
        _shared.Tell(CircuitCommand.Close);
        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(runs)).Outcome);
        await ReportAsync(report => report.Connection.Closed);
        await entity.Probe.FishForMessageAsync<LeaveServer>(_ => true, PoolHost.Patience);

        var other = Start(CreateTestProbe());
        entity.Tell(other, Connected());
        var stopped = Attempt(to: other);
        other.Tell(PoisonPill.Instance);
        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(stopped)).Outcome);
        await entity.Probe.FishForMessageAsync<LeaveServer>(_ => true, PoolHost.Patience);
    }

    // What happens to a node: any of these in any order.
    private enum Step
    {
        Attempt,
        AttemptOnSession,
        CancelByCaller,
        CancelByDeadline,
        End,
        TurnAway,
        Unsendable,
        Move,
        Die,
        Connecting,
        Connected,
        Failed,
        Unreachable,
        Reachable,
        Lose,
        Link,
        Retire,
        Close,
    }

    private static readonly Gen<(Step Step, int Which)[]> Steps = Gen.Select(
        Gen.Frequency(
            (8, Gen.Const(Step.Attempt)), (2, Gen.Const(Step.AttemptOnSession)), (2, Gen.Const(Step.CancelByCaller)), (2, Gen.Const(Step.CancelByDeadline)), (4, Gen.Const(Step.End)),
            (3, Gen.Const(Step.TurnAway)), (1, Gen.Const(Step.Unsendable)), (4, Gen.Const(Step.Move)), (4, Gen.Const(Step.Die)), (3, Gen.Const(Step.Connecting)),
            (6, Gen.Const(Step.Connected)), (1, Gen.Const(Step.Failed)), (1, Gen.Const(Step.Unreachable)), (2, Gen.Const(Step.Reachable)),
            (2, Gen.Const(Step.Lose)), (2, Gen.Const(Step.Link))),
        Gen.Int[0, 100]).Array[5, 60].SelectMany(steps => Gen.Int[0, 8].Select(end => end switch
        {
            0 => [.. steps, (Step.Retire, 0), (Step.Attempt, 0), (Step.End, 0), (Step.Die, 0)],
            1 => [.. steps, (Step.Retire, 0), (Step.Close, 0), (Step.Attempt, 0)],
            2 => [.. steps, (Step.Close, 0), (Step.Attempt, 0), (Step.Die, 0)],
            _ => steps,
        }));

    [Fact]
    public void Every_attempt_is_answered_once_whatever_happens() => Property.Holds(Steps, AssertAnsweredOnce, samples: 300);

    private void AssertAnsweredOnce((Step Step, int Which)[] steps)
    {
        var router = new Recorder(Sys);
        // Begun by this thread, which then does all that it is told: a parent of its own would begin it on another, while this one reads what it has said.
        var shared = Sys.ActorOf(Shared());
        var entity = new Recorder(Sys, NextAddress());
        var (open, moves) = (new List<long>(), false);
        foreach (var (step, which) in steps)
        {
            // What the entity has and has not answered; it answers each once.
            var has = entity.Received.OfType<SharedAttempt>().Select(attempt => attempt.Id).Except(entity.Answered).ToArray();
            long? one = has.Length == 0 ? null : has[which % has.Length];
            switch (step)
            {
                case Step.Attempt or Step.AttemptOnSession:
                    open.Add(++_lastAttempt);
                    shared.Tell(NewAttempt(_lastAttempt, step == Step.AttemptOnSession ? which : null), router);
                    break;
                case Step.CancelByCaller or Step.CancelByDeadline when open.Count > 0:
                    shared.Tell(new CancelAttempt(open[which % open.Count], step == Step.CancelByCaller ? CancelReason.Caller : CancelReason.Deadline), router);
                    break;
                case Step.End or Step.TurnAway or Step.Unsendable when one is { } id:
                    entity.Answered.Add(id);
                    shared.Tell(
                        step switch
                        {
                            Step.End => new AttemptEnded(id, new AttemptResult(AttemptOutcome.Succeeded)),
                            Step.TurnAway => new AttemptEnded(id, AttemptResult.NotSent(AttemptCause.Draining, "it is being drained")),
                            _ => new UnsendableAttempt(id, "too large"),
                        },
                        entity);
                    break;
                case Step.Lose when one is { } id:
                    entity.Answered.Add(id);
                    break;
                case Step.Link:
                    Link(shared, entity);
                    if (entity.Received.LastOrDefault(message => message is ResumeServer) is ResumeServer resume)
                        shared.Tell(new AttemptsGone([.. resume.Attempts.Where(entity.Answered.Contains)]), entity);
                    break;
                case Step.Move when !moves:
                    moves = true;
                    shared.Tell(new ServerMoves(), entity);
                    break;
                case Step.Die:
                    ((IInternalActorRef)shared).SendSystemMessage(new DeathWatchNotification(entity, true, false));
                    (entity, moves) = (new Recorder(Sys, NextAddress()), false);
                    break;
                case Step.Connecting or Step.Connected or Step.Failed:
                    shared.Tell(Report(step == Step.Connecting ? ServerStatus.Connecting : step == Step.Connected ? ServerStatus.Connected : ServerStatus.Error), entity);
                    break;
                case Step.Unreachable:
                    shared.Tell(new ClusterEvent.UnreachableMember(entity.Member));
                    break;
                case Step.Reachable:
                    shared.Tell(new ClusterEvent.ReachableMember(entity.Member));
                    break;
                case Step.Retire or Step.Close:
                    shared.Tell(step == Step.Retire ? CircuitCommand.Retire : CircuitCommand.Close);
                    break;
            }
        }
        shared.Tell(PoisonPill.Instance);
        Watch(shared);
        ExpectTerminated(shared, PoolHost.Patience);
        Assert.Equal(open, router.Received.OfType<AttemptEnded>().Select(ended => ended.AttemptId).Order());
    }

    private IActorRef Start(TestProbe pool) => pool.ChildActorOf(Shared());

    private Props Shared() =>
        SharedServerActor.Props(
            new ServerSettings { Name = "s", Uri = new Uri("memory://s"), MaxInFlight = 3, MaxQueue = 1 }, new PoolSettings(), "s@0", _shards, OperatorIntent.None)
            .WithDispatcher(CallingThreadDispatcher.Id);

    private static ServerReport Report(ServerStatus status, long? session = null) =>
        new(new ConnectionReport { Status = status, Session = session }, CircuitState.Closed, "", null, false);

    private static ServerReport Connected(long? session = null) => Report(ServerStatus.Connected, session);

    private static ServerOffers Offers(string tool)
    {
        var none = new Dictionary<string, JsonElement>();
        return new(1, new Dictionary<string, CatalogueTool> { [tool] = new(JsonSerializer.SerializeToElement(new { name = tool }), false) }, none, none, none);
    }

    private static (AttemptOutcome Outcome, AttemptCause Cause) Kind(AttemptResult result) => (result.Outcome, result.Cause);

    private StartAttempt NewAttempt(long id, long? onSession = null, IActorRef? progressTo = null) =>
        new(id, new CallRequest("tools/call", "t", null, Wrap: true), Now + Minute, progressTo, null) { OnSession = onSession };

    private long Attempt(long? onSession = null, IActorRef? progressTo = null, IActorRef? to = null)
    {
        (to ?? _shared).Tell(NewAttempt(++_lastAttempt, onSession, progressTo), _router);
        return _lastAttempt;
    }

    private async Task<AttemptResult> EndedAsync(long id) =>
        (await _router.ExpectMsgAsync<AttemptEnded>(ended => Assert.Equal(id, ended.AttemptId), PoolHost.Patience)).Result;

    private async Task AskedAsync() => await _shards.ExpectMsgAsync<JoinServer>(PoolHost.Patience);

    private async Task<ServerReport> ReportAsync(Predicate<ServerReport> wanted) => await _pool.FishForMessageAsync(wanted, PoolHost.Patience);

    private async Task<long> SessionAsync(long? other = null) =>
        (await ReportAsync(report => report.Connection is { Status: ServerStatus.Connected, Session: { } session } && session != other)).Connection.Session!.Value;

    private async Task<CircuitLoad> HeldAsync()
    {
        var probe = CreateTestProbe();
        _shared.Tell(GetLoad.Instance, probe);
        return await probe.ExpectMsgAsync<CircuitLoad>(PoolHost.Patience);
    }

    /// <summary>A node has the connection.</summary>
    private async Task<Entity> JoinAsync(ServerReport? report = null)
    {
        var entity = NewEntity();
        entity.Tell(_shared, report ?? Connected());
        await ReportAsync(told => told is { HeldBy: not null, Connection.Status: ServerStatus.Connected });
        if (report is not null)
            entity.Tell(_shared, report);
        return entity;
    }

    /// <summary>It gives the connection up, and nobody has it yet.</summary>
    private async Task MoveAsync(Entity entity)
    {
        entity.Tell(_shared, new ServerMoves());
        await entity.Probe.FishForMessageAsync<ServerReleased>(_ => true, PoolHost.Patience);
        Die(entity);
        await HandledAsync(_shared);
    }

    /// <summary>The connection is on a node of which the cluster has said that it cannot be reached before this one knew of the connection.</summary>
    private async Task<Entity> UnreachableAsync()
    {
        var entity = NewEntity();
        // What the cluster says to who asks it is kept by this actor, which has been told of the beginning when somebody later has.
        var keeper = await Sys.ActorSelection("/system/clusterEventBusListener").ResolveOne(PoolHost.Patience);
        var later = CreateTestProbe();
        Cluster.Get(Sys).Subscribe(later, ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.IReachabilityEvent));
        await later.ExpectMsgAsync<ClusterEvent.CurrentClusterState>(PoolHost.Patience);
        keeper.Tell(new ClusterEvent.UnreachableMember(entity.Member));
        await UntilAsync(() => !Cluster.Get(Sys).State.Unreachable.IsEmpty);
        return entity;
    }

    /// <summary>It hears of what an operator said.</summary>
    private async Task<OperateServer> ConfirmAsync(Entity entity)
    {
        var operation = await entity.Probe.FishForMessageAsync<OperateServer>(_ => true, PoolHost.Patience);
        entity.Tell(_shared, new OperationHeard(operation.Number));
        return operation;
    }

    /// <summary>Akka.Remote has connected with its node anew.</summary>
    private void Link(Entity entity) => Link(_shared, entity.Reference);

    private static void Link(IActorRef shared, Recorder entity) => shared.Tell(new AssociatedEvent(Cluster.Get(entity.System).SelfAddress, entity.Path.Address, true));

    private void Die(Entity entity) => ((IInternalActorRef)_shared).SendSystemMessage(new DeathWatchNotification(entity.Reference, true, false));

    private Entity NewEntity() => new(new Recorder(Sys, NextAddress()), CreateTestProbe());

    private Address NextAddress() => new("akka.tcp", Sys.Name, "10.0.0.1", 8000 + ++_lastNode);

    /// <summary>The entity of the server on another node.</summary>
    private sealed class Entity
    {
        public Entity(Recorder reference, TestProbe probe)
        {
            (Reference, Probe) = (reference, probe);
            reference.PassTo = probe;
        }

        public Recorder Reference { get; }

        public TestProbe Probe { get; }

        public Member Member => Reference.Member;

        public void Tell(IActorRef shared, object message) => shared.Tell(message, Reference);

        public async Task<SharedAttempt> SentAsync() => await Probe.FishForMessageAsync<SharedAttempt>(_ => true, PoolHost.Patience);
    }

    /// <summary>Somebody who is on no system that exists: remembers what it is told.</summary>
    private sealed class Recorder(ActorSystem system, Address? address = null) : MinimalActorRef
    {
        private readonly Address _address = address ?? new Address("akka", system.Name);

        public ActorSystem System => system;

        public override ActorPath Path => new RootActorPath(_address) / "entity";

        public override IActorRefProvider Provider => ((ExtendedActorSystem)system).Provider;

        public Member Member => new MemberOf(_address).Value;

        public IActorRef? PassTo { get; set; }

        public List<object> Received { get; } = [];

        public HashSet<long> Answered { get; } = [];

        protected override void TellInternal(object message, IActorRef sender)
        {
            Received.Add(message);
            PassTo?.Tell(message, sender);
        }
    }

    /// <summary>A member of the cluster that Akka would have to hear of by gossip: made as its own specs make it.</summary>
    private sealed class MemberOf(Address address)
    {
        public Member Value { get; } = (Member)typeof(Member).GetMethods(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Public)
            .Single(method => method.Name == "Create" && method.GetParameters().Length == 3)
            .Invoke(null, [new UniqueAddress(address, 1), System.Collections.Immutable.ImmutableHashSet<string>.Empty, AppVersion.Zero])!;
    }
}
