using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Dispatch.SysMsg;
using McpActors.Clustering.OneNode;
using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>The members of an entity: how they join, resume and leave, and the commands of operators.</summary>
public sealed class ServerEntityMembersSpecs : ServerEntitySpec
{
    [Fact]
    public async Task Every_member_receives_the_report_and_the_catalogue()
    {
        await JoinAsync(_one);
        _entity.Tell(Join(), _other);

        Assert.Equal(ServerStatus.Connected, (await _other.ExpectMsgAsync<ServerReport>(PoolHost.Patience)).Connection.Status);
        Assert.Equal(["fail", "hang", "ok"], (await _other.ExpectMsgAsync<SharedCatalogue>(PoolHost.Patience)).Tools!.Keys.Order());
        Assert.Equal(1, _server.Connections);
    }

    [Fact]
    public async Task A_server_that_this_node_does_not_have_is_not_connected_until_it_does()
    {
        var entity = _shard.ChildActorOf(EntityProps("other@1"));
        entity.Tell(Join("other@1"), _one);
        entity.Tell(Join("other@1"), _one);

        var report = await _one.ExpectMsgAsync<ServerReport>(PoolHost.Patience);
        Assert.Equal(ServerStatus.Error, report.Connection.Status);
        Assert.Contains("does not have this server", report.Connection.Reason, StringComparison.Ordinal);
        Assert.Equal(0, _server.Connections);
        entity.Tell(Attempt(7, "ok"), _one);
        Assert.Equal(AttemptOutcome.NotSent, (await EndedAsync(_one, 7)).Outcome);

        // The pool of this node learns of the server, and its own stand-in joins.
        _servers.Add("other@1", Server);
        entity.Tell(Join("other@1"), _other);

        await ConnectedAsync(_one);
        await ConnectedAsync(_other);
    }

    [Fact]
    public async Task Only_nodes_can_join_resume_and_send_attempts()
    {
        var (node, stranger) = (new Address("akka.tcp", "nodes", "10.0.0.1", 1), new Address("akka.tcp", "nodes", "10.0.0.2", 1));
        var entity = _shard.ChildActorOf(EntityProps("s@0", node));
        var outside = new RecordingRef(Sys, stranger);

        entity.Tell(Join(), outside);
        entity.Tell(new ResumeServer([], 0), outside);
        entity.Tell(Attempt(7, "ok"), outside);
        await HandledAsync(entity);
        Assert.Equal(0, _server.Connections);
        Assert.Empty(outside.Received);

        var inside = new RecordingRef(Sys, node);
        entity.Tell(Join(), inside);
        await UntilAsync(() => inside.Received.OfType<ServerReport>().Any(report => report.Connection.Status == ServerStatus.Connected));
    }

    [Fact]
    public async Task A_message_without_a_sender_is_not_one_of_a_node()
    {
        var entity = _shard.ChildActorOf(EntityProps());
        foreach (object message in (object[])[
            Join(), new ResumeServer([], 0), new OperateServer(1, CircuitCommand.Isolate, null), Attempt(7, "ok"), new LeaveServer(),
            new ServerReleased(), new CancelAttempt(7, CancelReason.Caller)])
        {
            entity.Tell(message, ActorRefs.NoSender);
        }
        await HandledAsync(entity);
        Assert.Equal(0, _server.Connections);

        // Nor does it end the attempt of a member.
        await JoinAsync(_one);
        await StartHangingAsync(_one, 8);
        _entity.Tell(new AttemptEnded(1, AttemptResult.Lost("forged")), ActorRefs.NoSender);
        _entity.Tell(new CancelAttempt(8, CancelReason.Caller), _one);
        Assert.Equal(AttemptOutcome.Cancelled, (await EndedAsync(_one, 8)).Outcome);
    }

    [Fact]
    public async Task The_attempts_of_a_dead_member_are_cancelled_and_without_members_it_passivates()
    {
        await JoinAsync(_one);
        await JoinAsync(_other);
        await StartHangingAsync(_one, 7);
        await StartHangingAsync(_other, 7);

        Sys.Stop(_one);
        await UntilAsync(async () => (await LoadAsync()).Running == 1);
        await _shard.ExpectNoMsgAsync(TimeSpan.Zero);
        _entity.Tell(new LeaveServer(), _other);

        Assert.IsType<HandOver>((await _shard.ExpectMsgAsync<Passivate>(PoolHost.Patience)).StopMessage);
        await UntilAsync(async () => (await LoadAsync()).Running == 0);
        await StopAsync();
    }

