using Akka.Actor;
using Akka.Event;
using McpActors.Configuration;
using McpActors.Telemetry;

namespace McpActors.Connections;

/// <summary>
/// Owns the connection to one server: opens it, keeps it alive, opens it again after a loss, and runs on it the attempts that the circuit
/// admits. Every attempt is answered once with <see cref="AttemptEnded"/>, in every state.
/// <code>
///                 ┌──────────── Disconnect (from any state) ───────────┐
///                 ▼                                                    │
///   start ─▶ Disconnected ──Connect──▶ Connecting ──opened──▶ Connected
///                                        ▲    │                  │
///                             backoff up │    │ failed           │ closed, or probes failed
///                                        │    ▼                  │      (session lost: straight to Connecting)
///                                       Waiting ◀────────────────┘
/// </code>
/// A new connection is opened only after the old client and its process are gone, or after <c>close-timeout</c>; an opening that was
/// abandoned counts as an old client. The session of an HTTP server ends meanwhile. A crash keeps the mailbox and the
/// <see cref="ConnectionMemory"/>: running attempts are reported lost, and the new instance begins in <c>Waiting</c>, with a longer wait
/// after each crash. The decisions are those of <see cref="ProbeSchedule"/>, <see cref="SessionRecovery"/>,
/// <see cref="CatalogueSchedule"/> and <see cref="Backoff"/>.
/// </summary>
internal sealed class ServerConnectionActor : ReceiveActor, IWithTimers
{
    private sealed record AskedToPause(TimeSpan Length) : INoSerializationVerificationNeeded;
    private sealed record SessionRefused(StartAttempt Attempt, Connection By) : INoSerializationVerificationNeeded;

    private const string ReconnectTimer = "reconnect";
    private const string OutputTimer = "output";

    private static readonly TimeSpan OutputInterval = TimeSpan.FromSeconds(1);

