using Akka.Actor;
using Akka.Event;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Telemetry;

namespace McpActors.Resilience;

/// <summary>
/// Supervises one server's connection and controls access to it: admits or refuses attempts (circuit, bulkhead, draining), records how they
/// end, and reports every change to the pool. Each <see cref="StartAttempt"/> is answered once with <see cref="AttemptEnded"/>, also when
/// the connection dies.
/// <code>
///   Admitting ──Drain──▶ Draining ──nothing runs, or time is up──▶ (connection disconnected; ConnectionCommand.Connect admits again)
/// </code>
/// The decisions are those of the pure <see cref="Circuit"/> and <see cref="Bulkhead{T}"/>.
/// </summary>
internal sealed class CircuitBreakerActor : ReceiveActor, IWithTimers
{
    private sealed record AdmittedAttempt(StartAttempt Attempt, IActorRef ReplyTo, Circuit.Admission Admission);
    private sealed record OpenTimeEnded : INoSerializationVerificationNeeded;
    private sealed record DrainTimeEnded : INoSerializationVerificationNeeded;
    private sealed record ConnectionDied : INoSerializationVerificationNeeded;
    private sealed record ReviveConnection : INoSerializationVerificationNeeded;

    private const string OpenTimer = "open";
    private const string DrainTimer = "drain";
    private const string ReviveTimer = "revive";
    private const string Removed = "the server was removed from the pool";

    /// <summary>A trial call that hangs loses its place this long after its deadline.</summary>
    private static readonly TimeSpan TrialGrace = TimeSpan.FromSeconds(1);

    /// <summary>The wait that callers are asked for when all places are taken.</summary>
    private static readonly TimeSpan OverloadedRetryAfter = TimeSpan.FromSeconds(1);

    private readonly ServerSettings _server;
    private readonly PoolSettings _pool;
    private readonly Func<Props> _connectionProps;
    private readonly EjectionLimit? _ejectionLimit;
    private readonly OperatorIntent _initial;
    private readonly Circuit _circuit;
    private readonly Bulkhead<AdmittedAttempt> _bulkhead;
    private readonly Dictionary<long, AdmittedAttempt> _running = [];
    private readonly ITimeProvider _scheduler = Context.System.Scheduler;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly PoolMetrics _metrics = PoolMetrics.Of(Context.System);
    private readonly ServerGauge _gauge;

    private IActorRef _connection = ActorRefs.Nobody;
    private ConnectionReport _report = new();
    private CircuitState _reported;
    private string _reason = "";
    private bool _draining;

    // The last command was to disconnect. The connection does not remember it after a crash.
    private bool _staysClosed;

