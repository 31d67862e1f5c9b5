using Akka.Actor;
using Akka.Event;
using McpActors.Configuration;
using McpActors.Telemetry;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>
/// Owns the MCP client of one server: connects it, probes it on a schedule of its own, reads its catalogue, connects it again after a loss,
/// and runs the attempts its circuit lets through. Every attempt is answered once with <see cref="AttemptEnded"/>, in every state.
/// <code>
///                 ┌──────────── Disconnect (from any state) ───────────┐
///                 ▼                                                    │
///   start ─▶ Disconnected ──Connect──▶ Connecting ──opened──▶ Connected
///                                        ▲    │                  │
///                             backoff up │    │ failed           │ closed, or probes failed
///                                        │    ▼                  │      (session lost: straight to Connecting)
///                                       Waiting ◀────────────────┘
/// </code>
/// The old client and its process are gone, or were given up after <c>close-timeout</c>, before a new connection is opened.
/// A crash restarts the actor with its mailbox kept: what ran is reported lost, and it begins with a wait.
/// </summary>
internal sealed class ServerConnectionActor : ReceiveActor, IWithTimers
{
    // News of one life of the connection. They may come after it, or after the actor itself, and are of no interest then.
    private interface INews : IDeadLetterSuppression, INoSerializationVerificationNeeded;
    private sealed record Begin : INews;
    private sealed record Opened(int Life, Connection Connection) : INews;
    private sealed record OpenFailed(int Life, Exception Cause) : INews;
    private sealed record Ended(int Life, ClientCompletionDetails Details) : INews;
    private sealed record OldConnectionGone : IDeadLetterSuppression, INoSerializationVerificationNeeded;
    private sealed record SessionRefused(StartAttempt Attempt, Connection On) : INoSerializationVerificationNeeded;
    private sealed record ReconnectDue : INews;
    private sealed record ProbeDue(int Life) : INews;
    private sealed record ProbeAnswered(int Life) : INews;
    private sealed record ProbeFailed(int Life, Exception Cause) : INews;
    private sealed record CatalogueDue(int Life) : INews;
    private sealed record CatalogueRead(int Life, ServerCatalogue Catalogue) : INews;
    private sealed record CatalogueFailed(int Life, Exception Cause) : INews;

    private const string ReconnectTimer = "reconnect";
    private const string ProbeTimer = "probe";
    private const string CatalogueTimer = "catalogue";

    /// <summary>How long after the first refusal for a lost session the others may take to arrive.</summary>
    private static readonly TimeSpan RefusalGrace = TimeSpan.FromMilliseconds(250);

    /// <summary>A probe that was sent no longer ago than this answers for one that is asked for: many may ask at once.</summary>
    private static readonly TimeSpan ProbeHolds = TimeSpan.FromSeconds(2);

    private readonly ServerSettings _server;
    private readonly PoolSettings _pool;
    private readonly Connector _connector;
    private readonly Random _random;
    private readonly Backoff _backoff;
    private readonly AttemptRunner _runner;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly PoolMetrics _metrics = PoolMetrics.Of(Context.System);
    private readonly ServerLabels _labels;

    private ConnectionReport _report = new();
    private Redactor _redactor = Redactor.None;
    private Connection? _connection;
    private PendingConnection? _pending;
    private string? _rememberedVersion;
    private int _life;
    private int _failures;
    private int _probeFailures;
    private long _answeredAtProbe;
    private DateTimeOffset _openingSince;
    private DateTimeOffset _connectedAt;
    private DateTimeOffset _probingSince;
    private bool _probing;
    private bool _closing;
    private bool _isAsked;
    private bool _connectOnceClosed;
    private bool _readingCatalogue;
    private bool _readCatalogueAgain;
    private bool _resuming;
    private readonly List<StartAttempt> _resumed = [];

    public ServerConnectionActor(ServerSettings server, PoolSettings pool, Connector connector, int seed)
    {
        _server = server;
        _labels = new ServerLabels(server);
        _pool = pool;
        _connector = connector;
        _random = new Random(seed);
        _backoff = new Backoff(pool.Reconnect, _random);
        var self = Self;
        _runner = new AttemptRunner(server, pool, Context.Parent, (attempt, on) => self.Tell(new SessionRefused(attempt, on)));
        Disconnected();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ServerSettings server, PoolSettings pool, Connector connector, int seed) =>
        Akka.Actor.Props.Create(() => new ServerConnectionActor(server, pool, connector, seed));