    [Fact]
    public async Task A_resuming_member_learns_its_lost_attempts_and_the_others_are_cancelled()
    {
        await JoinAsync(_one);
        await JoinAsync(_other);
        await StartHangingAsync(_one, 7);
        await StartHangingAsync(_other, 8);

        _entity.Tell(new ResumeServer([7, 8], 0), _one);
        Assert.Equal([8], (await ReceivesAsync<AttemptsLost>(_one)).Attempts);
        Assert.Equal(2, (await LoadAsync()).Running);
        _entity.Tell(new ResumeServer([], 0), _one);

        Assert.Empty((await ReceivesAsync<AttemptsLost>(_one)).Attempts);
        await UntilAsync(async () => (await LoadAsync()).Running == 1);
        _entity.Tell(new CancelAttempt(8, CancelReason.Caller), _other);
        Assert.Equal(AttemptOutcome.Cancelled, (await EndedAsync(_other, 8)).Outcome);
    }

    [Fact]
    public async Task A_resuming_member_receives_the_report_and_a_changed_catalogue()
    {
        _entity.Tell(Join(), _one);
        var offers = await ReceivesAsync<SharedCatalogue>(_one);
        _entity.Tell(new ResumeServer([], offers.Number), _one);
        await ReceivesAsync<AttemptsLost>(_one);

        Assert.Equal(ServerStatus.Connected, (await _one.ExpectMsgAsync<ServerReport>(PoolHost.Patience)).Connection.Status);
        _entity.Tell(new ResumeServer([], offers.Number - 1), _one);
        await _one.ExpectMsgAsync<AttemptsLost>(PoolHost.Patience);
        await _one.ExpectMsgAsync<ServerReport>(PoolHost.Patience);
        Assert.Equal(offers.Number, (await _one.ExpectMsgAsync<SharedCatalogue>(PoolHost.Patience)).Number);
    }

    [Fact]
    public async Task A_member_that_resumes_after_it_was_considered_dead_is_a_member_again()
    {
        await JoinAsync(_one);
        await JoinAsync(_other);
        ((IInternalActorRef)_entity).SendSystemMessage(new DeathWatchNotification(_one.Ref, true, false));
        // The first of these may arrive before the result of the notification.
        await HandledAsync(_entity);
        await HandledAsync(_entity);

        _entity.Tell(new ResumeServer([], 0), _one);
        _entity.Tell(new OperateServer(1, CircuitCommand.Isolate, null), _other);

        await _one.FishForMessageAsync<ServerReport>(report => report.Circuit == CircuitState.Isolated, PoolHost.Patience);
    }

    [Fact]
    public async Task A_repeated_command_is_carried_out_once()
    {
        await JoinAsync(_one);

        foreach (var (number, command) in new[] { (1, CircuitCommand.Isolate), (2, CircuitCommand.Reset), (1, CircuitCommand.Isolate) })
        {
            _entity.Tell(new OperateServer(number, command, null), _one);
            Assert.Equal(number, (await ReceivesAsync<OperationConfirmed>(_one)).Number);
        }
        _entity.Tell(Attempt(7, "ok"), _one);

        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(_one, 7)).Outcome);
    }

    [Fact]
    public async Task Commands_of_a_sender_that_is_not_a_member_are_not_confirmed()
    {
        await JoinAsync(_one);

        _entity.Tell(new OperateServer(1, CircuitCommand.Isolate, null), _other);

        await HandledAsync(_entity);
        Assert.False(_other.HasMessages);
    }

    [Fact]
    public async Task With_a_member_it_stays_however_long_nothing_happens()
    {
        await JoinAsync(_one);

        Pass(TimeSpan.FromHours(1), TimeSpan.FromSeconds(30));

        await HandledAsync(_entity);
        await _shard.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task Without_a_member_it_passivates()
    {
        await HandledAsync(_entity);
        Pass(TimeSpan.FromMinutes(1));

        await _shard.ExpectMsgAsync<Passivate>(PoolHost.Patience);
        await StopAsync();
    }

    [Fact]
    public async Task It_starts_with_the_intent_of_the_operators()
    {
        _entity.Tell(Join() with { Intent = new OperatorIntent(Isolated: true) }, _one);

        Assert.Equal(CircuitState.Isolated, (await _one.ExpectMsgAsync<ServerReport>(PoolHost.Patience)).Circuit);
    }
}
