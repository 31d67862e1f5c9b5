using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Dispatch.SysMsg;
using Akka.TestKit;
using McpActors.Balancing;
using McpActors.Clustering.OneNode;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Resilience;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>The one connection of the cluster, to a real MCP server in memory; timers in virtual time; the shard and the members are probes.</summary>
public sealed class ServerEntityActorSpecs : VirtualTimeSpec
{
    private static readonly ServerSettings Server = new() { Name = "s", Uri = new Uri("memory://s") };
    private static readonly PoolSettings Settings = new() { DrainTimeout = TimeSpan.FromSeconds(30), CloseTimeout = TimeSpan.FromSeconds(2) };

    private readonly MemoryServers _memory = new();
    private readonly MemoryServer _server;
    private readonly TestProbe _shard;
    private readonly TestProbe _one;
    private readonly TestProbe _other;
    private readonly PoolServices _services;
    private readonly IActorRef _entity;

    public ServerEntityActorSpecs()
    {
        _server = _memory.Add("s").Tool("ok", () => "fine").Tool("hang", () => MemoryAnswer.Never).Tool("fail", () => MemoryAnswer.Error(-32050, "broken"));
        (_shard, _one, _other) = (CreateTestProbe("shard"), CreateTestProbe("one"), CreateTestProbe("other"));
        _services = new PoolServices(Settings, current => new Connector(current, new TransportFactory(_memory, current, null), null), Strategies.BuiltIn, seed: 1);
        _entity = _shard.ChildActorOf(ServerEntityActor.Props(_services));
    }

    [Fact]
    public async Task Every_member_is_told_how_it_is_and_what_it_offers()
    {
        await JoinAsync(_one);
        _entity.Tell(Join(), _other);

        Assert.Equal(ServerStatus.Connected, (await _other.ExpectMsgAsync<ServerReport>(PoolHost.Patience)).Connection.Status);
        Assert.Equal(["fail", "hang", "ok"], (await _other.ExpectMsgAsync<ServerOffers>(PoolHost.Patience)).Tools.Keys.Order());
        Assert.Equal(1, _server.Connections);
    }

