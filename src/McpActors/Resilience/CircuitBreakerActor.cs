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
    private sealed record AdmittedAttempt(StartAttempt Attempt, IActorRef ReplyTo, Circuit.Admission Admission)
    {
        public DateTimeOffset SentAt { get; set; }
    }

    private sealed record OpenTimeEnded : INoSerializationVerificationNeeded;
    private sealed record DrainTimeEnded : INoSerializationVerificationNeeded;
    private sealed record ConnectionDied : INoSerializationVerificationNeeded;
    private sealed record ReviveConnection : INoSerializationVerificationNeeded;

    private const string ReviveTimer = "revive";
    private const string Removed = "the server was removed from the pool";

    /// <summary>A trial call that hangs loses its place this long after its deadline.</summary>
    private static readonly TimeSpan TrialGrace = TimeSpan.FromSeconds(1);

    private readonly ServerSettings _server;
    private readonly PoolSettings _pool;
    private readonly Func<Props> _connectionProps;
    private readonly EjectionLimit? _ejectionLimit;
    private readonly OperatorIntent _initial;
    private readonly Circuit _circuit;
    private readonly Bulkhead<AdmittedAttempt> _bulkhead;
    private readonly FairTime _fairTime = new();
    private readonly Dictionary<long, AdmittedAttempt> _running = [];
    private readonly PoolClock _clock = PoolClock.Of(Context.System);
    private readonly ClockTimer _openTimer;
    private readonly ClockTimer _drainTimer;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly PoolMetrics _metrics = PoolMetrics.Of(Context.System);
    private readonly ServerGauge _gauge;
    private readonly Backoff _revivals;
    private IActorRef _connection = ActorRefs.Nobody;
    private ConnectionReport _report = new();
    private CircuitState _reported;
    private string _reason = "";
    private bool _draining;
    private string _drainedBecause = "";

    // Why the last command was to disconnect; null when it was not. The connection does not remember it after a crash.
    private string? _closedBecause;
    private int _deaths;

    public CircuitBreakerActor(
        ServerSettings server, PoolSettings pool, Func<Props> connection, EjectionLimit? ejectionLimit, int seed, OperatorIntent initial)
    {
        _server = server;
        _pool = pool;
        _connectionProps = connection;
        _ejectionLimit = ejectionLimit;
        _initial = initial;
        _circuit = new Circuit(pool.Circuit, new Random(seed), ejectionLimit);
        _revivals = new Backoff(pool.Reconnect, new Random(seed));
        _bulkhead = new Bulkhead<AdmittedAttempt>(server.MaxInFlight ?? pool.MaxInFlight, server.MaxQueue ?? pool.MaxQueue);
        _gauge = _metrics.Track(server.Name);
        _openTimer = new ClockTimer(this, _clock, new OpenTimeEnded());
        _drainTimer = new ClockTimer(this, _clock, new DrainTimeEnded());

        Receive<StartAttempt>(OnStart);
        Receive<AttemptEnded>(OnEnded);
        Receive<AttemptProgressed>(OnProgressed);
        Receive<CancelAttempt>(OnCancel);
        Receive<ForgetAttempt>(forget => OnEnded(new AttemptEnded(forget.AttemptId, AttemptResult.Forgotten)));
        Receive<ConnectionReport>(OnReport);
        Receive<ConnectionCommand>(command => command == ConnectionCommand.Probe, command => _connection.Tell(command));
        Receive<ConnectionCommand>(OnConnectionCommand);
        Receive<CircuitCommand>(OnCircuitCommand);
        Receive<OpenTimeEnded>(_ => OnOpenTimeEnded());
        Receive<DrainTimeEnded>(_ => _drainTimer.IsDue(), _ => FinishDraining());
        Receive<ConnectionDied>(_ => OnConnectionDied());
        Receive<ReviveConnection>(_ => StartConnection());
        Receive<GetLoad>(_ => Sender.Tell(new CircuitLoad(_running.Count, _bulkhead.InFlight, _bulkhead.Queued)));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(
        ServerSettings server, PoolSettings pool, Connector connector, EjectionLimit? ejectionLimit, int seed, ConnectionMemory memory,
        OperatorIntent? initial = null) =>
        Props(server, pool, () => ServerConnectionActor.Props(server, pool, connector, seed, memory), seed, ejectionLimit, initial);

    /// <summary>A circuit with its own kind of connection.</summary>
    public static Props Props(
        ServerSettings server, PoolSettings pool, Func<Props> connection, int seed, EjectionLimit? ejectionLimit = null,
        OperatorIntent? initial = null) =>
        Akka.Actor.Props.Create(() =>
            new CircuitBreakerActor(server, pool, connection, ejectionLimit, seed, initial ?? OperatorIntent.None));

    // Attempts

    private void OnStart(StartAttempt attempt)
    {
        if (_draining)
        {
            Sender.Tell(new AttemptEnded(attempt.Id, IsDraining ? CircuitRefusal.Draining : CircuitRefusal.Drained(_drainedBecause)));
            return;
        }
        var now = Now;
        var isAdmitted = _circuit.TryAdmit(now, attempt.Deadline + TrialGrace, out var admission, attempt.Forced);
        ReportIfChanged("its open time ended");
        if (!isAdmitted)
        {
            Sender.Tell(new AttemptEnded(attempt.Id, CircuitRefusal.Of(_circuit, _reason, now)));
            return;
        }
        var admitted = new AdmittedAttempt(attempt, Sender, admission);
        var entry = _bulkhead.Enter(admitted);
        if (entry == Bulkhead<AdmittedAttempt>.Entry.Admitted)
            Send(admitted);
        else if (entry == Bulkhead<AdmittedAttempt>.Entry.Full)
            Refuse(admitted, CircuitRefusal.Full(_bulkhead.InFlight, _bulkhead.Queued));
        GaugeLoad();
    }

    private void Refuse(AdmittedAttempt admitted, AttemptResult result)
    {
        _circuit.Record(admitted.Admission, null, Now);
        admitted.ReplyTo.Tell(new AttemptEnded(admitted.Attempt.Id, result));
    }

    private void Send(AdmittedAttempt admitted)
    {
        if (_connection.IsNobody())
        {
            _bulkhead.Leave();
            Refuse(admitted, CircuitRefusal.NotConnected);
            return;
        }
        admitted.SentAt = Now;
        _running.Add(admitted.Attempt.Id, admitted);
        _connection.Tell(admitted.Attempt);
    }

    private void OnEnded(AttemptEnded ended)
    {
        if (!_running.Remove(ended.AttemptId, out var admitted))
            return;
        var now = Now;
        var failed = _fairTime.FailureOf(ended.Result, now - admitted.SentAt);
        _circuit.Record(admitted.Admission, failed, now);
        _bulkhead.Leave();
        admitted.ReplyTo.Tell(CircuitRefusal.Worded(ended, _server.Name, _closedBecause));
        if (failed == true || admitted.Admission.Trial)
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
        GaugeLoad();
        Refuse(admitted, AttemptResult.GivenUp(cancel.Reason, "no place became free in the time given to this attempt"));
    }

    // The connection

    private void OnReport(ConnectionReport report)
    {
        _deaths = 0;
        if (_closedBecause is not null && report.Status != ServerStatus.Disconnected)
        {
            _connection.Tell(ConnectionCommand.Disconnect);
            return;
        }
        if (report.Status == ServerStatus.Disconnected)
            report = report with { Reason = _closedBecause };
        if (report.FailedConnects > _report.FailedConnects)
            _circuit.RecordFailure(Now);
        _report = report;
        Report(report.Reason ?? _reason);
    }

    private void OnConnectionCommand(ConnectionCommand command)
    {
        if (command == ConnectionCommand.Disconnect)
        {
            CloseConnection(CircuitRefusal.DisconnectedByOperator);
            return;
        }
        StopDraining();
        _closedBecause = null;
        if (_connection.IsNobody())
            StartConnection();
        else
            _connection.Tell(command);
    }

    private void CloseConnection(string because)
    {
        _closedBecause = because;
        if (!_connection.IsNobody())
        {
            _connection.Tell(ConnectionCommand.Disconnect);
            return;
        }
        Timers.Cancel(ReviveTimer);
        _report = _report with { Status = ServerStatus.Disconnected, Closed = true, Reason = because };
        Report(_reason);
    }

    private void OnConnectionDied()
    {
        // An exception in its constructor or at its start stops a connection. Its attempts are answered here.
        _connection = ActorRefs.Nobody;
        foreach (var id in _running.Keys.ToArray())
            OnEnded(new AttemptEnded(id, AttemptResult.Lost("the connection failed unexpectedly")));
        if (_closedBecause is { } because)
        {
            CloseConnection(because);
            return;
        }
        var wait = _revivals.After(_deaths++);
        _log.Error("The connection to server {Server} stopped unexpectedly; it is restarted in {Wait}", _server.Name, wait);
        _report = _report with { Status = ServerStatus.Error, LastError = "internal error", LastErrorAt = _clock.WallTime };
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
                Drain(command == CircuitCommand.Drain ? "drained by an operator" : "removed or replaced");
                break;
            case CircuitCommand.Close:
                CloseConnection("the pool is shutting down");
                break;
        }
    }

    private void OnOpenTimeEnded()
    {
        ReportIfChanged("its open time ended");
        // The timer counts the time in which the process was stopped, the clock does not.
        if (_circuit.State == CircuitState.Open)
            _openTimer.Start(_circuit.OpenUntil);
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
            _report, _circuit.State, _reason, _circuit.State == CircuitState.Open ? _circuit.OpenUntil : null, IsDraining));
    }

    private void OnCircuitChanged(string why)
    {
        (_reported, _reason) = (_circuit.State, why);
        if (_reported == CircuitState.Open)
            _openTimer.Start(_circuit.OpenUntil);
        else
            _openTimer.Cancel();
        // Queued attempts were admitted earlier; refuse them now rather than send them to a failing or isolated server.
        if (_reported is CircuitState.Open or CircuitState.Isolated)
            RefuseQueued(CircuitRefusal.Of(_circuit, _reason, Now));
    }

    private void RefuseQueued(AttemptResult result)
    {
        foreach (var waiting in _bulkhead.TakeQueued())
            Refuse(waiting, result);
        GaugeLoad();
    }

    // Draining

    // Until it is closed. Also then it admits nothing until it is connected again.
    private bool IsDraining => _draining && _report.Status != ServerStatus.Disconnected;

    private void Drain(string because)
    {
        _drainedBecause = because;
        if (_draining)
        {
            // Repeated before the server is removed: the pool needs the current state.
            Report(_reason);
            return;
        }
        _draining = true;
        RefuseQueued(CircuitRefusal.Draining);
        Report(_reason);
        if (_running.Count == 0)
            FinishDraining();
        else
            _drainTimer.Start(_pool.DrainTimeout);
    }

    private void FinishDraining()
    {
        _drainTimer.Cancel();
        CloseConnection(_drainedBecause);
    }

    private void StopDraining()
    {
        _drainTimer.Cancel();
        if (!_draining)
            return;
        _draining = false;
        Report(_reason);
    }

    // Lifecycle

    private DateTimeOffset Now => _clock.Now;

    protected override void PreStart()
    {
        _ejectionLimit?.Join();
        if (_initial.Isolated)
        {
            _circuit.Isolate();
            ReportIfChanged("isolated by an operator");
        }
        if (_initial.Disconnected)
            CloseConnection(CircuitRefusal.DisconnectedByOperator);
        else
            StartConnection();
    }

    // A connection that crashes waits before it connects again. One that cannot start is replaced after a wait (OnConnectionDied).
    protected override SupervisorStrategy SupervisorStrategy() =>
        new OneForOneStrategy(-1, -1, e => e is ActorInitializationException ? Directive.Stop : Directive.Restart);

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
