using Akka.Actor;
using McpActors.Clustering.OneNode;
using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>How an entity ends: hand-over, failure, stop.</summary>
public sealed class ServerEntityHandOverSpecs : ServerEntitySpec
{
    [Fact]
    public async Task A_hand_over_ends_after_the_attempts_have_ended_and_the_members_have_released_it()
    {
        await HandOverWithOneRunningAsync();

        // From now on new members learn that the server moves, and new attempts are refused.
        _entity.Tell(Join(), _other);
        await _other.ExpectMsgAsync<ServerMoving>(PoolHost.Patience);
        _entity.Tell(Attempt(8, "ok"), _one);
        Assert.Equal(
            (AttemptOutcome.NotSent, AttemptCause.Draining),
            (await EndedAsync(_one, 8)) is var late ? (late.Outcome, late.Cause) : default);

        _entity.Tell(new CancelAttempt(7, CancelReason.Caller), _one);
        Assert.Equal(AttemptOutcome.Cancelled, (await EndedAsync(_one, 7)).Outcome);
        await _one.FishForMessageAsync<ServerReport>(report => report.Connection.Closed, PoolHost.Patience);
        await HandledAsync(_entity);
        await _shard.ExpectNoMsgAsync(TimeSpan.Zero);
        _entity.Tell(new ServerReleased(), _one);
        await _shard.ExpectTerminatedAsync(_entity, PoolHost.Patience);
    }

    [Fact]
    public async Task An_attempt_that_arrives_just_before_the_release_ends_as_not_sent()
    {
        await JoinAsync(_one);
        _entity.Tell(HandOver.Instance, _shard);
        await _one.FishForMessageAsync<ServerReport>(report => report.Connection.Closed, PoolHost.Patience);

        _entity.Tell(Attempt(7, "ok"), _one);
        _entity.Tell(new ServerReleased(), _one);

        Assert.Equal(AttemptOutcome.NotSent, (await EndedAsync(_one, 7)).Outcome);
    }

    [Fact]
    public async Task A_hand_over_has_a_time_limit_for_members_that_do_not_release_it()
    {
        await HandOverWithOneRunningAsync();
        await HandledAsync(_entity);

        Pass(Settings.DrainTimeout + (2 * Settings.CloseTimeout));

        await _shard.ExpectTerminatedAsync(_entity, PoolHost.Patience);
        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(_one, 7)).Outcome);
    }

    [Fact]
    public async Task A_hand_over_does_not_wait_for_a_dead_member()
    {
        await JoinAsync(_one);
        _shard.Watch(_entity);
        _entity.Tell(HandOver.Instance, _shard);
        await ReceivesAsync<ServerMoving>(_one);

        Sys.Stop(_one);

        await _shard.ExpectTerminatedAsync(_entity, PoolHost.Patience);
    }

    [Fact]
    public async Task A_hand_over_ends_when_the_circuit_stops_meanwhile()
    {
        await HandOverWithOneRunningAsync();
        _entity.Tell(new ServerReleased(), _one);

        Sys.Stop(await CircuitAsync());

        await _shard.ExpectTerminatedAsync(_entity, PoolHost.Patience);
    }

    [Fact]
    public async Task A_second_hand_over_does_not_wait_for_members_that_have_released_it()
    {
        await HandOverWithOneRunningAsync();
        _entity.Tell(new ServerReleased(), _one);

        _entity.Tell(HandOver.Instance, _shard);
        _entity.Tell(new CancelAttempt(7, CancelReason.Caller), _one);

        await _shard.ExpectTerminatedAsync(_entity, PoolHost.Patience);
    }

    [Fact]
    public async Task A_member_that_resumes_during_a_hand_over_learns_of_the_move_again()
    {
        await HandOverWithOneRunningAsync();

        _entity.Tell(new ResumeServer([7], 0), _one);

        await ReceivesAsync<ServerMoving>(_one);
        _entity.Tell(new ServerReleased(), _one);
        _entity.Tell(new CancelAttempt(7, CancelReason.Caller), _one);
        await _shard.ExpectTerminatedAsync(_entity, PoolHost.Patience);
    }

    [Fact]
    public async Task Commands_during_a_hand_over_are_not_confirmed()
    {
        await HandOverWithOneRunningAsync();

        _entity.Tell(new OperateServer(1, CircuitCommand.Isolate, null), _one);

        await _one.FishForMessageAsync(
            message =>
            {
                Assert.IsNotType<OperationConfirmed>(message);
                return message is ServerReport { Circuit: CircuitState.Isolated };
            },
            PoolHost.Patience);
    }

    [Fact]
    public async Task An_entity_that_fails_stops_so_that_its_members_join_again()
    {
        // As a shard supervises it.
        var entity = _shard.ChildActorOf(EntityProps(), "failing", new OneForOneStrategy(_ => Directive.Restart));
        await _one.WatchAsync(entity);
        entity.Tell(Join(), _one);
        await ReceivesAsync<SharedCatalogue>(_one);
        entity.Tell(Attempt(7, "hang"), _one);
        await UntilAsync(() => _server.Received("hang") == 1);

        entity.Tell(Kill.Instance);

        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(_one, 7)).Outcome);
        await _one.FishForMessageAsync<Terminated>(died => died.ActorRef.Equals(entity), PoolHost.Patience);
        await UntilAsync(() => _server.Connections == 0);
    }

    [Fact]
    public async Task When_stopped_it_answers_every_attempt_once()
    {
        await JoinAsync(_one);
        await StartHangingAsync(_one, 7);

        _shard.Watch(_entity);
        _entity.Tell(PoisonPill.Instance);

        await _shard.ExpectTerminatedAsync(_entity, PoolHost.Patience);
        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(_one, 7)).Outcome);
        await _one.ExpectNoMsgAsync(TimeSpan.Zero);
    }
}
