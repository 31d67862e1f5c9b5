using Akka.Actor;
using McpActors.Clustering.OneNode;
using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>Commands of operators, and how the pool of this node leaves the server.</summary>
public sealed class SharedServerOperatorsSpecs : SharedServerSpec
{
    [Fact]
    public async Task Commands_that_an_entity_has_not_confirmed_go_to_the_next_one()
    {
        var entity = await JoinAsync();
        _shared.Tell(CircuitCommand.Isolate);
        await entity.ReceivesAsync<OperateServer>();
        Terminate(entity);

        var next = await JoinAsync();

        Assert.Equal(CircuitCommand.Isolate, (await next.ReceivesAsync<OperateServer>()).Circuit);
    }

    [Fact]
    public async Task Commands_without_a_connection_go_to_the_next_one()
    {
        await HandledAsync(_shared);
        _shared.Tell(CircuitCommand.Isolate);
        var entity = NewEntity();
        entity.Tell(_shared, Connected());
        Assert.Equal(CircuitCommand.Isolate, (await ConfirmAsync(entity)).Circuit);

        entity.Tell(_shared, new ServerMoving());
        await entity.ReceivesAsync<ServerReleased>();
        _shared.Tell(ConnectionCommand.Disconnect);
        await HandledAsync(_shared);
        Terminate(entity);
        var next = NewEntity();
        next.Tell(_shared, Connected());

        Assert.Equal(ConnectionCommand.Disconnect, (await next.ReceivesAsync<OperateServer>()).Connection);
        await _shards.FishForMessageAsync<JoinServer>(
            join => join.Intent == new OperatorIntent(Isolated: true, Disconnected: true), PoolHost.Patience);
    }

    [Fact]
    public async Task Commands_after_a_move_go_to_the_connection_at_once()
    {
        await MoveAsync(await JoinAsync());
        var next = await JoinAsync();

        _shared.Tell(CircuitCommand.Isolate);

        Assert.Equal(CircuitCommand.Isolate, (await next.ReceivesAsync<OperateServer>()).Circuit);
    }

    [Fact]
    public async Task A_newer_intent_of_another_node_replaces_the_commands_of_this_one()
    {
        await ExpectJoinAsync();
        _shared.Tell(CircuitCommand.Isolate);

        _shared.Tell(new OperatorIntent(Disconnected: true));

        Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(new OperatorIntent(Disconnected: true), (await _shards.ExpectMsgAsync<JoinServer>(PoolHost.Patience)).Intent);
        var entity = await JoinAsync();
        await HandledAsync(_shared);
        Assert.Empty(entity.Ref.Received.OfType<OperateServer>());
    }

    [Fact]
    public async Task A_probe_is_not_kept_for_the_next_connection()
    {
        await HandledAsync(_shared);
        _shared.Tell(ConnectionCommand.Probe);

        var entity = await JoinAsync();

        Assert.Empty(entity.Ref.Received.OfType<OperateServer>());
    }

    [Fact]
    public async Task When_retired_it_leaves_after_its_running_attempts_have_ended()
    {
        var entity = await JoinAsync();
        var runs = Attempt();
        _shared.Tell(CircuitCommand.Retire);
        await ReportAsync(report => report is { Draining: true, Connection.Closed: false });
        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.Draining), Kind(await EndedAsync(Attempt())));

        entity.Tell(_shared, new AttemptEnded(runs, new AttemptResult(AttemptOutcome.Succeeded)));

        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(runs)).Outcome);
        await ReportAsync(report => report is { Draining: true, Connection: { Closed: true, Status: ServerStatus.Disconnected } });
        await entity.ReceivesAsync<LeaveServer>();
    }

    [Fact]
    public async Task When_retired_it_still_handles_a_move_and_the_death_of_the_node()
    {
        var entity = await JoinAsync();
        var runs = Attempt();
        _shared.Tell(CircuitCommand.Retire);
        entity.Tell(_shared, new ServerMoving());
        await entity.ReceivesAsync<ServerReleased>();

        Terminate(entity);

        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(runs)).Outcome);
        await ReportAsync(report => report.Connection.Closed);
    }

    [Fact]
    public async Task When_retired_it_does_not_wait_for_attempts_lost_with_a_link()
    {
        var entity = await JoinAsync();
        var lost = Attempt();
        _shared.Tell(CircuitCommand.Retire);

        Link(entity);
        await entity.ReceivesAsync<ResumeServer>();
        entity.Tell(_shared, new AttemptsLost([lost]));

        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(lost)).Outcome);
        await ReportAsync(report => report.Connection.Closed);
    }

    [Fact]
    public async Task When_closed_or_stopped_it_answers_every_attempt_at_once_and_leaves()
    {
        var entity = await JoinAsync();
        var runs = Attempt();
        _shared.Tell(CircuitCommand.Close);
        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(runs)).Outcome);
        await ReportAsync(report => report.Connection.Closed);
        await entity.ReceivesAsync<LeaveServer>();

        var other = Start(CreateTestProbe());
        entity.Tell(other, Connected());
        var stopped = Attempt(to: other);
        other.Tell(PoisonPill.Instance);
        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(stopped)).Outcome);
        await entity.ReceivesAsync<LeaveServer>();
    }
}