    // Behaviours. Each is a table of contents; the news that may come in any state are at its end.

    private void Disconnected()
    {
        Receive<Begin>(_ => !_isAsked, _ => ConnectNow());
        Receive<ConnectionCommand>(command =>
        {
            if (command is ConnectionCommand.Connect or ConnectionCommand.Reconnect)
            {
                ConnectNow();
            }
            else if (command == ConnectionCommand.Disconnect)
            {
                // It may come before the actor has begun.
                _isAsked = true;
                Report(_report with { Closed = !_closing });
            }
        });
        Receive<StartAttempt>(attempt => NotSent(attempt, "disconnected by an operator"));
        InAnyState();
    }

    private void Connecting()
    {
        Receive<Opened>(opened => opened.Life == _life, opened => OnOpened(opened.Connection));
        Receive<OpenFailed>(failed => failed.Life == _life, failed => OnOpenFailed(failed.Cause));
        Receive<ConnectionCommand>(command =>
        {
            if (command == ConnectionCommand.Disconnect)
                Disconnect();
        });
        Receive<StartAttempt>(OnAttemptWhileConnecting);
        InAnyState();
    }

    private void Connected()
    {
        Receive<StartAttempt>(OnAttempt);
        Receive<Ended>(ended => ended.Life == _life, ended => OnEnded(ended.Details));
        Receive<ProbeDue>(due => due.Life == _life, _ => OnProbeDue());
        Receive<ProbeAnswered>(answered => answered.Life == _life, _ => OnProbeAnswered());
        Receive<ProbeFailed>(failed => failed.Life == _life, failed => OnProbeFailed(failed.Cause));
        Receive<CatalogueDue>(due => due.Life == _life, _ => ReadCatalogue());
        Receive<CatalogueRead>(read => read.Life == _life, read => OnCatalogueRead(read.Catalogue));
        Receive<CatalogueFailed>(failed => failed.Life == _life, failed => OnCatalogueFailed(failed.Cause));
        Receive<ConnectionCommand>(command =>
        {
            if (command == ConnectionCommand.Disconnect)
                Disconnect();
            else if (command == ConnectionCommand.Reconnect)
                ConnectNow();
            else if (command == ConnectionCommand.Probe)
                ProbeUnlessJustDone();
        });
        InAnyState();
    }

    private void Waiting()
    {
        Receive<ReconnectDue>(_ => ConnectNow());
        Receive<ConnectionCommand>(command =>
        {
            if (command == ConnectionCommand.Disconnect)
                Disconnect();
            else if (command != ConnectionCommand.Probe)
                ConnectNow();
        });
        Receive<StartAttempt>(attempt => NotSent(attempt, $"not connected: {_report.LastError}"));
        InAnyState();
    }

    private void InAnyState()
    {
        Receive<CancelAttempt>(OnCancel);
        Receive<SessionRefused>(refused => OnSessionRefused(refused.Attempt, refused.On));
        Receive<OldConnectionGone>(_ => OnOldConnectionGone());
        Receive<GetLoad>(_ => Sender.Tell(new ConnectionLoad(_runner.Running, _resumed.Count)));
        // A connection that opens too late closes itself.
        Receive<INews>(_ => { });
    }

    // Connecting

    private void ConnectNow()
    {
        CloseOldConnection("the connection is being made anew");
        if (_closing)
        {
            _connectOnceClosed = true;
            Become(Connecting);
            Report(_report with { Status = ServerStatus.Connecting, Closed = false, Resuming = _resuming, NextReconnect = null });
            return;
        }
        var life = ++_life;
        // The secrets that this connection is made with; the next one may have others.
        _redactor = Redactor.For(_server);
        _runner.Redact(_redactor);
        Become(Connecting);
        Report(_report with { Status = ServerStatus.Connecting, Closed = false, Resuming = _resuming, NextReconnect = null });
        _openingSince = Now;
        var cancellation = new CancellationTokenSource();
        _pending = new PendingConnection(cancellation, _connector.OpenAsync(_server, _rememberedVersion, NotificationsOf(life), cancellation.Token));
        _ = _pending.Connection.PipeTo(Self, success: connection => new Opened(life, connection), failure: e => new OpenFailed(life, e));
    }