    public CircuitBreakerActor(
        ServerSettings server, PoolSettings pool, Func<Props> connection, EjectionLimit? ejectionLimit, int seed, OperatorIntent initial)
    {
        _server = server;
        _pool = pool;
        _connectionProps = connection;
        _ejectionLimit = ejectionLimit;
        _initial = initial;
        _circuit = new Circuit(pool.Circuit, new Random(seed), ejectionLimit);
        _bulkhead = new Bulkhead<AdmittedAttempt>(server.MaxInFlight ?? pool.MaxInFlight, server.MaxQueue ?? pool.MaxQueue);
        _gauge = _metrics.Track(server.Name);

        Receive<StartAttempt>(OnStart);
        Receive<AttemptEnded>(OnEnded);
        Receive<AttemptProgressed>(OnProgressed);
        Receive<CancelAttempt>(OnCancel);
        Receive<ConnectionReport>(OnReport);
        Receive<ConnectionCommand>(OnConnectionCommand);
        Receive<CircuitCommand>(OnCircuitCommand);
        Receive<OpenTimeEnded>(_ => ReportIfChanged("its open time ended"));
        Receive<DrainTimeEnded>(_ => FinishDraining());
        Receive<ConnectionDied>(_ => OnConnectionDied());
        Receive<ReviveConnection>(_ => StartConnection());
        Receive<GetLoad>(_ => Sender.Tell(new CircuitLoad(_running.Count, _bulkhead.InFlight, _bulkhead.Queued)));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(
        ServerSettings server,
        PoolSettings pool,
        Connector connector,
        EjectionLimit? ejectionLimit,
        int seed,
        OperatorIntent? initial = null) =>
        Props(server, pool, () => ServerConnectionActor.Props(server, pool, connector, seed), seed, ejectionLimit, initial);

    /// <summary>A circuit with its own kind of connection.</summary>
    public static Props Props(
        ServerSettings server,
        PoolSettings pool,
        Func<Props> connection,
        int seed,
        EjectionLimit? ejectionLimit = null,
        OperatorIntent? initial = null) =>
        Akka.Actor.Props.Create(() =>
            new CircuitBreakerActor(server, pool, connection, ejectionLimit, seed, initial ?? OperatorIntent.None));

    // Attempts

    private void OnStart(StartAttempt attempt)
    {
        if (_draining)
        {
            Sender.Tell(new AttemptEnded(attempt.Id, AttemptResult.NotSent(AttemptCause.Draining, "it is being drained")));
            return;
        }
        var now = Now;
        var isAdmitted = _circuit.TryAdmit(now, attempt.Deadline + TrialGrace, out var admission, attempt.Forced);
        ReportIfChanged("its open time ended");
        if (!isAdmitted)
        {
            Sender.Tell(new AttemptEnded(attempt.Id, NotAdmitted(now)));
            return;
        }
        var admitted = new AdmittedAttempt(attempt, Sender, admission);
        switch (_bulkhead.Enter(admitted))
        {
            case Bulkhead<AdmittedAttempt>.Entry.Admitted:
                Send(admitted);
                break;
            case Bulkhead<AdmittedAttempt>.Entry.Full:
                _circuit.Record(admission, null, now);
                var load = $"{_bulkhead.InFlight} calls run on it and {_bulkhead.Queued} wait";
                Sender.Tell(new AttemptEnded(
                    attempt.Id, AttemptResult.NotSent(AttemptCause.Overloaded, load) with { RetryAfter = OverloadedRetryAfter }));
                break;
        }
        GaugeLoad();
    }

    private void Send(AdmittedAttempt admitted)
    {
        if (_connection.IsNobody())
        {
            _circuit.Record(admitted.Admission, null, Now);
            _bulkhead.Leave();
            admitted.ReplyTo.Tell(new AttemptEnded(
                admitted.Attempt.Id,
                AttemptResult.NotSent(AttemptCause.NotConnected, "its connection failed unexpectedly and is being restarted")));
            return;
        }
        _running.Add(admitted.Attempt.Id, admitted);
        _connection.Tell(admitted.Attempt);
    }

    private void OnEnded(AttemptEnded ended)
    {
        if (!_running.Remove(ended.AttemptId, out var admitted))
            return;
        _circuit.Record(admitted.Admission, ended.Result.Failed, Now);
        _bulkhead.Leave();
        admitted.ReplyTo.Tell(ended);
        if (ended.Result.Failed == true || admitted.Admission.Trial)
            ReportIfChanged(ended.Result.Error ?? "a trial call succeeded");
        while (_bulkhead.TryNext(out var next))
            Send(next);
        GaugeLoad();
        if (_draining && _running.Count == 0)
            FinishDraining();
    }

    private void GaugeLoad() => _gauge.Load(_bulkhead.InFlight, _bulkhead.Queued);

    private void OnProgressed(AttemptProgressed progressed)
    {
        if (_running.TryGetValue(progressed.AttemptId, out var admitted))
            admitted.ReplyTo.Tell(progressed);
    }

    private void OnCancel(CancelAttempt cancel)
    {
        if (_running.ContainsKey(cancel.AttemptId))
        {
            _connection.Tell(cancel);
            return;
        }
        if (!_bulkhead.TryRemoveQueued(waiting => waiting.Attempt.Id == cancel.AttemptId, out var admitted))
            return;
        _circuit.Record(admitted.Admission, null, Now);
        GaugeLoad();
        admitted.ReplyTo.Tell(new AttemptEnded(
            cancel.AttemptId, AttemptResult.GivenUp(cancel.Reason, "no place became free in the time given to this attempt")));
    }

    // The connection

    private void OnReport(ConnectionReport report)
    {
        if (_staysClosed && report.Status != ServerStatus.Disconnected)
        {
            _connection.Tell(ConnectionCommand.Disconnect);
            return;
        }
        if (report.FailedConnects > _report.FailedConnects)
            _circuit.RecordFailure(Now);
        _report = report;
        Report(report.Reason ?? _reason);
    }

    private void OnConnectionCommand(ConnectionCommand command)
    {
        if (command == ConnectionCommand.Probe)
        {
            _connection.Tell(command);
            return;
        }
        if (command != ConnectionCommand.Disconnect)
            StopDraining();
        CommandConnection(command);
    }

    private void CommandConnection(ConnectionCommand command)
    {
        _staysClosed = command == ConnectionCommand.Disconnect;
        if (!_connection.IsNobody())
        {
            _connection.Tell(command);
        }
        else if (command == ConnectionCommand.Disconnect)
        {
            Timers.Cancel(ReviveTimer);
            _report = _report with { Status = ServerStatus.Disconnected, Closed = true };
            Report(_reason);
        }
        else
        {
            StartConnection();
        }
    }

    private void OnConnectionDied()
    {
        // Only an exception in its constructor stops a connection by itself. Its attempts are answered here.
        var wait = _pool.Reconnect.MinBackoff;
        _log.Error("The connection to server {Server} stopped unexpectedly; it is restarted in {Wait}", _server.Name, wait);
        _connection = ActorRefs.Nobody;
        foreach (var id in _running.Keys.ToArray())
            OnEnded(new AttemptEnded(id, AttemptResult.Lost("the connection failed unexpectedly")));
        _report = _report with { Status = ServerStatus.Error, LastError = "internal error", LastErrorAt = Now };
        Report("internal error");
        Timers.StartSingleTimer(ReviveTimer, new ReviveConnection(), wait);
    }

    private void StartConnection()
    {
        Timers.Cancel(ReviveTimer);
        _connection = Context.WatchWith(Context.ActorOf(_connectionProps(), "connection"), new ConnectionDied());
    }

    // The circuit

    private void OnCircuitCommand(CircuitCommand command)
    {
        switch (command)
        {
            case CircuitCommand.Isolate:
                _circuit.Isolate();
                ReportIfChanged("isolated by an operator");
                break;
            case CircuitCommand.Reset:
                _circuit.Reset();
                ReportIfChanged("reset by an operator");
                break;
            case CircuitCommand.Drain or CircuitCommand.Retire:
                Drain();
                break;
            case CircuitCommand.Close:
                CommandConnection(ConnectionCommand.Disconnect);
                break;
        }
    }

    private void ReportIfChanged(string why)
    {
        if (_circuit.State == CircuitState.Open)
            _circuit.Tick(Now);
        if (_circuit.State != _reported)
            Report(why);
    }

    private void Report(string why)
    {
        if (_circuit.State != _reported)
            OnCircuitChanged(why);
        _gauge.State(_report.Status, _circuit.State);
        Context.Parent.Tell(new ServerReport(
            _report, _circuit.State, _reason, _circuit.State == CircuitState.Open ? _circuit.OpenUntil : null, _draining));
    }

    private void OnCircuitChanged(string why)
    {
        (_reported, _reason) = (_circuit.State, why);
        if (_reported == CircuitState.Open)
            Timers.StartSingleTimer(OpenTimer, new OpenTimeEnded(), _circuit.OpenUntil - Now);
        else
            Timers.Cancel(OpenTimer);
        // Queued attempts were admitted earlier; refuse them now rather than send them to a failing or isolated server.
        if (_reported is CircuitState.Open or CircuitState.Isolated)
            RefuseQueued(NotAdmitted(Now));
    }

    private void RefuseQueued(AttemptResult result)
    {
        foreach (var waiting in _bulkhead.TakeQueued())
        {
            _circuit.Record(waiting.Admission, null, Now);
            waiting.ReplyTo.Tell(new AttemptEnded(waiting.Attempt.Id, result));
        }
        GaugeLoad();
    }

    private AttemptResult NotAdmitted(DateTimeOffset now) =>
        AttemptResult.NotSent(AttemptCause.CircuitOpen, CircuitWords(now)) with { RetryAfter = TimeToTrial(now) };

    private TimeSpan? TimeToTrial(DateTimeOffset now) =>
        _circuit.State == CircuitState.Open && _circuit.OpenUntil > now ? _circuit.OpenUntil - now : null;

    private string CircuitWords(DateTimeOffset now) => _circuit.State switch
    {
        CircuitState.Isolated => "isolated by an operator",
        CircuitState.HalfOpen => "its circuit is half open and a trial call is under way",
        _ => $"its circuit is open for another {(_circuit.OpenUntil - now).TotalSeconds:0.0} s: {_reason}",
    };

    // Draining

    private void Drain()
    {
        if (_draining)
        {
            // Repeated before the server is removed: the pool needs the current state.
            Report(_reason);
            return;
        }
        _draining = true;
        RefuseQueued(AttemptResult.NotSent(AttemptCause.Draining, "it is being drained"));
        Report(_reason);
        if (_running.Count == 0)
            FinishDraining();
        else
            Timers.StartSingleTimer(DrainTimer, new DrainTimeEnded(), _pool.DrainTimeout);
    }

    private void FinishDraining()
    {
        Timers.Cancel(DrainTimer);
        CommandConnection(ConnectionCommand.Disconnect);
    }

    private void StopDraining()
    {
        Timers.Cancel(DrainTimer);
        if (!_draining)
            return;
        _draining = false;
        Report(_reason);
    }

    // Lifecycle

    private DateTimeOffset Now => _scheduler.Now;

    protected override void PreStart()
    {
        _ejectionLimit?.Join();
        if (_initial.Isolated)
        {
            _circuit.Isolate();
            ReportIfChanged("isolated by an operator");
        }
        if (_initial.Disconnected)
            CommandConnection(ConnectionCommand.Disconnect);
        else
            StartConnection();
    }

    // No limit: the connection waits before it reconnects after a crash.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(-1, -1, _ => Directive.Restart);

    protected override void PostStop()
    {
        _metrics.Forget(_gauge);
        _circuit.ReleaseEjection();
        _ejectionLimit?.Leave();
        foreach (var admitted in _running.Values)
            admitted.ReplyTo.Tell(new AttemptEnded(admitted.Attempt.Id, AttemptResult.Lost(Removed)));
        foreach (var admitted in _bulkhead.TakeQueued())
            admitted.ReplyTo.Tell(new AttemptEnded(admitted.Attempt.Id, AttemptResult.NotSent(AttemptCause.Draining, Removed)));
    }
}
