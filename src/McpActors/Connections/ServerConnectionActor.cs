using Akka.Actor;
using Akka.Event;
using McpActors.Configuration;
using McpActors.Telemetry;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

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
/// A new connection is opened only after the old client and its process are gone, or after <c>close-timeout</c>. A crash keeps the mailbox:
/// running attempts are reported lost, and the new instance begins in <c>Waiting</c>. The decisions are those of
/// <see cref="ProbeSchedule"/>, <see cref="SessionRecovery"/>, <see cref="CatalogueSchedule"/> and <see cref="Backoff"/>.
/// </summary>
internal sealed class ServerConnectionActor : ReceiveActor, IWithTimers
{
    private sealed record OldConnectionClosed : IDeadLetterSuppression, INoSerializationVerificationNeeded;
    private sealed record SessionRefused(StartAttempt Attempt, Connection By) : INoSerializationVerificationNeeded;

    private const string ReconnectTimer = "reconnect";

    /// <summary>After a session is lost, the requests in flight get this long to be refused as well.</summary>
    private static readonly TimeSpan RefusalGrace = TimeSpan.FromMilliseconds(250);

    private readonly ServerSettings _server;
    private readonly PoolSettings _pool;
    private readonly Connector _connector;
    private readonly Backoff _backoff;
    private readonly Prober _prober;
    private readonly CatalogueRefresher _catalogue;
    private readonly AttemptRunner _runner;
    private readonly ConnectionAttempts _attempts;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly PoolMetrics _metrics = PoolMetrics.Of(Context.System);
    private readonly ServerLabels _labels;

    private ConnectionReport _report = new();
    private Redactor _redactor = Redactor.None;
    private Connection? _connection;
    private PendingConnection? _pending;
    private string? _pinnedVersion;
    private int _generation;
    private int _backoffs;
    private DateTimeOffset _openingSince;
    private DateTimeOffset _connectedAt;
    private bool _isClosing;
    private bool _openOnceClosed;

    public ServerConnectionActor(ServerSettings server, PoolSettings pool, Connector connector, int seed)
    {
        _server = server;
        _labels = new ServerLabels(server);
        _pool = pool;
        _connector = connector;
        var random = new Random(seed);
        _backoff = new Backoff(pool.Reconnect, random);
        _prober = new Prober(this, Self, server.Name, pool.Probe, random, _metrics);
        _catalogue = new CatalogueRefresher(this, Self, pool);
        var self = Self;
        _runner = new AttemptRunner(server, pool, Context.Parent, (attempt, by) => self.Tell(new SessionRefused(attempt, by)));
        _attempts = new ConnectionAttempts(_runner, Context.Parent);
        Disconnected();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ServerSettings server, PoolSettings pool, Connector connector, int seed) =>
        Akka.Actor.Props.Create(() => new ServerConnectionActor(server, pool, connector, seed));

    // Behaviours

    private void Disconnected()
    {
        IgnoreOutdated();
        Receive<ConnectionEvent.Started>(_ => Connect());
        Receive<ConnectionCommand>(command => command is ConnectionCommand.Connect or ConnectionCommand.Reconnect, _ => Connect());
        Receive<ConnectionCommand>(command => command == ConnectionCommand.Disconnect, _ => Disconnect());
        Receive<StartAttempt>(attempt => _attempts.NotSent(attempt, "disconnected by an operator"));
        InAnyState();
    }

    private void Connecting()
    {
        IgnoreOutdated();
        Receive<ConnectionEvent.Opened>(opened => OnOpened(opened.Connection));
        Receive<ConnectionEvent.OpenFailed>(failed => OnOpenFailed(failed.Cause));
        Receive<ConnectionCommand>(command => command == ConnectionCommand.Disconnect, _ => Disconnect());
        Receive<StartAttempt>(attempt => _attempts.Start(attempt, _report.Catalogue));
        InAnyState();
    }

    private void Connected()
    {
        IgnoreOutdated();
        Receive<StartAttempt>(attempt => _attempts.Start(attempt, _report.Catalogue));
        Receive<ConnectionEvent.Completed>(completed => OnClientCompleted(completed.Details));
        Receive<ConnectionEvent.ProbeDue>(_ => _prober.OnDue(Now, _runner.Answered));
        Receive<ConnectionEvent.ProbeAnswered>(_ => _prober.OnAnswered(Now));
        Receive<ConnectionEvent.ProbeFailed>(failed => OnProbeFailed(failed.Cause));
        Receive<ConnectionEvent.CatalogueDue>(_ => _catalogue.OnDue());
        Receive<ConnectionEvent.CatalogueRead>(read => OnCatalogueRead(read.Catalogue));
        Receive<ConnectionEvent.CatalogueFailed>(failed => OnCatalogueFailed(failed.Cause));
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
        Receive<StartAttempt>(attempt => _attempts.NotSent(attempt, $"not connected: {_report.LastError}"));
        InAnyState();
    }

