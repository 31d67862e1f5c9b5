using Akka.Actor;
using Akka.TestKit;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Resilience;

/// <summary>A circuit over connections that fail in ways of their own; the pool and the router are probes.</summary>
public sealed class CircuitSupervisionSpecs : VirtualTimeSpec
{
    private static readonly PoolSettings Settings = new()
    {
        Reconnect = new ReconnectSettings { Jitter = 0 },
        Circuit = new CircuitSettings { Jitter = 0 },
    };

    private readonly TestProbe _pool;
    private readonly TestProbe _router;
    private readonly TestProbe _connections;

    public CircuitSupervisionSpecs()
    {
        _pool = CreateTestProbe("pool");
        _router = CreateTestProbe("router");
        _connections = CreateTestProbe("connections");
    }

    [Fact]
    public async Task A_connection_that_cannot_start_is_tried_again_with_growing_waits()
    {
        var connections = _connections.Ref;
        var circuit = Start(() => Props.Create(() => new Unable(connections)));
        var starts = new List<DateTimeOffset>();
        for (var i = 0; i < 4; i++)
        {
            await _connections.ExpectMsgAsync("starts", PoolHost.Patience);
            starts.Add(Now);
            await _pool.FishForMessageAsync<ServerReport>(report => report.Connection.Status == ServerStatus.Error, PoolHost.Patience);
            await HandledAsync(circuit);
            await _connections.ExpectNoMsgAsync(TimeSpan.Zero);
            Pass(TimeSpan.FromSeconds(Math.Pow(1.6, i)));
        }

        Assert.Equal([1, 1.6, 2.56], starts.Zip(starts.Skip(1), (a, b) => Math.Round((b - a).TotalSeconds, 2)));
    }

    [Fact]
    public async Task An_attempt_whose_cancel_is_never_confirmed_gives_its_place_to_the_next_one()
    {
        var connections = _connections.Ref;
        var circuit = Start(() => Props.Create(() => new Relay(connections)));
        circuit.Tell(Attempt(1), _router);
        Assert.Equal(1, (await _connections.ExpectMsgAsync<StartAttempt>(PoolHost.Patience)).Id);
        circuit.Tell(Attempt(2), _router);
        circuit.Tell(new CancelAttempt(1, CancelReason.Deadline), _router);
        await _connections.ExpectMsgAsync<CancelAttempt>(PoolHost.Patience);

        circuit.Tell(new ForgetAttempt(1), _router);

        Assert.Equal(2, (await _connections.ExpectMsgAsync<StartAttempt>(PoolHost.Patience)).Id);
        Assert.Equal(new CircuitLoad(1, 1, 0), await circuit.Ask<CircuitLoad>(GetLoad.Instance, PoolHost.Patience));
    }

    [Theory]
    [InlineData("disconnect", "disconnected by an operator")]
    [InlineData("drain", "drained by an operator")]
    [InlineData("retire", "removed or replaced")]
    [InlineData("close", "the pool is shutting down")]
    public async Task A_report_says_why_the_connection_is_closed(string command, string reason)
    {
        var connections = _connections.Ref;
        var circuit = Start(() => Props.Create(() => new Relay(connections)));

        circuit.Tell(command switch
        {
            "drain" => CircuitCommand.Drain,
            "retire" => CircuitCommand.Retire,
            "close" => CircuitCommand.Close,
            _ => (object)ConnectionCommand.Disconnect,
        });

        var report = await _pool.FishForMessageAsync<ServerReport>(
            report => report.Connection is { Status: ServerStatus.Disconnected, Closed: true }, PoolHost.Patience);
        Assert.Equal(reason, report.Connection.Reason);
    }

    [Theory]
    [InlineData(false, "disconnected by an operator")]
    [InlineData(true, "the pool is shutting down")]
    public async Task A_connection_that_stops_while_it_is_closed_is_not_started_again(bool isPoolClosing, string reason)
    {
        var connections = _connections.Ref;
        var circuit = Start(() => Props.Create(() => new Breakable(connections)));
        await _connections.ExpectMsgAsync("starts", PoolHost.Patience);

        circuit.Tell(isPoolClosing ? CircuitCommand.Close : (object)ConnectionCommand.Disconnect);

        var closed = await _pool.FishForMessageAsync<ServerReport>(report => report.Connection.Closed, PoolHost.Patience);
        Assert.Equal((ServerStatus.Disconnected, reason), (closed.Connection.Status, closed.Connection.Reason));
        await HandledAsync(circuit);
        Pass(TimeSpan.FromMinutes(2));
        await HandledAsync(circuit);
        Assert.False(_connections.HasMessages);
    }

    [Fact]
    public async Task A_trial_call_that_finds_no_place_is_no_trial()
    {
        var circuit = await HalfOpenAsync(maxQueue: 0);

        Assert.Equal(AttemptCause.Overloaded, (await RunAsync(circuit, 2)).Cause);
        Assert.Equal(AttemptCause.Overloaded, (await RunAsync(circuit, 3)).Cause);
    }

