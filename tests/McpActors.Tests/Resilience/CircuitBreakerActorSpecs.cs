using Akka.Actor;
using Akka.TestKit;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Resilience;

/// <summary>
/// A circuit with a real connection to a real MCP server in memory. Timers run in virtual time; the pool and the router are probes.
/// </summary>
public sealed class CircuitBreakerActorSpecs : VirtualTimeSpec
{
    private readonly MemoryServers _memory = new();
    private readonly MemoryServer _server;
    private readonly TestProbe _pool;
    private readonly TestProbe _router;
    private long _lastId;

    public CircuitBreakerActorSpecs()
    {
        _server = _memory.Add("s")
            .Tool("ok", () => "fine")
            .Tool("fail", () => throw new InvalidOperationException("broken"))
            .Tool("hang", () => MemoryAnswer.Never);
        _pool = CreateTestProbe("pool");
        _router = CreateTestProbe("router");
    }

    [Fact]
    public async Task Five_failures_in_a_row_open_it_and_calls_are_refused_without_reaching_the_server()
    {
        var circuit = await StartAsync();
        for (var i = 0; i < 5; i++)
            Assert.Equal(AttemptOutcome.ServerError, (await RunAsync(circuit, "fail")).Outcome);

        await ReportAsync(report => report.Circuit == CircuitState.Open);
        var before = _server.Received("ok");
        var refused = await RunAsync(circuit, "ok");

        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.CircuitOpen), (refused.Outcome, refused.Cause));
        Assert.Equal(TimeSpan.FromSeconds(5), refused.RetryAfter);
        Assert.Equal(before, _server.Received("ok"));
    }

    [Fact]
    public async Task After_its_open_time_one_trial_call_closes_it()
    {
        var circuit = await StartAsync();
        for (var i = 0; i < 5; i++)
            await RunAsync(circuit, "fail");
        await ReportAsync(report => report.Circuit == CircuitState.Open);

        Pass(TimeSpan.FromSeconds(5));
        await ReportAsync(report => report.Circuit == CircuitState.HalfOpen);
        var trial = Start(circuit, "hang");
        await UntilAsync(() => _server.Received("hang") == 1);
        Assert.Equal(AttemptCause.CircuitOpen, (await RunAsync(circuit, "ok")).Cause);
        circuit.Tell(new CancelAttempt(trial, CancelReason.Caller));
        Assert.Equal(AttemptOutcome.Cancelled, (await EndedAsync(trial)).Outcome);
        Assert.Equal(AttemptOutcome.Succeeded, (await RunAsync(circuit, "ok")).Outcome);

        await ReportAsync(report => report.Circuit == CircuitState.Closed);
    }

    [Fact]
    public async Task Tool_errors_rejections_and_cancellations_do_not_count()
    {
        _server.Tool("unhappy", () => MemoryAnswer.ToolError("no such file"));
        _server.Tool("picky", () => MemoryAnswer.Error(-32602, "bad argument"));
        var circuit = await StartAsync();

        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(AttemptOutcome.ToolError, (await RunAsync(circuit, "unhappy")).Outcome);
            Assert.Equal(AttemptOutcome.Rejected, (await RunAsync(circuit, "picky")).Outcome);
            var hanging = Start(circuit, "hang");
            circuit.Tell(new CancelAttempt(hanging, CancelReason.Caller));
            Assert.Equal(AttemptOutcome.Cancelled, (await EndedAsync(hanging)).Outcome);
        }

        Assert.Equal(AttemptOutcome.Succeeded, (await RunAsync(circuit, "ok")).Outcome);
    }

    [Fact]
    public async Task Attempts_run_then_wait_in_order_and_then_are_refused_as_overloaded()
    {
        var circuit = await StartAsync(new ServerSettings { Name = "s", Uri = new Uri("memory://s"), MaxInFlight = 1, MaxQueue = 1 });
        var running = Start(circuit, "hang");
        var waiting = Start(circuit, "ok");
        var tooMany = await RunAsync(circuit, "ok");
        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.Overloaded), (tooMany.Outcome, tooMany.Cause));
        Assert.NotNull(tooMany.RetryAfter);

        circuit.Tell(new CancelAttempt(running, CancelReason.Deadline));

        Assert.Equal(AttemptCause.TimedOut, (await EndedAsync(running)).Cause);
        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(waiting)).Outcome);
    }

    [Fact]
    public async Task An_attempt_that_waits_too_long_was_not_sent()
    {
        var circuit = await StartAsync(new ServerSettings { Name = "s", Uri = new Uri("memory://s"), MaxInFlight = 1 });
        Start(circuit, "hang");
        var waiting = Start(circuit, "ok");

        circuit.Tell(new CancelAttempt(waiting, CancelReason.Deadline));

        var ended = await EndedAsync(waiting);
        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.TimedOut), (ended.Outcome, ended.Cause));
    }

    [Fact]
    public async Task Draining_lets_running_attempts_end_and_refuses_new_ones()
    {
        var release = new TaskCompletionSource();
        _server.Tool("slow", async (_, _) =>
        {
            await release.Task;
            return "done";
        });
        var circuit = await StartAsync();
        var running = Start(circuit, "slow");
        await UntilAsync(() => _server.Received("slow") == 1);

        circuit.Tell(CircuitCommand.Drain);
        await ReportAsync(report => report.Draining);
        Assert.Equal(AttemptCause.Draining, (await RunAsync(circuit, "ok")).Cause);
        release.SetResult();

        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(running)).Outcome);
        var closed = await ReportAsync(report => report.Connection is { Status: ServerStatus.Disconnected, Closed: true });
        Assert.Equal((false, "drained by an operator"), (closed.Draining, closed.Connection.Reason));
        Assert.Equal((AttemptCause.Draining, "drained by an operator"), Why(await RunAsync(circuit, "ok")));

        static (AttemptCause?, string?) Why(AttemptResult result) => (result.Cause, result.Error);
    }

    [Fact]
    public async Task Draining_gives_up_at_its_time_limit()
    {
        var circuit = await StartAsync();
        var running = Start(circuit, "hang");
        await UntilAsync(() => _server.Received("hang") == 1);
        circuit.Tell(CircuitCommand.Drain);
        await ReportAsync(report => report.Draining);
        await HandledAsync(circuit);

        Pass(new PoolSettings().DrainTimeout);

        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(running)).Outcome);
    }

    [Fact]
    public async Task Connecting_again_ends_the_draining()
    {
        var circuit = await StartAsync();
        circuit.Tell(CircuitCommand.Drain);
        await ReportAsync(report => report.Connection is { Status: ServerStatus.Disconnected, Closed: true });

        circuit.Tell(ConnectionCommand.Connect);

        await ReportAsync(report => report is { Draining: false, Connection.Status: ServerStatus.Connected });
        Assert.Equal(AttemptOutcome.Succeeded, (await RunAsync(circuit, "ok")).Outcome);
    }

    [Fact]
    public async Task Isolated_by_an_operator_until_reset()
    {
        var circuit = await StartAsync();
        circuit.Tell(CircuitCommand.Isolate);
        Assert.Contains("isolated", (await RunAsync(circuit, "ok")).Error, StringComparison.Ordinal);
        circuit.Tell(CircuitCommand.Reset);
        Assert.Equal(AttemptOutcome.Succeeded, (await RunAsync(circuit, "ok")).Outcome);
    }

    [Fact]
    public async Task A_connection_that_crashes_loses_running_attempts_and_reconnects()
    {
        var circuit = await StartAsync();
        var running = Start(circuit, "hang");
        await UntilAsync(() => _server.Received("hang") == 1);

        Sys.ActorSelection(circuit.Path / "connection").Tell(Kill.Instance);

        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(running)).Outcome);
        await ReportAsync(report => report.Connection.Status == ServerStatus.Error);
        await UntilAsync(() => _server.Connections == 0);
        await PassUntilAsync(() => _server.Connections == 1);
        await ReportAsync(report => report.Connection.Status == ServerStatus.Connected);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_crashes_while_it_is_disconnected_stays_disconnected(bool drained)
    {
        var circuit = await StartAsync();
        circuit.Tell(drained ? CircuitCommand.Drain : ConnectionCommand.Disconnect);
        await ReportAsync(report => report.Connection is { Status: ServerStatus.Disconnected, Closed: true });
        await UntilAsync(() => _server.Connections == 0);
        var connection = await Sys.ActorSelection(circuit.Path / "connection").ResolveOne(PoolHost.Patience);

        connection.Tell(Kill.Instance);
        await HandledAsync(connection);
        await HandledAsync(circuit);
        await HandledAsync(connection);
        Pass(TimeSpan.FromMinutes(1));
        await HandledAsync(connection);
        await HandledAsync(circuit);

        var reports = await TakeAllAsync(_pool);
        Assert.DoesNotContain(reports.OfType<ServerReport>(), report => report.Connection.Status != ServerStatus.Disconnected);
        Assert.Equal(0, _server.Connections);
    }

    [Fact]
    public async Task A_circuit_that_stops_answers_its_attempts()
    {
        var circuit = await StartAsync(new ServerSettings { Name = "s", Uri = new Uri("memory://s"), MaxInFlight = 1 });
        var running = Start(circuit, "hang");
        var waiting = Start(circuit, "ok");
        await UntilAsync(() => _server.Received("hang") == 1);

        Sys.Stop(circuit);

        var first = await _router.ExpectMsgAsync<AttemptEnded>(PoolHost.Patience);
        var outcomes = new[] { first, await _router.ExpectMsgAsync<AttemptEnded>(PoolHost.Patience) };
        Assert.Equal(
            [(running, AttemptOutcome.Lost), (waiting, AttemptOutcome.NotSent)],
            outcomes.OrderBy(ended => ended.AttemptId).Select(ended => (ended.AttemptId, ended.Result.Outcome)));
    }

    [Fact]
    public async Task A_circuit_opened_by_failed_connects_admits_a_call_once_connected()
    {
        _server.Refuse();
        var circuit = StartUnconnected();
        for (var open = false; !open;)
        {
            var failed = await ReportAsync(report => report.Connection.NextReconnect is not null);
            open = failed.Circuit == CircuitState.Open;
            if (!open)
                Pass(failed.Connection.NextReconnect!.Value - Now);
        }
        _server.Accept();
        await PassUntilAsync(() => _server.Connections == 1);

        await ReportAsync(report => report.Circuit == CircuitState.HalfOpen
            && report.Connection is { Status: ServerStatus.Connected, Catalogue: not null });

        Assert.Equal(AttemptOutcome.Succeeded, (await RunAsync(circuit, "ok")).Outcome);
        await ReportAsync(report => report.Circuit == CircuitState.Closed);
    }

    [Fact]
    public async Task Queued_attempts_are_refused_when_the_circuit_opens_and_never_reach_the_server()
    {
        var circuit = await StartAsync(new ServerSettings { Name = "s", Uri = new Uri("memory://s"), MaxInFlight = 1 });
        var failing = Enumerable.Range(0, 5).Select(_ => Start(circuit, "fail")).ToArray();
        var waiting = Enumerable.Range(0, 5).Select(_ => Start(circuit, "ok")).ToArray();

        foreach (var id in failing)
            Assert.Equal(AttemptOutcome.ServerError, (await EndedAsync(id)).Outcome);
        foreach (var id in waiting)
        {
            Assert.Equal(
                (AttemptOutcome.NotSent, AttemptCause.CircuitOpen),
                await EndedAsync(id) is var ended ? (ended.Outcome, ended.Cause) : default);
        }

        Assert.Equal(0, _server.Received("ok"));
        Assert.Equal(new CircuitLoad(0, 0, 0), await circuit.Ask<CircuitLoad>(GetLoad.Instance, PoolHost.Patience));
    }

    [Fact]
    public async Task Isolation_lets_running_attempts_end_and_refuses_queued_ones()
    {
        var circuit = await StartAsync(new ServerSettings { Name = "s", Uri = new Uri("memory://s"), MaxInFlight = 1 });
        var running = Start(circuit, "hang");
        var waiting = Start(circuit, "ok");

        circuit.Tell(CircuitCommand.Isolate);

        Assert.Equal(AttemptCause.CircuitOpen, (await EndedAsync(waiting)).Cause);
        circuit.Tell(new CancelAttempt(running, CancelReason.Caller));
        Assert.Equal(AttemptOutcome.Cancelled, (await EndedAsync(running)).Outcome);
    }

    [Fact]
    public async Task A_requested_probe_reaches_the_connection_and_does_not_end_draining()
    {
        var circuit = await StartAsync();
        Start(circuit, "hang");
        circuit.Tell(CircuitCommand.Drain);
        await ReportAsync(report => report.Draining);
        Pass(TimeSpan.FromSeconds(2));
        var before = _server.Received("server/discover");

        circuit.Tell(ConnectionCommand.Probe);

        await UntilAsync(() => _server.Received("server/discover") == before + 1);
        Assert.Equal(AttemptCause.Draining, (await RunAsync(circuit, "ok")).Cause);
    }

    [Fact]
    public async Task While_its_connection_is_restarted_nothing_is_sent_and_everything_is_answered()
    {
        var lives = CreateTestProbe("lives");
        var settings = new PoolSettings { Circuit = new CircuitSettings { Jitter = 0 } };
        var circuit = _pool.ChildActorOf(
            CircuitBreakerActor.Props(
                new ServerSettings { Name = "s", Uri = new Uri("memory://s"), MaxInFlight = 2 },
                settings,
                () => Akka.Actor.Props.Create(() => new Mute(lives)),
                seed: 1),
            "s");
        var connection = await lives.ExpectMsgAsync<IActorRef>(PoolHost.Patience);
        var running = new[] { Start(circuit, "ok"), Start(circuit, "ok") };
        var waiting = new[] { Start(circuit, "ok"), Start(circuit, "ok") };
        await HandledAsync(circuit);

        Sys.Stop(connection);

        var ends = new List<AttemptEnded>();
        while (ends.Count < running.Length + waiting.Length)
            ends.Add(await _router.ExpectMsgAsync<AttemptEnded>(PoolHost.Patience));
        Assert.Equal(
            [.. running.Select(id => (id, AttemptOutcome.Lost)), .. waiting.Select(id => (id, AttemptOutcome.NotSent))],
            ends.OrderBy(ended => ended.AttemptId).Select(ended => (ended.AttemptId, ended.Result.Outcome)));
        Assert.Equal(AttemptCause.NotConnected, (await RunAsync(circuit, "ok")).Cause);
        Assert.Equal(new CircuitLoad(0, 0, 0), await circuit.Ask<CircuitLoad>(GetLoad.Instance, PoolHost.Patience));

        Pass(settings.Reconnect.MinBackoff);
        await lives.ExpectMsgAsync<IActorRef>(PoolHost.Patience);
    }

    /// <summary>A connection that reports each of its starts, accepts everything and answers nothing.</summary>

    private sealed class Mute : ReceiveActor
    {
        public Mute(IActorRef lives)
        {
            lives.Tell(Self);
            ReceiveAny(_ => { });
        }
    }

    private IActorRef StartUnconnected(ServerSettings? server = null)
    {
        var settings = new PoolSettings
        {
            Circuit = new CircuitSettings { Jitter = 0 },
            Reconnect = new ReconnectSettings { Jitter = 0 },
            // By the real clock.
            ConnectTimeout = PoolHost.Patience,
            DiscoverTimeout = PoolHost.Patience,
            CloseTimeout = TimeSpan.FromSeconds(2),
        };
        var connector = new Connector(settings, new TransportFactory(_memory, settings, null), null);
        return _pool.ChildActorOf(
            CircuitBreakerActor.Props(
                server ?? MemoryServerSettings, settings, connector, ejectionLimit: null, seed: 1, new ConnectionMemory()),
            "s");
    }

    private async Task<IActorRef> StartAsync(ServerSettings? server = null)
    {
        var circuit = StartUnconnected(server);
        await ReportAsync(report => report.Connection is { Status: ServerStatus.Connected, Catalogue: not null });
        return circuit;
    }

    private long Start(IActorRef circuit, string tool)
    {
        var id = ++_lastId;
        var request = new CallRequest("tools/call", tool, null, Wrap: true);
        circuit.Tell(new StartAttempt(id, request, Now + TimeSpan.FromMinutes(1), null, null), _router);
        return id;
    }

    private async Task<AttemptResult> RunAsync(IActorRef circuit, string tool) => await EndedAsync(Start(circuit, tool));

    private async Task<AttemptResult> EndedAsync(long id) =>
        (await _router.FishForMessageAsync<AttemptEnded>(ended => ended.AttemptId == id, PoolHost.Patience)).Result;

    private static ServerSettings MemoryServerSettings { get; } = new() { Name = "s", Uri = new Uri("memory://s") };

    private async Task<ServerReport> ReportAsync(Predicate<ServerReport> wanted) =>
        await _pool.FishForMessageAsync(wanted, PoolHost.Patience);
}