    private readonly ServerSettings _server;
    private readonly PoolSettings _pool;
    private readonly ConnectionMemory _memory;
    private readonly Backoff _backoff;
    private readonly Prober _prober;
    private readonly CatalogueRefresher _catalogue;
    private readonly AttemptRunner _runner;
    private readonly ConnectionOpener _opener;
    private readonly ConnectionAttempts _attempts;
    private readonly ConnectionReporter _reporter;
    private readonly CurrentRedactor _redactor = new();
    private readonly PoolClock _clock = PoolClock.Of(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly PoolMetrics _metrics = PoolMetrics.Of(Context.System);
    private readonly ServerLabels _labels;

    private Connection? _connection;
    private long _generation = ConnectionGenerations.Next();
    private DateTimeOffset _openingSince;
    private DateTimeOffset _connectedAt;
    private bool _openOnceClosed;

    public ServerConnectionActor(ServerSettings server, PoolSettings pool, Connector connector, int seed, ConnectionMemory memory)
    {
        _server = server;
        _labels = new ServerLabels(server);
        _pool = pool;
        _memory = memory;
        _reporter = new ConnectionReporter(server.Name, memory, _clock, _log, Context.Parent, _redactor);
        var random = new Random(seed);
        _backoff = new Backoff(pool.Reconnect, random);
        _catalogue = new CatalogueRefresher(this, Self, pool, _clock, () => _runner!.NoteLife());
        var self = Self;
        _runner = new AttemptRunner(
            server, pool, _clock, Context.Parent, RefusedBy, length => self.Tell(new AskedToPause(length)), memory.Ping, _redactor);
        _prober = new Prober(
            this, Self, server.Name, pool.Probe, random, _metrics, memory.Ping, _runner, _catalogue, _reporter);
        _opener = new ConnectionOpener(Self, server, pool, connector, memory, _runner, _redactor, _clock);
        _attempts = new ConnectionAttempts(_runner, Context.Parent);
        Disconnected();

        void RefusedBy(StartAttempt attempt, Connection by) => self.Tell(new SessionRefused(attempt, by));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ServerSettings server, PoolSettings pool, Connector connector, int seed, ConnectionMemory memory) =>
        Akka.Actor.Props.Create(() => new ServerConnectionActor(server, pool, connector, seed, memory));

    // Behaviours

    private void Disconnected()
    {
        IgnoreOutdated();
        Receive<ConnectionEvent.Started>(_ => Connect());
        Receive<ConnectionCommand>(command => command is ConnectionCommand.Connect or ConnectionCommand.Reconnect, _ => Connect());
        Receive<ConnectionCommand>(command => command == ConnectionCommand.Disconnect, _ => Disconnect());
        Receive<StartAttempt>(attempt => _attempts.NotSent(attempt, "it is disconnected"));
        InAnyState();
    }

    private void Connecting()
    {
        IgnoreOutdated();
        Receive<ConnectionEvent.SecretsRead>(read => OnSecretsRead(read.Redactor));
        Receive<ConnectionEvent.OutputDue>(_ => _reporter.ReportOutput(_opener.Output));
        Receive<ConnectionEvent.Opened>(opened => OnOpened(opened.Connection));
        Receive<ConnectionEvent.OpenFailed>(failed => OnOpenFailed(failed.Cause));
        Receive<ConnectionCommand>(command => command == ConnectionCommand.Disconnect, _ => Disconnect());
        Receive<StartAttempt>(attempt => _attempts.Start(attempt, _reporter.Last.Catalogue));
        InAnyState();
    }

    private void Connected()
    {
        IgnoreOutdated();
        Receive<StartAttempt>(attempt => _attempts.Start(attempt, _reporter.Last.Catalogue));
        Receive<ConnectionEvent.Ended>(ended => OnEnded(ended.End));
        Receive<ConnectionEvent.ProbeDue>(_ => _prober.OnDue(Now));
        Receive<ConnectionEvent.CallAnswered>(_ => _prober.OnCallAnswered());
        Receive<ConnectionEvent.ProbeAnswered>(answered => _prober.OnAnswered(Now, answered.Answer));
        Receive<ConnectionEvent.ProbeFailed>(failed => OnProbeFailed(failed.Cause));
        Receive<ConnectionEvent.CatalogueDue>(_ => _catalogue.OnDue(_reporter.Last.Catalogue, Now));
        Receive<ConnectionEvent.ToolsRead>(read => Report(_reporter.Last with { Catalogue = read.Catalogue }));
        Receive<ConnectionEvent.CatalogueChanged>(OnCatalogueChanged);
        Receive<ConnectionEvent.CatalogueRead>(read => OnCatalogueRead(read.Reading));
        Receive<ConnectionCommand>(command => command == ConnectionCommand.Disconnect, _ => Disconnect());
        Receive<ConnectionCommand>(command => command == ConnectionCommand.Reconnect, _ => Connect());
        Receive<ConnectionCommand>(command => command == ConnectionCommand.Probe, _ => _prober.OnRequested(Now));
        InAnyState();
    }

    private void Waiting()
    {
        IgnoreOutdated();
        Receive<ConnectionEvent.ReconnectDue>(_ => Connect());
        Receive<ConnectionCommand>(command => command == ConnectionCommand.Disconnect, _ => Disconnect());
        Receive<ConnectionCommand>(command => command is ConnectionCommand.Connect or ConnectionCommand.Reconnect, _ => Connect());
        Receive<StartAttempt>(attempt => _attempts.NotSent(attempt, $"not connected: {_reporter.Last.LastError}"));
        InAnyState();
    }

    // A connection that opens too late closes itself.
    private void IgnoreOutdated() => Receive<ConnectionEvent>(past => past.Generation != _generation, _ => { });

    private void InAnyState()
    {
        Receive<CancelAttempt>(_attempts.Cancel);
        Receive<SessionRefused>(refused => OnSessionRefused(refused.Attempt, refused.By));
        Receive<AskedToPause>(asked => _prober.Pause(Now, asked.Length));
        Receive<OldConnectionClosed>(_ => OnOldConnectionClosed());
        Receive<GetLoad>(_ => Sender.Tell(_attempts.Load));
        Receive<ConnectionCommand>(_ => { });
        // The catalogue is read once the connection is open.
        Receive<ConnectionEvent.CatalogueChanged>(changed => changed.By.Take());
        Receive<ConnectionEvent>(_ => { });
    }

    // Connecting

    private void Connect()
    {
        CloseConnection("it is replaced by a new connection");
        Become(Connecting);
        Report(_reporter.Last.AsConnecting(_attempts.IsRecovering));
        if (_memory.IsClosing)
            _openOnceClosed = true;
        else
            Open();
    }

    private void Open()
    {
        _generation = ConnectionGenerations.Next();
        _openingSince = Now;
        _opener.ReadSecrets(_generation);
    }

    private void OnSecretsRead(Redactor redactor)
    {
        _redactor.Use(redactor);
        _opener.Open(_generation);
        if (_server.Command is not null)
            Timers.StartPeriodicTimer(OutputTimer, new ConnectionEvent.OutputDue(_generation), OutputInterval);
    }

    private void OnOpened(Connection connection)
    {
        Timers.Cancel(OutputTimer);
        _opener.Complete();
        _connection = connection;
        _memory.PinnedVersion = connection.PinnedVersion;
        _connectedAt = Now;
        _metrics.Connected(_server.Name, _connectedAt - _openingSince, _reporter.Last.HasConnectedBefore);
        Become(Connected);
        var generation = _generation;
        _ = connection.EndAsync().PipeTo(Self, success: end => new ConnectionEvent.Ended(generation, end));
        Report(_reporter.Last.AsConnected(connection, _redactor));
        _prober.Start(connection, generation, _connectedAt);
        _catalogue.Start(connection, generation, _reporter.Last.Catalogue, _connectedAt);
        _attempts.Open(connection, _reporter.Last.Session, _reporter.Last.Catalogue);
    }

    private void OnOpenFailed(Exception cause)
    {
        Timers.Cancel(OutputTimer);
        _opener.Complete();
        // The server may be another one meanwhile, which negotiates.
        _memory.PinnedVersion = null;
        _metrics.ConnectFailed(_server.Name, Now - _openingSince, cause);
        _attempts.EndRecovery();
        var reason = MisconfiguredServerException.Words(cause) ?? FailureClassifier.Words(cause);
        var isForGood = cause is MisconfiguredServerException;
        WaitAndReconnect(reason, _reporter.Last.FailedConnects + 1, FailureClassifier.RetryAfterOf(cause), isForGood);
    }

    private void WaitAndReconnect(string reason, int failedConnects = 0, TimeSpan? asked = null, bool isForGood = false)
    {
        var wait = _backoff.After(_memory.Backoffs++);
        if (asked > wait)
            wait = asked.Value;
        if (!isForGood)
            Timers.StartSingleTimer(ReconnectTimer, new ConnectionEvent.ReconnectDue(_generation), wait);
        Become(Waiting);
        Report(_reporter.Last.AsWaiting(reason, _clock.WallTime, isForGood ? null : Now + wait, failedConnects));
    }

    private void Disconnect()
    {
        Timers.Cancel(OutputTimer);
        _opener.Abandon();
        // Also outdates Started, which the command can precede.
        _generation = ConnectionGenerations.Next();
        _memory.Backoffs = 0;
        _openOnceClosed = false;
        CloseConnection("the pool closed it", isReplaced: false);
        _attempts.EndRecovery();
        Become(Disconnected);
        Report(_reporter.Last.AsDisconnected(closed: !_memory.IsClosing));
    }

    // The end of a connection

    private void OnEnded(ConnectionEnd end)
    {
        if (end.IsSessionLost)
            LoseSession(end.Reason);
        else
            LoseConnection(end.Reason);
    }

    // The server is alive and only lost the session, so a new one is opened without a wait.
    private void LoseSession(string reason)
    {
        _log.Info("Server {Server} lost the session; opening a new one", _server.Name);
        _attempts.BeginRecovery();
        Report(_reporter.Last.WithError(reason, _clock.WallTime));
        // Other requests in flight will be refused for the same reason. Give the refusals time to arrive, so that these are sent again.
        CloseConnection(reason, awaitsRefusals: true);
        Connect();
    }

    private void OnSessionRefused(StartAttempt attempt, Connection by)
    {
        if (_attempts.OnRefused(attempt, by, _reporter.Last.Catalogue))
            LoseSession("the server no longer knows the session");
    }

    private void LoseConnection(string reason)
    {
        CloseConnection(reason);
        WaitAndReconnect(reason);
    }

    private void CloseConnection(string reason, bool awaitsRefusals = false, bool isReplaced = true)
    {
        Timers.Cancel(ReconnectTimer);
        if (TakeConnection() is { } old)
            _opener.Close(old, reason, awaitsRefusals, isReplaced);
    }

    private Connection? TakeConnection()
    {
        if (_connection is not { } old)
            return null;
        _connection = null;
        _attempts.Close();
        _prober.Stop();
        _catalogue.Stop();
        _generation = ConnectionGenerations.Next();
        if (Now - _connectedAt >= _pool.Reconnect.ResetAfter)
            _memory.Backoffs = 0;
        _metrics.SessionEnded(_labels, old.ProtocolVersion, Now - _connectedAt);
        return old;
    }

    private void OnOldConnectionClosed()
    {
        // Another one may have begun to close since.
        if (_memory.IsClosing)
            return;
        if (_openOnceClosed)
        {
            _openOnceClosed = false;
            Open();
        }
        else if (_reporter.Last.Status == ServerStatus.Disconnected)
        {
            Report(_reporter.Last.AsDisconnected(closed: true));
        }
    }

    // Probes and catalogue

    private void OnProbeFailed(Exception cause)
    {
        var step = _prober.OnFailed(Now, cause);
        if (step == ProbeStep.SessionLost)
            LoseSession(FailureClassifier.Words(cause));
        else if (step == ProbeStep.Lost)
            LoseConnection($"{_prober.Failures} probes in a row failed: {FailureClassifier.Words(cause)}");
    }

    private void OnCatalogueChanged(ConnectionEvent.CatalogueChanged changed)
    {
        changed.By.Take();
        _catalogue.OnAnnounced(Now);
    }

    private void OnCatalogueRead(CatalogueReading reading)
    {
        _catalogue.OnEnded(reading, Now);
        _reporter.ReportLists(reading);
        // A session that never served a list is not lost: a new one would be no better.
        var doubts = reading.Failures
            .Where(failure => failure.WasServed && SessionEvidence.IsLost(failure.Cause, _connection!.HasSession))
            .Select(failure => failure.Cause)
            .ToList();
        if (doubts.Find(doubt => SessionEvidence.IsShownByList(doubt)) is { } lost)
            LoseSession(FailureClassifier.Words(lost));
        else if (doubts.Count > 0)
            _prober.OnRequested(Now);
    }

    // Reports and lifecycle

    private DateTimeOffset Now => _clock.Now;

    private void Report(ConnectionReport report) => _reporter.Report(report);

    // After the base has reported what runs: of two answers to an attempt only the first counts.
    protected override void PreRestart(Exception reason, object message)
    {
        base.PreRestart(reason, message);
        if (message is StartAttempt attempt)
            Context.Parent.Tell(new AttemptEnded(attempt.Id, AttemptResult.Lost("the connection failed unexpectedly")));
        else if (message is SessionRefused refused)
            _attempts.NotSent(refused.Attempt, "the server lost the session, and the connection failed unexpectedly");
    }

    protected override void PostRestart(Exception reason)
    {
        _log.Error(reason, "The connection to server {Server} failed unexpectedly and is restarted", _server.Name);
        if (_memory.IsClosing)
            _opener.AwaitGone();
        WaitAndReconnect($"internal error: {reason.Message}", _reporter.Last.FailedConnects);
    }

    protected override void PreStart()
    {
        Self.Tell(new ConnectionEvent.Started(_generation));
        if (_memory.IsClosing)
            _opener.AwaitGone();
    }

    protected override void PostStop()
    {
        _opener.Abandon();
        _runner.EndAll($"the pool closed the connection to {_server.Name}", refusedToo: true);
        _attempts.EndRecovery("the pool closed the connection");
        if (TakeConnection() is { } connection)
            _opener.AwaitEndOf(connection.CloseAsync(_pool.CloseTimeout));
    }
}