    // A connection that opens too late closes itself.
    private void IgnoreOutdated() => Receive<ConnectionEvent>(past => past.Generation != _generation, _ => { });

    private void InAnyState()
    {
        Receive<CancelAttempt>(_attempts.Cancel);
        Receive<SessionRefused>(refused => OnSessionRefused(refused.Attempt, refused.By));
        Receive<OldConnectionClosed>(_ => OnOldConnectionClosed());
        Receive<GetLoad>(_ => Sender.Tell(_attempts.Load));
        Receive<ConnectionCommand>(_ => { });
        Receive<ConnectionEvent>(_ => { });
    }

    // Connecting

    private void Connect()
    {
        CloseConnection("it is replaced by a new connection");
        Become(Connecting);
        Report(_report.AsConnecting(_attempts.IsRecovering));
        if (_isClosing)
            _openOnceClosed = true;
        else
            Open();
    }

    private void Open()
    {
        var generation = ++_generation;
        // Secrets are resolved for each connection.
        _redactor = Redactor.For(_server);
        _runner.Redact(_redactor);
        _openingSince = Now;
        var cancellation = new CancellationTokenSource();
        var (self, runner) = (Self, _runner);
        var opening = _connector.OpenAsync(_server, _pinnedVersion, OnNotification, cancellation.Token);
        _pending = new PendingConnection(cancellation, opening);
        _ = opening.PipeTo(
            Self,
            success: opened => new ConnectionEvent.Opened(generation, opened),
            failure: e => new ConnectionEvent.OpenFailed(generation, e));

        void OnNotification(JsonRpcNotification notification)
        {
            if (notification.Method == NotificationMethods.ProgressNotification)
                runner.Progress(notification);
            else
                self.Tell(new ConnectionEvent.CatalogueDue(generation));
        }
    }

    private void OnOpened(Connection connection)
    {
        CompletePending();
        _connection = connection;
        _pinnedVersion = connection.PinnedVersion;
        _connectedAt = Now;
        _metrics.Connected(_server.Name, _connectedAt - _openingSince, _report.HasConnectedBefore);
        Become(Connected);
        var generation = _generation;
        _ = connection.Client.Completion.PipeTo(Self, success: details => new ConnectionEvent.Completed(generation, details));
        Report(_report.AsConnected(
            connection.ProtocolVersion, connection.Client.ServerInfo, connection.IsStateful ? ConnectionSessions.Next() : null));
        _prober.Start(connection, generation, _connectedAt, _runner.Answered);
        _catalogue.Start(connection, generation);
        _attempts.Open(connection, _report.Session, _report.Catalogue);
    }

    private void OnOpenFailed(Exception cause)
    {
        CompletePending();
        _metrics.ConnectFailed(_server.Name, Now - _openingSince, cause);
        _attempts.EndRecovery();
        WaitAndReconnect(FailureClassifier.Words(cause), _report.FailedConnects + 1);
    }

    private void CompletePending()
    {
        _pending?.Complete();
        _pending = null;
    }

    private void WaitAndReconnect(string reason, int failedConnects = 0)
    {
        var wait = _backoff.After(_backoffs++);
        Timers.StartSingleTimer(ReconnectTimer, new ConnectionEvent.ReconnectDue(_generation), wait);
        Become(Waiting);
        Report(_report.AsWaiting(reason, Now, wait, failedConnects));
    }

    private void Disconnect()
    {
        _pending?.Abandon(_pool.CloseTimeout);
        _pending = null;
        // Also outdates Started, which the command can precede.
        _generation++;
        _backoffs = 0;
        _openOnceClosed = false;
        CloseConnection("disconnected by an operator");
        _attempts.EndRecovery();
        Become(Disconnected);
        Report(_report.AsDisconnected(closed: !_isClosing));
    }

    // The end of a connection

    private void OnClientCompleted(ClientCompletionDetails details)
    {
        var reason = CompletionWords.Of(details);
        if (details is HttpClientCompletionDetails { HttpStatusCode: System.Net.HttpStatusCode.NotFound } && _connection!.HasSession)
            LoseSession(reason);
        else
            LoseConnection(reason);
    }