    private void OnOpened(Connection connection)
    {
        _pending?.Adopted();
        _pending = null;
        _connection = connection;
        _rememberedVersion = connection.PinnedVersion;
        _connectedAt = Now;
        _probing = false;
        // The handshake says as much as a probe.
        _probingSince = _connectedAt;
        _probeFailures = 0;
        _answeredAtProbe = _runner.Answered;
        var isAgain = _report.ProtocolVersion is not null;
        _metrics.Connected(_server.Name, _connectedAt - _openingSince, isAgain);
        Become(Connected);
        var life = _life;
        _ = connection.Client.Completion.PipeTo(Self, success: details => new Ended(life, details));
        var serverInfo = connection.Client.ServerInfo;
        Report(_report with
        {
            Status = ServerStatus.Connected,
            Resuming = false,
            Reason = null,
            NextReconnect = null,
            FailedConnects = 0,
            ProtocolVersion = connection.ProtocolVersion,
            ServerName = serverInfo?.Name,
            ServerVersion = serverInfo?.Version,
            Restarts = _report.Restarts + (isAgain ? 1 : 0),
            Session = connection.IsStateful ? ConnectionSessions.Next() : null,
        });
        ArmProbe();
        ReadCatalogue();
        Resume();
    }

    private void OnOpenFailed(Exception cause)
    {
        _pending?.Adopted();
        _pending = null;
        _metrics.ConnectFailed(_server.Name, Now - _openingSince, cause);
        FailResumed();
        WaitAndReconnect(FailureClassifier.Words(cause), _report.FailedConnects + 1);
    }

    private void WaitAndReconnect(string reason, int failedConnects = 0)
    {
        var wait = _backoff.After(_failures++);
        Timers.StartSingleTimer(ReconnectTimer, new ReconnectDue(), wait);
        Become(Waiting);
        var now = Now;
        Report(_report with
        {
            Status = ServerStatus.Error,
            Resuming = false,
            Closed = false,
            Reason = reason,
            LastError = reason,
            LastErrorAt = now,
            NextReconnect = now + wait,
            FailedConnects = failedConnects,
        });
    }

    private void Disconnect()
    {
        _pending?.Abandon(_pool.CloseTimeout);
        _pending = null;
        _life++;
        _failures = 0;
        _connectOnceClosed = false;
        CloseOldConnection("disconnected by an operator");
        FailResumed();
        Become(Disconnected);
        Report(_report with { Status = ServerStatus.Disconnected, Closed = !_closing, Resuming = false, Reason = null, NextReconnect = null });
    }

    // The end of a connection

    private void OnEnded(ClientCompletionDetails details)
    {
        var reason = WhyEnded(details);
        if (details is HttpClientCompletionDetails { HttpStatusCode: System.Net.HttpStatusCode.NotFound } && _connection!.HasSession)
        {
            LoseSession(reason);
            return;
        }
        LoseConnection(reason);
    }

    // The server lives and merely forgot us: a new session at once, without a wait, and what it refused for the lost one goes out on it.
    private void LoseSession(string reason)
    {
        _log.Info("Server {Server} lost the session; starting a new one", _server.Name);
        _resuming = true;
        Report(_report with { LastError = reason, LastErrorAt = Now });
        CloseForgottenConnection(reason);
        ConnectNow();
    }

    // What else is on its way is refused as well, in a moment, and must not be taken for lost: it goes out again on the new session.
    private void CloseForgottenConnection(string why)
    {
        var old = TakeConnection()!;
        Timers.CancelAll();
        _readingCatalogue = _readCatalogueAgain = false;
        _closing = true;
        _ = CloseAsync().PipeTo(Self, success: () => new OldConnectionGone());

        async Task CloseAsync()
        {
            await _runner.SettleAsync(RefusalGrace).ConfigureAwait(false);
            _runner.EndAll($"the connection to {_server.Name} ended: {why}");
            await old.CloseAsync(_pool.CloseTimeout).ConfigureAwait(false);
        }
    }

    private void LoseConnection(string reason)
    {
        if (Now - _connectedAt >= _pool.Reconnect.ResetAfter)
            _failures = 0;
        CloseOldConnection(reason);
        WaitAndReconnect(reason);
    }

