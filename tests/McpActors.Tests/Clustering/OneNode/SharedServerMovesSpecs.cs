using Akka.Actor;
using Akka.Cluster;
using McpActors.Clustering.OneNode;
using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>The connection moves from one node to another.</summary>
public sealed class SharedServerMovesSpecs : SharedServerSpec
{
    [Fact]
    public async Task Attempts_during_a_move_wait_up_to_the_limit_and_are_sent_once_connected()
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
            sent.Add(await next.ReceivesAsync<SharedAttempt>());
        Assert.Equal([one, two, three, four], sent.Select(attempt => attempt.Id).Order());
        Assert.All(sent, attempt => Assert.Equal(Minute - TimeSpan.FromSeconds(20), attempt.TimeLeft));
        var held = await LoadAsync();
        Assert.Equal((4, 0), (held.Running, held.Queued));
    }

    [Theory]
    [InlineData(ServerStatus.Error)]
    [InlineData(ServerStatus.Disconnected)]
    public async Task Waiting_attempts_end_as_not_sent_when_the_new_node_cannot_connect(ServerStatus status)
    {
        await MoveAsync(await JoinAsync());
        var waits = Attempt();

        NewEntity().Tell(_shared, Report(status));

        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.NotConnected), Kind(await EndedAsync(waits)));
        Assert.Equal(0, (await LoadAsync()).Queued);
    }

    [Fact]
    public async Task An_attempt_that_the_old_connection_refused_waits_unless_it_belongs_to_a_session()
    {
        var entity = await JoinAsync(Connected(session: 5));
        var session = await SessionAsync();
        var (waits, runs, ofSession) = (Attempt(), Attempt(), Attempt(onSession: session));
        entity.Tell(_shared, new ServerMoving());
        entity.Tell(_shared, new AttemptEnded(waits, AttemptResult.NotSent(AttemptCause.Draining, "it is being drained")));
        entity.Tell(_shared, new AttemptEnded(ofSession, AttemptResult.NotSent(AttemptCause.Draining, "it is being drained")));
        Assert.Equal(AttemptOutcome.NotSent, (await EndedAsync(ofSession)).Outcome);
        entity.Tell(_shared, new AttemptEnded(runs, new AttemptResult(AttemptOutcome.Succeeded)));
        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(runs)).Outcome);

        Terminate(entity);
        var next = NewEntity();
        next.Tell(_shared, Connected());

        Assert.Equal(waits, (await next.ReceivesAsync<SharedAttempt>()).Id);
    }

    [Fact]
    public async Task An_attempt_that_reached_the_old_connection_after_its_end_waits_for_the_new_one()
    {
        var entity = await JoinAsync();
        var waits = Attempt();
        entity.Tell(_shared, new ServerMoving());

        entity.Tell(_shared, new AttemptEnded(waits, AttemptResult.NotSent(AttemptCause.NotConnected, "it is closed")));

        Assert.Equal(1, (await LoadAsync()).Queued);
    }

    [Fact]
    public async Task A_cancelled_attempt_that_the_old_connection_refuses_does_not_wait()
    {
        var entity = await JoinAsync();
        var cancelled = Attempt();
        _shared.Tell(new CancelAttempt(cancelled, CancelReason.Caller), _router);
        entity.Tell(_shared, new ServerMoving());

        entity.Tell(_shared, new AttemptEnded(cancelled, AttemptResult.NotSent(AttemptCause.Draining, "it is being drained")));

        Assert.Equal(AttemptOutcome.NotSent, (await EndedAsync(cancelled)).Outcome);
    }

    [Fact]
    public async Task A_waiting_attempt_that_was_sent_is_lost_when_its_node_dies()
    {
        await MoveAsync(await JoinAsync());
        var waited = Attempt();
        var next = NewEntity();
        next.Tell(_shared, Connected());
        await next.ReceivesAsync<SharedAttempt>();

        Terminate(next);

        Assert.Equal((AttemptOutcome.Lost, AttemptCause.ConnectionLost), Kind(await EndedAsync(waited)));
    }

    [Fact]
    public async Task Attempts_wait_also_while_the_new_node_connects()
    {
        await MoveAsync(await JoinAsync());
        NewEntity().Tell(_shared, Report(ServerStatus.Connecting));

        Attempt();

        Assert.Equal(1, (await LoadAsync()).Queued);
    }

    [Fact]
    public async Task While_the_connection_moves_attempts_are_accepted()
    {
        await MoveAsync(await JoinAsync());
        await ReportAsync(report => report.Connection is { Status: ServerStatus.Connecting, Resuming: true });

        NewEntity().Tell(_shared, Report(ServerStatus.Connecting));

        Assert.True((await ReportAsync(report => report.HeldBy is not null)).Connection.Resuming);
    }

    [Fact]
    public async Task A_connection_that_moves_to_an_unreachable_node_is_reported_as_failed()
    {
        await MoveAsync(await JoinAsync());
        var next = await NewUnreachableEntityAsync();

        next.Tell(_shared, Report(ServerStatus.Connecting));

        await ReportAsync(report => report.Connection.Status == ServerStatus.Error);
    }

    [Fact]
    public async Task Waiting_attempts_are_not_sent_to_an_unreachable_node()
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
    public async Task Waiting_attempts_end_as_not_sent_when_the_new_node_dies_too()
    {
        await MoveAsync(await JoinAsync());
        var waits = Attempt();
        var next = NewEntity();
        next.Tell(_shared, Report(ServerStatus.Connecting));

        Terminate(next);

        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.NotConnected), Kind(await EndedAsync(waits)));
        Assert.Equal(AttemptOutcome.NotSent, (await EndedAsync(Attempt())).Outcome);
    }

    [Fact]
    public async Task A_repeated_announcement_of_the_move_is_confirmed_again()
    {
        var entity = await JoinAsync();
        entity.Tell(_shared, new ServerMoving());
        await entity.ReceivesAsync<ServerReleased>();

        Link(entity);
        await entity.ReceivesAsync<ResumeServer>();
        entity.Tell(_shared, new ServerMoving());

        await entity.Probe.ExpectMsgAsync<ServerReleased>(PoolHost.Patience);
    }
}