    // The server is alive and only lost the session, so a new one is opened without a wait.
    private void LoseSession(string reason)
    {
        _log.Info("Server {Server} lost the session; opening a new one", _server.Name);
        _attempts.BeginRecovery();
        Report(_report.WithError(reason, Now));
        // Other requests in flight will be refused for the same reason. Give the refusals time to arrive, so that these are sent again.
        CloseConnection(reason, RefusalGrace);
        Connect();
    }

    private void OnSessionRefused(StartAttempt attempt, Connection by)
    {
        if (_attempts.OnRefused(attempt, by, _report.Catalogue))
            LoseSession("the server no longer knows the session");
    }

    private void LoseConnection(string reason)
    {
        if (Now - _connectedAt >= _pool.Reconnect.ResetAfter)
            _backoffs = 0;
        CloseConnection(reason);
        WaitAndReconnect(reason);
    }

    private void CloseConnection(string reason, TimeSpan? grace = null)
    {
        Timers.Cancel(ReconnectTimer);
        if (TakeConnection() is not { } old)
            return;
        _isClosing = true;
        _ = CloseAsync().PipeTo(Self, success: () => new OldConnectionClosed(), failure: _ => new OldConnectionClosed());

        async Task CloseAsync()
        {
            if (grace is { } limit)
                await _runner.SettleAsync(limit).ConfigureAwait(false);
            _runner.EndAll($"the connection to {_server.Name} ended: {reason}");
            await old.CloseAsync(_pool.CloseTimeout).ConfigureAwait(false);
        }
    }

    private Connection? TakeConnection()
    {
        if (_connection is not { } old)
            return null;
        _connection = null;
        _attempts.Close();
        _prober.Stop();
        _catalogue.Stop();
        _generation++;
        _metrics.SessionEnded(_labels, old.ProtocolVersion, Now - _connectedAt);
        return old;
    }

    private void OnOldConnectionClosed()
    {
        _isClosing = false;
        if (_openOnceClosed)
        {
            _openOnceClosed = false;
            Open();
        }
        else if (_report.Status == ServerStatus.Disconnected)
        {
            Report(_report.AsDisconnected(closed: true));
        }
    }

    // Probes and catalogue

    private void OnProbeFailed(Exception cause)
    {
        var step = _prober.OnFailed(Now, cause);
        var reason = FailureClassifier.Words(cause);
        if (FailureClassifier.IsSessionLost(cause, _connection!.HasSession))
        {
            LoseSession(reason);
        }
        else if (step == ProbeStep.Lost)
        {
            LoseConnection($"{_prober.Failures} probes in a row failed: {reason}");
        }
        else
        {
            _log.Warning("Server {Server} failed a probe: {Reason}", _server.Name, Redact(reason));
            Report(_report.WithError($"a probe failed: {reason}", Now));
        }
    }

    private void OnCatalogueRead(ServerCatalogue catalogue)
    {
        _catalogue.OnEnded();
        if (!catalogue.SameAs(_report.Catalogue))
            Report(_report with { Catalogue = catalogue });
    }

    // The last good catalogue is kept: a server that cannot list its tools for a moment still has them.
    private void OnCatalogueFailed(Exception cause)
    {
        _log.Warning(
            "The catalogue of server {Server} could not be read; the last one is kept: {Reason}",
            _server.Name, Redact(FailureClassifier.Words(cause)));
        _catalogue.OnEnded();
    }

    // Reports and lifecycle

    private static DateTimeOffset Now => Context.System.Scheduler.Now;

    private void Report(ConnectionReport report)
    {
        if (report == _report)
            return;
        if (report.LastError != _report.LastError || report.Reason != _report.Reason)
            report = report with { LastError = Redact(report.LastError), Reason = Redact(report.Reason) };
        _report = report;
        Context.Parent.Tell(report);
    }

    private string? Redact(string? words) => words is null ? null : _redactor.Redact(words);

    protected override void PreRestart(Exception reason, object message)
    {
        if (message is StartAttempt attempt)
            Context.Parent.Tell(new AttemptEnded(attempt.Id, AttemptResult.Lost("the connection failed unexpectedly")));
        base.PreRestart(reason, message);
    }

    protected override void PostRestart(Exception reason)
    {
        _log.Error(reason, "The connection to server {Server} failed unexpectedly and is restarted", _server.Name);
        WaitAndReconnect($"internal error: {reason.Message}");
    }

    protected override void PreStart() => Self.Tell(new ConnectionEvent.Started());

    protected override void PostStop()
    {
        _pending?.Abandon(_pool.CloseTimeout);
        _runner.EndAll($"the pool closed the connection to {_server.Name}", refusedToo: true);
        _attempts.EndRecovery("the pool closed the connection");
        if (TakeConnection() is { } connection)
            _ = connection.CloseAsync(_pool.CloseTimeout);
    }
}