    [Fact]
    public async Task One_that_fails_is_gone_so_that_its_members_come_again()
    {
        // As a shard supervises it.
        var entity = _shard.ChildActorOf(ServerEntityActor.Props(_services), "failing", new OneForOneStrategy(_ => Directive.Restart));
        await _one.WatchAsync(entity);
        entity.Tell(Join(), _one);
        await _one.FishForMessageAsync<ServerOffers>(_ => true, PoolHost.Patience);
        entity.Tell(Attempt(7, "hang"), _one);
        await UntilAsync(() => _server.Received("hang") == 1);

        entity.Tell(Kill.Instance);

        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(_one, 7)).Outcome);
        await _one.FishForMessageAsync<Terminated>(died => died.ActorRef.Equals(entity), PoolHost.Patience);
        await UntilAsync(() => _server.Connections == 0);
    }

    [Fact]
    public async Task Attempts_of_two_members_with_the_same_number_do_not_mix_nor_do_their_cancels()
    {
        await JoinAsync(_one);
        await JoinAsync(_other);
        await StartHangingAsync(_one, 7);
        await StartHangingAsync(_other, 7);

        _entity.Tell(new CancelAttempt(7, CancelReason.Caller), _one);
        Assert.Equal(AttemptOutcome.Cancelled, (await EndedAsync(_one, 7)).Outcome);
        _entity.Tell(new CancelAttempt(7, CancelReason.Caller), _one);
        _entity.Tell(Attempt(8, "ok"), _other);

        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(_other, 8)).Outcome);
        Assert.Equal(1, (await HeldAsync()).Running);
    }

    [Fact]
    public async Task Progress_goes_to_the_member_whose_attempt_it_is()
    {
        await JoinAsync(_one);
        await JoinAsync(_other);
        await StartHangingAsync(_one, 7, attempt => attempt with { WantsProgress = true, WatchProgress = true });
        await StartHangingAsync(_other, 7);

        // As the circuit passes it on: the first attempt of this entity has its number 1.
        _entity.Tell(new AttemptProgressed(1), await CircuitAsync());

        Assert.Equal(7, (await _one.FishForMessageAsync<AttemptProgressed>(_ => true, PoolHost.Patience)).AttemptId);
        await HandledAsync(_entity);
        Assert.False(_other.HasMessages);
    }

    [Fact]
    public async Task When_a_member_dies_its_attempts_are_given_up_and_when_the_last_has_left_it_asks_to_end()
    {
        await JoinAsync(_one);
        await JoinAsync(_other);
        await StartHangingAsync(_one, 7);
        await StartHangingAsync(_other, 7);

        Sys.Stop(_one);
        await UntilAsync(
            async () => (await HeldAsync()).Running == 1);
        await _shard.ExpectNoMsgAsync(TimeSpan.Zero);
        _entity.Tell(new LeaveServer(), _other);

        Assert.IsType<HandOver>((await _shard.ExpectMsgAsync<Passivate>(PoolHost.Patience)).StopMessage);
        await UntilAsync(
            async () => (await HeldAsync()).Running == 0);
        await StopAsync();
    }

    [Fact]
    public async Task Who_resumes_is_told_what_of_its_own_does_not_run_and_what_it_does_not_want_is_given_up()
    {
        await JoinAsync(_one);
        await JoinAsync(_other);
        await StartHangingAsync(_one, 7);
        await StartHangingAsync(_other, 8);

        _entity.Tell(new ResumeServer([7, 8], 0), _one);
        Assert.Equal([8], (await _one.FishForMessageAsync<AttemptsGone>(_ => true, PoolHost.Patience)).Attempts);
        Assert.Equal(2, (await HeldAsync()).Running);
        _entity.Tell(new ResumeServer([], 0), _one);

        Assert.Empty((await _one.FishForMessageAsync<AttemptsGone>(_ => true, PoolHost.Patience)).Attempts);
        await UntilAsync(
            async () => (await HeldAsync()).Running == 1);
        _entity.Tell(new CancelAttempt(8, CancelReason.Caller), _other);
        Assert.Equal(AttemptOutcome.Cancelled, (await EndedAsync(_other, 8)).Outcome);
    }

    [Fact]
    public async Task Who_resumes_is_told_how_it_is_and_what_it_offers_when_that_has_changed()
    {
        _entity.Tell(Join(), _one);
        var offers = await _one.FishForMessageAsync<ServerOffers>(_ => true, PoolHost.Patience);
        _entity.Tell(new ResumeServer([], offers.Number), _one);
        await _one.FishForMessageAsync<AttemptsGone>(_ => true, PoolHost.Patience);

        Assert.Equal(ServerStatus.Connected, (await _one.ExpectMsgAsync<ServerReport>(PoolHost.Patience)).Connection.Status);
        _entity.Tell(new ResumeServer([], offers.Number - 1), _one);
        await _one.ExpectMsgAsync<AttemptsGone>(PoolHost.Patience);
        await _one.ExpectMsgAsync<ServerReport>(PoolHost.Patience);
        Assert.Equal(offers.Number, (await _one.ExpectMsgAsync<ServerOffers>(PoolHost.Patience)).Number);
    }

    [Fact]
    public async Task Who_resumes_after_it_was_wrongly_taken_for_gone_is_a_member_again()
    {
        await JoinAsync(_one);
        await JoinAsync(_other);
        ((IInternalActorRef)_entity).SendSystemMessage(new DeathWatchNotification(_one.Ref, true, false));
        // The first of these may come before what the notification becomes.
        await HandledAsync(_entity);
        await HandledAsync(_entity);

        _entity.Tell(new ResumeServer([], 0), _one);
        _entity.Tell(new OperateServer(1, CircuitCommand.Isolate, null), _other);

        await _one.FishForMessageAsync<ServerReport>(report => report.Circuit == CircuitState.Isolated, PoolHost.Patience);
    }

    [Fact]
    public async Task What_an_operator_said_is_done_once_however_often_it_comes()
    {
        await JoinAsync(_one);

        foreach (var (number, command) in new[] { (1, CircuitCommand.Isolate), (2, CircuitCommand.Reset), (1, CircuitCommand.Isolate) })
        {
            _entity.Tell(new OperateServer(number, command, null), _one);
            Assert.Equal(number, (await _one.FishForMessageAsync<OperationHeard>(_ => true, PoolHost.Patience)).Number);
        }
        _entity.Tell(Attempt(7, "ok"), _one);

        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(_one, 7)).Outcome);
    }

    [Fact]
    public async Task Handed_over_it_confirms_nothing_that_operators_say()
    {
        await HandOverWithOneRunningAsync();

        _entity.Tell(new OperateServer(1, CircuitCommand.Isolate, null), _one);

        await _one.FishForMessageAsync(
            message =>
            {
                Assert.IsNotType<OperationHeard>(message);
                return message is ServerReport { Circuit: CircuitState.Isolated };
            },
            PoolHost.Patience);
    }

    [Fact]
    public async Task What_one_says_that_is_no_member_is_not_confirmed()
    {
        await JoinAsync(_one);

        _entity.Tell(new OperateServer(1, CircuitCommand.Isolate, null), _other);

        await HandledAsync(_entity);
        Assert.False(_other.HasMessages);
    }

    [Fact]
    public async Task Handed_over_it_tells_who_resumes_of_the_move_again()
    {
        await HandOverWithOneRunningAsync();

        _entity.Tell(new ResumeServer([7], 0), _one);

        await _one.FishForMessageAsync<ServerMoves>(_ => true, PoolHost.Patience);
        _entity.Tell(new ServerReleased(), _one);
        _entity.Tell(new CancelAttempt(7, CancelReason.Caller), _one);
        await _shard.ExpectTerminatedAsync(_entity, PoolHost.Patience);
    }

    [Fact]
    public async Task An_attempt_of_a_session_runs_in_no_other()
    {
        await JoinAsync(_one);

        _entity.Tell(Attempt(7, "ok") with { OnSession = 99 }, _one);

        Assert.Equal((AttemptOutcome.Refused, AttemptCause.SessionLost), (await EndedAsync(_one, 7)) is var result ? (result.Outcome, result.Cause) : default);
    }

    [Fact]
    public async Task An_attempt_that_is_forced_goes_through_an_open_circuit()
    {
        await JoinAsync(_one);
        for (var id = 1; id <= Settings.Circuit.ConsecutiveFailures; id++)
        {
            _entity.Tell(Attempt(id, "fail"), _one);
            await EndedAsync(_one, id);
        }
        _entity.Tell(Attempt(7, "ok"), _one);
        Assert.Equal(AttemptCause.CircuitOpen, (await EndedAsync(_one, 7)).Cause);

        _entity.Tell(Attempt(8, "ok") with { Forced = true }, _one);

        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(_one, 8)).Outcome);
    }

    [Fact]
    public async Task The_server_is_told_the_trace_and_asked_for_progress_that_is_watched()
    {
        await JoinAsync(_one);
        var trace = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

        // Its parameters are recorded whole, unlike those of a tool call.
        var list = new CallRequest("tools/list", null, null, Wrap: false);
        _entity.Tell(new SharedAttempt(7, list, TimeSpan.FromMinutes(5), null) { Trace = trace, WatchProgress = true }, _one);

        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(_one, 7)).Outcome);
        var meta = _server.Calls.Last(call => call.Method == "tools/list")["_meta"];
        Assert.Contains(trace.TraceId.ToHexString(), meta.GetProperty("traceparent").GetString(), StringComparison.Ordinal);
        Assert.True(meta.TryGetProperty("progressToken", out _));
    }

    [Fact]
    public async Task While_it_has_a_member_it_stays_however_long_nothing_happens()
    {
        await JoinAsync(_one);

        Pass(TimeSpan.FromHours(1), TimeSpan.FromSeconds(30));

        await HandledAsync(_entity);
        await _shard.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task It_begins_as_operators_left_the_server()
    {
        _entity.Tell(Join() with { Intent = new OperatorIntent(Isolated: true) }, _one);

        Assert.Equal(CircuitState.Isolated, (await _one.ExpectMsgAsync<ServerReport>(PoolHost.Patience)).Circuit);
    }

    [Fact]
    public async Task To_which_nobody_comes_it_asks_to_end()
    {
        await HandledAsync(_entity);
        Pass(TimeSpan.FromMinutes(1));

        await _shard.ExpectMsgAsync<Passivate>(PoolHost.Patience);
        await StopAsync();
    }

    [Fact]
    public async Task What_could_not_be_sent_to_it_is_answered_as_not_sent()
    {
        await JoinAsync(_one);

        _entity.Tell(new UnsendableAttempt(7, "too large"), _one);

        Assert.Equal((AttemptOutcome.NotSent, "too large"), (await EndedAsync(_one, 7)) is var result ? (result.Outcome, result.Error) : default);
    }

    [Fact]
    public async Task A_circuit_that_dies_is_replaced_and_what_ran_answered()
    {
        await JoinAsync(_one);
        await StartHangingAsync(_one, 7);

        Sys.Stop(await CircuitAsync());

        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(_one, 7)).Outcome);
        await ConnectedAsync(_one);
        _entity.Tell(Attempt(8, "ok"), _one);
        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(_one, 8)).Outcome);
    }

    [Fact]
    public async Task A_circuit_that_is_replaced_is_as_operators_left_it()
    {
        await JoinAsync(_one);
        _entity.Tell(new OperateServer(1, CircuitCommand.Isolate, null), _one);
        await CircuitStateAsync(CircuitState.Isolated);

        Sys.Stop(await CircuitAsync());

        await _one.FishForMessageAsync<ServerReport>(report => report is { Circuit: CircuitState.Isolated, Connection.Status: ServerStatus.Connecting }, PoolHost.Patience);
    }

    [Fact]
    public async Task A_circuit_that_is_replaced_stays_disconnected_by_an_operator()
    {
        await JoinAsync(_one);
        _entity.Tell(new OperateServer(1, null, ConnectionCommand.Disconnect), _one);
        await _one.FishForMessageAsync<ServerReport>(report => report.Connection.Closed, PoolHost.Patience);

        Sys.Stop(await CircuitAsync());

        // A new circuit, which has read no catalogue.
        await _one.FishForMessageAsync<ServerReport>(report => report.Connection is { Closed: true, Catalogue: null }, PoolHost.Patience);
    }

    [Fact]
    public async Task A_circuit_that_fails_is_as_operators_left_it()
    {
        await JoinAsync(_one);
        _entity.Tell(new OperateServer(1, CircuitCommand.Isolate, null), _one);
        await CircuitStateAsync(CircuitState.Isolated);

        (await CircuitAsync()).Tell(Kill.Instance);

        await _one.FishForMessageAsync<ServerReport>(report => report is { Circuit: CircuitState.Isolated, Connection.Status: ServerStatus.Connecting }, PoolHost.Patience);
    }

    [Fact]
    public async Task Handed_over_it_waits_for_no_member_that_is_gone()
    {
        await JoinAsync(_one);
        _shard.Watch(_entity);
        _entity.Tell(HandOver.Instance, _shard);
        await _one.FishForMessageAsync<ServerMoves>(_ => true, PoolHost.Patience);

        Sys.Stop(_one);

        await _shard.ExpectTerminatedAsync(_entity, PoolHost.Patience);
    }

    [Fact]
    public async Task Handed_over_it_ends_when_its_circuit_dies_on_the_way()
    {
        await HandOverWithOneRunningAsync();
        _entity.Tell(new ServerReleased(), _one);

        Sys.Stop(await CircuitAsync());

        await _shard.ExpectTerminatedAsync(_entity, PoolHost.Patience);
    }

    [Fact]
    public async Task Handed_over_twice_it_does_not_wait_again_for_who_has_let_go()
    {
        await HandOverWithOneRunningAsync();
        _entity.Tell(new ServerReleased(), _one);

        _entity.Tell(HandOver.Instance, _shard);
        _entity.Tell(new CancelAttempt(7, CancelReason.Caller), _one);

        await _shard.ExpectTerminatedAsync(_entity, PoolHost.Patience);
    }

    [Fact]
    public async Task Handed_over_it_ends_when_what_runs_has_ended_and_its_members_have_let_go()
    {
        await HandOverWithOneRunningAsync();

        // Who comes now is told to come again, and what comes now is turned away.
        _entity.Tell(Join(), _other);
        await _other.ExpectMsgAsync<ServerMoves>(PoolHost.Patience);
        _entity.Tell(Attempt(8, "ok"), _one);
        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.Draining), (await EndedAsync(_one, 8)) is var late ? (late.Outcome, late.Cause) : default);

        _entity.Tell(new CancelAttempt(7, CancelReason.Caller), _one);
        Assert.Equal(AttemptOutcome.Cancelled, (await EndedAsync(_one, 7)).Outcome);
        await _one.FishForMessageAsync<ServerReport>(report => report.Connection.Closed, PoolHost.Patience);
        await HandledAsync(_entity);
        await _shard.ExpectNoMsgAsync(TimeSpan.Zero);
        _entity.Tell(new ServerReleased(), _one);
        await _shard.ExpectTerminatedAsync(_entity, PoolHost.Patience);
    }

    [Fact]
    public async Task Handed_over_it_answers_what_came_just_before_its_member_let_go_as_not_sent()
    {
        await JoinAsync(_one);
        _entity.Tell(HandOver.Instance, _shard);
        await _one.FishForMessageAsync<ServerReport>(report => report.Connection.Closed, PoolHost.Patience);

        _entity.Tell(Attempt(7, "ok"), _one);
        _entity.Tell(new ServerReleased(), _one);

        Assert.Equal(AttemptOutcome.NotSent, (await EndedAsync(_one, 7)).Outcome);
    }

    [Fact]
    public async Task Handed_over_it_waits_no_longer_than_its_time_for_a_member_that_does_not_let_go()
    {
        await HandOverWithOneRunningAsync();
        await HandledAsync(_entity);

        Pass(Settings.DrainTimeout + (2 * Settings.CloseTimeout));

        await _shard.ExpectTerminatedAsync(_entity, PoolHost.Patience);
        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(_one, 7)).Outcome);
    }

    [Fact]
    public async Task Stopped_it_answers_everything_once()
    {
        await JoinAsync(_one);
        await StartHangingAsync(_one, 7);

        _shard.Watch(_entity);
        _entity.Tell(PoisonPill.Instance);

        await _shard.ExpectTerminatedAsync(_entity, PoolHost.Patience);
        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(_one, 7)).Outcome);
        await _one.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    private static JoinServer Join() => new("s@0", Server, OperatorIntent.None);

    private static SharedAttempt Attempt(long id, string tool) => new(id, new CallRequest("tools/call", tool, null, Wrap: true), TimeSpan.FromMinutes(5), null);

    private async Task HandOverWithOneRunningAsync()
    {
        await JoinAsync(_one);
        await StartHangingAsync(_one, 7);
        _shard.Watch(_entity);
        _entity.Tell(HandOver.Instance, _shard);
        await _one.FishForMessageAsync<ServerMoves>(_ => true, PoolHost.Patience);
    }

    private async Task JoinAsync(TestProbe member)
    {
        _entity.Tell(Join(), member);
        await ConnectedAsync(member);
    }

    private static async Task ConnectedAsync(TestProbe member)
    {
        await member.FishForMessageAsync<ServerReport>(report => report.Connection.Status == ServerStatus.Connected, PoolHost.Patience);
        await member.FishForMessageAsync<ServerOffers>(_ => true, PoolHost.Patience);
    }

    private async Task CircuitStateAsync(CircuitState wanted)
    {
        // The last report before the command may say so already.
        var probe = CreateTestProbe();
        await UntilAsync(async () =>
        {
            _entity.Tell(Join(), probe);
            return (await probe.FishForMessageAsync<ServerReport>(_ => true, PoolHost.Patience)).Circuit == wanted;
        });
    }

    private async Task StartHangingAsync(TestProbe member, long id, Func<SharedAttempt, SharedAttempt>? with = null)
    {
        var before = _server.Received("hang");
        var attempt = Attempt(id, "hang");
        _entity.Tell(with?.Invoke(attempt) ?? attempt, member);
        await UntilAsync(() => _server.Received("hang") > before);
    }

    private static async Task<AttemptResult> EndedAsync(TestProbe member, long id)
    {
        var ended = await member.FishForMessageAsync<AttemptEnded>(_ => true, PoolHost.Patience);
        Assert.Equal(id, ended.AttemptId);
        return ended.Result;
    }

    private async Task<IActorRef> CircuitAsync()
    {
        var probe = CreateTestProbe();
        Sys.ActorSelection(_entity.Path / "*").Tell(new Identify(null), probe);
        return (await probe.ExpectMsgAsync<ActorIdentity>(PoolHost.Patience)).Subject;
    }

    private async Task<CircuitLoad> HeldAsync()
    {
        var probe = CreateTestProbe();
        (await CircuitAsync()).Tell(GetLoad.Instance, probe);
        return await probe.ExpectMsgAsync<CircuitLoad>(PoolHost.Patience);
    }

    private async Task StopAsync()
    {
        _shard.Watch(_entity);
        _entity.Tell(HandOver.Instance, _shard);
        await _shard.ExpectTerminatedAsync(_entity, PoolHost.Patience);
    }
}