    [Fact]
    public async Task A_trial_call_that_is_cancelled_while_it_waits_leaves_the_trial_to_the_next_one()
    {
        var circuit = await HalfOpenAsync(maxQueue: 1);
        circuit.Tell(Attempt(2), _router);
        circuit.Tell(new CancelAttempt(2, CancelReason.Caller), _router);
        Assert.Equal(AttemptOutcome.Cancelled, (await EndedAsync(2)).Outcome);

        circuit.Tell(Attempt(3), _router);
        circuit.Tell(new AttemptEnded(1, AttemptResult.Lost("late")));

        Assert.Equal(3, (await _connections.ExpectMsgAsync<StartAttempt>(PoolHost.Patience)).Id);
    }

    [Fact]
    public async Task A_trial_call_that_is_refused_for_a_drain_leaves_the_trial_to_the_next_one()
    {
        var circuit = await HalfOpenAsync(maxQueue: 1);
        circuit.Tell(Attempt(2), _router);
        circuit.Tell(CircuitCommand.Drain);
        Assert.Equal(AttemptCause.Draining, (await EndedAsync(2)).Cause);
        circuit.Tell(ConnectionCommand.Connect);

        circuit.Tell(Attempt(3), _router);
        circuit.Tell(new AttemptEnded(1, AttemptResult.Lost("late")));

        Assert.Equal(3, (await _connections.ExpectMsgAsync<StartAttempt>(PoolHost.Patience)).Id);
    }

    [Fact]
    public async Task A_trial_call_without_a_connection_leaves_the_trial_to_the_next_one()
    {
        var circuit = await HalfOpenAsync(maxQueue: 1);
        Sys.Stop(await Sys.ActorSelection(circuit.Path / "connection").ResolveOne(PoolHost.Patience));
        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(1)).Outcome);

        Assert.Equal(AttemptCause.NotConnected, (await RunAsync(circuit, 2)).Cause);
        Assert.Equal(AttemptCause.NotConnected, (await RunAsync(circuit, 3)).Cause);
    }

    /// <summary>A half-open circuit whose only place is taken by an attempt of an earlier state.</summary>
    private async Task<IActorRef> HalfOpenAsync(int maxQueue)
    {
        var connections = _connections.Ref;
        var circuit = Start(() => Props.Create(() => new Relay(connections)), maxQueue);
        circuit.Tell(Attempt(1), _router);
        await _connections.ExpectMsgAsync<StartAttempt>(PoolHost.Patience);
        for (var failures = 1; failures <= 5; failures++)
            circuit.Tell(new ConnectionReport { Status = ServerStatus.Error, FailedConnects = failures });
        await StateAsync(CircuitState.Open);
        await HandledAsync(circuit);
        Pass(TimeSpan.FromSeconds(5));
        await StateAsync(CircuitState.HalfOpen);
        return circuit;
    }

    private async Task StateAsync(CircuitState state) =>
        await _pool.FishForMessageAsync<ServerReport>(report => report.Circuit == state, PoolHost.Patience);

    private async Task<AttemptResult> RunAsync(IActorRef circuit, long id)
    {
        circuit.Tell(Attempt(id), _router);
        return await EndedAsync(id);
    }

    private async Task<AttemptResult> EndedAsync(long id) =>
        (await _router.FishForMessageAsync<AttemptEnded>(ended => ended.AttemptId == id, PoolHost.Patience)).Result;

    private IActorRef Start(Func<Props> connection, int maxQueue = 1) => _pool.ChildActorOf(
        CircuitBreakerActor.Props(
            new ServerSettings { Name = "s", MaxInFlight = 1, MaxQueue = maxQueue }, Settings, connection, seed: 1),
        "s");

    private StartAttempt Attempt(long id) =>
        new(id, new CallRequest("tools/call", "any", null, Wrap: true), Now + TimeSpan.FromMinutes(1), null, null);

    private sealed class Unable : ReceiveActor
    {
        public Unable(IActorRef observer)
        {
            observer.Tell("starts");
            throw new InvalidOperationException("on purpose");
        }
    }

    /// <summary>Stops on any command.</summary>
    private sealed class Breakable : ReceiveActor
    {
        public Breakable(IActorRef observer)
        {
            observer.Tell("starts");
            Receive<ConnectionCommand>(_ => Context.Stop(Self));
        }
    }

    /// <summary>Closes on command, and answers nothing else.</summary>
    private sealed class Relay : ReceiveActor
    {
        public Relay(IActorRef observer)
        {
            Receive<ConnectionCommand>(_ =>
                Context.Parent.Tell(new ConnectionReport { Status = ServerStatus.Disconnected, Closed = true }));
            ReceiveAny(observer.Forward);
        }
    }
}