    private void CloseOldConnection(string why)
    {
        Timers.CancelAll();
        _readingCatalogue = _readCatalogueAgain = false;
        if (TakeConnection() is not { } old)
            return;
        _runner.EndAll($"the connection to {_server.Name} ended: {why}");
        _closing = true;
        _ = old.CloseAsync(_pool.CloseTimeout).PipeTo(Self, success: () => new OldConnectionGone());
    }

    private Connection? TakeConnection()
    {
        if (_connection is not { } old)
            return null;
        _connection = null;
        _life++;
        _metrics.SessionEnded(_labels, old.ProtocolVersion, Now - _connectedAt);
        return old;
    }

    private void OnOldConnectionGone()
    {
        _closing = false;
        if (_connectOnceClosed)
        {
            _connectOnceClosed = false;
            ConnectNow();
        }
        else if (_report.Status == ServerStatus.Disconnected)
        {
            Report(_report with { Closed = true });
        }
    }

    private static string WhyEnded(ClientCompletionDetails details) => details switch
    {
        StdioClientCompletionDetails stdio => "the process ended"
            + (stdio.ExitCode is { } code ? $" with exit code {code}" : "")
            + (stdio.StandardErrorTail is { Count: > 0 } tail ? $"; its last words: {string.Join(" | ", tail.TakeLast(3))}" : ""),
        HttpClientCompletionDetails { HttpStatusCode: { } status } => $"the server ended the session with HTTP {(int)status}",
        { Exception: { } e } => FailureClassifier.Words(e),
        _ => "the server closed the connection",
    };

    // Attempts

    private void OnAttempt(StartAttempt attempt)
    {
        if (attempt.OnSession is { } session && session != _report.Session)
            SessionGone(attempt);
        else
            _runner.Start(_connection!, attempt, _report.Catalogue);
    }

    private void OnAttemptWhileConnecting(StartAttempt attempt)
    {
        if (attempt.OnSession is not null)
            SessionGone(attempt);
        else if (_resuming)
            _resumed.Add(attempt);
        else
            NotSent(attempt, "still connecting");
    }

    private void OnSessionRefused(StartAttempt attempt, Connection on)
    {
        if (!_runner.TryTakeBack(attempt.Id))
            return;
        var again = attempt with { Resumed = true };
        if (attempt.OnSession is not null)
        {
            // Another session is of no use to it.
            SessionGone(attempt);
            if (ReferenceEquals(on, _connection))
                LoseSession("the server no longer knows the session");
        }
        else if (ReferenceEquals(on, _connection))
        {
            _resumed.Add(again);
            LoseSession("the server no longer knows the session");
        }
        else if (_connection is { } anew)
        {
            _runner.Start(anew, again, _report.Catalogue);
        }
        else if (_resuming)
        {
            _resumed.Add(again);
        }
        else
        {
            NotSent(attempt, "the server lost the session and no new one could be made");
        }
    }

    private void Resume()
    {
        _resuming = false;
        foreach (var attempt in _resumed)
            _runner.Start(_connection!, attempt, _report.Catalogue);
        _resumed.Clear();
    }

    private void FailResumed()
    {
        _resuming = false;
        foreach (var attempt in _resumed)
            NotSent(attempt, "the server lost the session and no new one could be made");
        _resumed.Clear();
    }

    private static void SessionGone(StartAttempt attempt) => Context.Parent.Tell(new AttemptEnded(
        attempt.Id, new AttemptResult(AttemptOutcome.Refused) { Cause = AttemptCause.SessionLost, Error = "the session that the call belongs to is gone" }));

    private static void NotSent(StartAttempt attempt, string why) =>
        Context.Parent.Tell(new AttemptEnded(attempt.Id, AttemptResult.NotSent(AttemptCause.NotConnected, why)));

    private void OnCancel(CancelAttempt cancel)
    {
        if (_resumed.RemoveAll(attempt => attempt.Id == cancel.AttemptId) > 0)
        {
            Context.Parent.Tell(new AttemptEnded(cancel.AttemptId, cancel.Reason == CancelReason.Caller
                ? new AttemptResult(AttemptOutcome.Cancelled) { Error = "cancelled by the caller" }
                : AttemptResult.NotSent(AttemptCause.TimedOut, "no new session in the time given to this attempt")));
            return;
        }
        _runner.Cancel(cancel.AttemptId, cancel.Reason);
    }

    // Probes

