using Akka.Actor;
using Akka.TestKit;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Resilience;

/// <summary>A circuit while the clock of the machine is set by an hour, or the process is stopped for a minute.</summary>
public sealed class CircuitClockSpecs : VirtualTimeSpec
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly CircuitSettings Settings = new() { Jitter = 0, ConsecutiveFailures = 2, OpenFor = 10 * Second };

    private readonly TestProbe _pool;
    private readonly TestProbe _router;
    private readonly TestProbe _commands;
    private long _lastId;

    public CircuitClockSpecs()
        : base(OnOwnMachine)
    {
        _pool = CreateTestProbe("pool");
        _router = CreateTestProbe("router");
        _commands = CreateTestProbe("commands");
    }

    public static TheoryData<int> Hours { get; } = [1, -1];

    [Theory]
    [MemberData(nameof(Hours))]
    public async Task An_open_circuit_admits_a_trial_call_after_its_open_time(int hours)
    {
        var circuit = await OpenedAsync();

        Machine.SetClock(TimeSpan.FromHours(hours));
        Pass(9 * Second);
        Assert.Equal(AttemptCause.CircuitOpen, (await RunAsync(circuit, "ok")).Cause);
        Pass(1.1 * Second);

        await StateAsync(CircuitState.HalfOpen);
        Assert.Equal(AttemptOutcome.Succeeded, (await RunAsync(circuit, "ok")).Outcome);
        await StateAsync(CircuitState.Closed);
    }

    [Theory]
    [MemberData(nameof(Hours))]
    public async Task A_failure_still_counts_when_the_clock_is_set_and_no_longer_after_the_window(int hours)
    {
        var circuit = Start(Settings with { ConsecutiveFailures = 100, MinimumCalls = 4 });
        await FailAsync(circuit, times: 3);

        Pass(31 * Second);
        Machine.SetClock(TimeSpan.FromHours(hours));
        // Open already if the first three still counted.
        await FailAsync(circuit, times: 3);
        Machine.SetClock(TimeSpan.FromHours(hours));
        await FailAsync(circuit, times: 1);

        // Closed still if the last three no longer counted.
        Assert.Equal(AttemptCause.CircuitOpen, (await RunAsync(circuit, "ok")).Cause);
    }

    [Fact]
    public async Task A_timer_that_ends_while_the_process_is_stopped_leaves_the_circuit_open_for_the_rest_of_its_time()
    {
        var circuit = await OpenedAsync();

        Machine.StopProcess(60 * Second);
        Assert.Equal(AttemptCause.CircuitOpen, (await RunAsync(circuit, "ok")).Cause);
        Pass(10 * Second);

        await StateAsync(CircuitState.HalfOpen);
    }

    [Fact]
    public async Task Calls_in_flight_have_the_rest_of_the_drain_time_after_the_process_was_stopped()
    {
        var circuit = Start(Settings);
        var deadline = PoolClock.Of(Sys).Now + TimeSpan.FromMinutes(1);
        var request = new CallRequest("tools/call", "hang", null, Wrap: true);
        circuit.Tell(new StartAttempt(1, request, deadline, null, null), _router);
        circuit.Tell(CircuitCommand.Drain);
        await HandledAsync(circuit);

        Machine.StopProcess(60 * Second);
        await HandledAsync(circuit);
        Assert.False(_commands.HasMessages);
        Pass(9 * Second);
        await HandledAsync(circuit);
        Assert.False(_commands.HasMessages);
        Pass(Second);

        await _commands.ExpectMsgAsync(ConnectionCommand.Disconnect, PoolHost.Patience);
    }

    [Fact]
    public async Task A_server_that_is_connected_again_while_it_drains_stays_connected_when_the_drain_time_ends()
    {
        var circuit = Start(Settings);
        var deadline = PoolClock.Of(Sys).Now + TimeSpan.FromMinutes(1);
        circuit.Tell(new StartAttempt(1, new CallRequest("tools/call", "hang", null, Wrap: true), deadline, null, null), _router);
        circuit.Tell(CircuitCommand.Drain);
        circuit.Tell(ConnectionCommand.Connect);
        await _commands.ExpectMsgAsync(ConnectionCommand.Connect, PoolHost.Patience);

        Pass(20 * Second);
        circuit.Tell(ConnectionCommand.Probe);

        // Before it would be the command to disconnect.
        await _commands.ExpectMsgAsync(ConnectionCommand.Probe, PoolHost.Patience);
    }

    [Theory]
    [InlineData(50, AttemptOutcome.Succeeded)]
    [InlineData(150, AttemptOutcome.NotSent)]
    public async Task Time_outs_open_the_circuit_only_if_the_attempts_had_a_fair_time(int milliseconds, AttemptOutcome next)
    {
        var circuit = Start(Settings);
        for (var id = 1; id <= 5; id++)
        {
            var deadline = PoolClock.Of(Sys).Now + TimeSpan.FromMilliseconds(milliseconds);
            circuit.Tell(new StartAttempt(id, new CallRequest("tools/call", "hang", null, Wrap: true), deadline, null, null), _router);
            await HandledAsync(circuit);
            Pass(TimeSpan.FromMilliseconds(milliseconds));
            circuit.Tell(new CancelAttempt(id, CancelReason.Deadline), _router);
            await _router.ExpectMsgAsync<AttemptEnded>(PoolHost.Patience);
        }

        _lastId = 5;
        Assert.Equal(next, (await RunAsync(circuit, "ok")).Outcome);
    }

    [Fact]
    public void Between_nodes_the_times_of_a_report_are_converted()
    {
        var (until, next) = (DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(7));
        var connection = new ConnectionReport { NextReconnect = next, LastErrorAt = until };
        var report = new ServerReport(connection, CircuitState.Open, "", until, false);

        var converted = report.WithTimes(time => time.AddHours(1));

        Assert.Equal(until.AddHours(1), converted.OpenUntil);
        Assert.Equal(next.AddHours(1), converted.Connection.NextReconnect);
        Assert.Equal(until, converted.Connection.LastErrorAt);
        var none = report with { OpenUntil = null, Connection = new ConnectionReport() };
        Assert.Equal(none, none.WithTimes(time => time.AddHours(1)));
    }

    private async Task<IActorRef> OpenedAsync()
    {
        var circuit = Start(Settings);
        await RunAsync(circuit, "fail");
        await RunAsync(circuit, "fail");
        await StateAsync(CircuitState.Open);
        return circuit;
    }

    private IActorRef Start(CircuitSettings settings)
    {
        var pool = new PoolSettings { Circuit = settings };
        var commands = _commands.Ref;
        return _pool.ChildActorOf(
            CircuitBreakerActor.Props(
                new ServerSettings { Name = "s" }, pool, () => Akka.Actor.Props.Create(() => new Answering(commands)), seed: 1),
            "s");
    }

    private async Task<AttemptResult> RunAsync(IActorRef circuit, string tool)
    {
        var id = ++_lastId;
        var deadline = PoolClock.Of(Sys).Now + TimeSpan.FromMinutes(1);
        circuit.Tell(new StartAttempt(id, new CallRequest("tools/call", tool, null, Wrap: true), deadline, null, null), _router);
        return (await _router.FishForMessageAsync<AttemptEnded>(ended => ended.AttemptId == id, PoolHost.Patience)).Result;
    }

    private async Task FailAsync(IActorRef circuit, int times)
    {
        for (var i = 0; i < times; i++)
            Assert.Equal(AttemptOutcome.ServerError, (await RunAsync(circuit, "fail")).Outcome);
    }

    private async Task StateAsync(CircuitState state) =>
        await _pool.FishForMessageAsync<ServerReport>(report => report.Circuit == state, PoolHost.Patience);

    /// <summary>A connection that answers at once: "ok" with a success, "fail" with a failure, anything else never.</summary>
    private sealed class Answering : ReceiveActor
    {
        public Answering(IActorRef commands)
        {
            Receive<ConnectionCommand>(command => commands.Tell(command));
            Receive<StartAttempt>(attempt => attempt.Request.Tool == "ok", attempt => Sender.Tell(
                new AttemptEnded(attempt.Id, new AttemptResult(AttemptOutcome.Succeeded) { Failed = false })));
            Receive<StartAttempt>(attempt => attempt.Request.Tool == "fail", attempt => Sender.Tell(
                new AttemptEnded(attempt.Id, new AttemptResult(AttemptOutcome.ServerError) { Error = "broken", Failed = true })));
            Receive<StartAttempt>(_ => { });
            Receive<CancelAttempt>(cancel => Sender.Tell(
                new AttemptEnded(cancel.AttemptId, AttemptResult.Lost("no answer", AttemptCause.TimedOut))));
        }
    }
}