    private void ArmProbe()
    {
        var probe = _pool.Probe;
        var interval = probe.Interval * (1 + (probe.Jitter * ((_random.NextDouble() * 2) - 1)));
        Timers.StartSingleTimer(ProbeTimer, new ProbeDue(_life), interval);
    }

    private void OnProbeDue()
    {
        var answered = _runner.Answered;
        if (answered != _answeredAtProbe)
        {
            // Calls were answered since the last look, which says as much as a probe.
            _answeredAtProbe = answered;
            _probeFailures = 0;
            ArmProbe();
            return;
        }
        Probe();
    }

    private void ProbeUnlessJustDone()
    {
        if (!_probing && Now - _probingSince >= ProbeHolds)
            Probe();
    }

    private void Probe()
    {
        Timers.Cancel(ProbeTimer);
        _probing = true;
        _probingSince = Now;
        var life = _life;
        _ = _connection!.ProbeAsync(_pool.Probe.Timeout)
            .PipeTo(Self, success: () => new ProbeAnswered(life), failure: e => new ProbeFailed(life, e));
    }

    private void OnProbeAnswered()
    {
        _probing = false;
        _metrics.Probed(_server.Name, Now - _probingSince);
        _probeFailures = 0;
        ArmProbe();
    }

    private void OnProbeFailed(Exception cause)
    {
        _probing = false;
        _metrics.Probed(_server.Name, Now - _probingSince, cause);
        var reason = FailureClassifier.Words(cause);
        if (FailureClassifier.IsSessionLost(cause, _connection!.HasSession))
        {
            LoseSession(reason);
            return;
        }
        _probeFailures++;
        if (_probeFailures >= _pool.Probe.UnhealthyThreshold)
        {
            LoseConnection($"{_probeFailures} probes in a row failed: {reason}");
            return;
        }
        _log.Warning("Server {Server} failed a probe: {Reason}", _server.Name, Redact(reason));
        Report(_report with { LastError = $"a probe failed: {reason}", LastErrorAt = Now });
        ArmProbe();
    }

    // The catalogue

    private Action<JsonRpcNotification> NotificationsOf(int life)
    {
        var (self, runner) = (Self, _runner);
        return notification =>
        {
            if (notification.Method == NotificationMethods.ProgressNotification)
                runner.Progress(notification);
            else
                self.Tell(new CatalogueDue(life));
        };
    }

    private void ReadCatalogue()
    {
        if (_readingCatalogue)
        {
            // What changes now may have been read already as it was.
            _readCatalogueAgain = true;
            return;
        }
        _readingCatalogue = true;
        // Asked for first, so that hardly a change falls between the two.
        _connection!.Listen();
        var life = _life;
        _ = _connection!.ReadCatalogueAsync(_pool.ConnectTimeout)
            .PipeTo(Self, success: catalogue => new CatalogueRead(life, catalogue), failure: e => new CatalogueFailed(life, e));
    }

    private void OnCatalogueRead(ServerCatalogue catalogue)
    {
        ArmCatalogue();
        if (!catalogue.SameAs(_report.Catalogue))
            Report(_report with { Catalogue = catalogue });
    }

    private void OnCatalogueFailed(Exception cause)
    {
        // The last good one stays: a server that cannot list its tools for a moment still has them.
        _log.Warning("The catalogue of server {Server} could not be read, the last one is kept: {Reason}", _server.Name, Redact(FailureClassifier.Words(cause)));
        ArmCatalogue();
    }

    private void ArmCatalogue()
    {
        _readingCatalogue = false;
        if (_readCatalogueAgain)
        {
            _readCatalogueAgain = false;
            ReadCatalogue();
            return;
        }
        Timers.StartSingleTimer(CatalogueTimer, new CatalogueDue(_life), _pool.CatalogueRefresh);
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
        _log.Error(reason, "The connection to server {Server} failed unexpectedly and starts again", _server.Name);
        WaitAndReconnect($"internal error: {reason.Message}");
    }

    protected override void PreStart() => Self.Tell(new Begin());

    protected override void PostStop()
    {
        _pending?.Abandon(_pool.CloseTimeout);
        _runner.EndAll($"the pool gave up the connection to {_server.Name}", refusedToo: true);
        foreach (var attempt in _resumed)
            NotSent(attempt, "the pool gave up the connection");
        if (TakeConnection() is { } connection)
            _ = connection.CloseAsync(_pool.CloseTimeout);
    }
}
