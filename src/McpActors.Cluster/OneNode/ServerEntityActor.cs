using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using McpActors.Clustering.Senders;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Resilience;
using McpActors.Transports;

namespace McpActors.Clustering.OneNode;

/// <summary>
/// Owns the single connection that the cluster has to a server: parent of its <see cref="CircuitBreakerActor"/>, which serves all nodes.
/// Cluster Sharding decides on which node the entity runs, moves it, and starts it on another node when that node dies. Its members are the
/// <see cref="SharedServerActor"/>s of the nodes.
/// <code>
///   Unclaimed ──JoinServer, the pool here has the server──▶ Serving ──HandOver──▶ Leaving ──all ended and released, or late──▶ (stopped)
///                                                             └─ the last member left: asks its shard for HandOver
/// </code>
/// Every <see cref="SharedAttempt"/> is answered once with <see cref="AttemptEnded"/>, in every state. The settings of the server are those
/// of this node's own pool (<see cref="OneNodeServers"/>), and messages of systems that are not nodes are dropped: nobody can have this
/// node connect to a server, or start a program, that it does not have itself.
/// </summary>
internal sealed class ServerEntityActor : ReceiveActor, IWithTimers
{
    private sealed record CircuitDied : INoSerializationVerificationNeeded;
    private sealed record CircuitDue : INoSerializationVerificationNeeded;
    private sealed record LeaveTimedOut : INoSerializationVerificationNeeded;
    private sealed record Progressed(long AttemptId, CallProgress Progress) : INoSerializationVerificationNeeded;

    /// <summary>After a start on another node the members join within moments. An entity without members has no purpose.</summary>
    private static readonly TimeSpan FirstMemberTimeout = TimeSpan.FromMinutes(1);

    /// <summary>A circuit that has lasted this long has not crashed at once.</summary>
    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(30);

    private readonly PoolServices _services;
    private readonly string _entityId;
    private readonly OneNodeServers _servers;
    private readonly Func<Address, bool> _isNode;
    private readonly Dictionary<IActorRef, long> _members = []; // Each with the number of its last operation that was carried out.
    private readonly HashSet<IActorRef> _unreleased = [];
    private readonly EntityAttempts _attempts = new();
    private readonly RareWarnings _dropped = new(TimeProvider.System);
    private readonly PoolClock _clock = PoolClock.Of(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ClockTimer _leaveTimer;

    private ServerSettings? _server;
    private OperatorIntent _intent = OperatorIntent.None;
    private IActorRef _circuit = ActorRefs.Nobody;
    private ServerReport? _report;
    private SharedCatalogue? _catalogue;
    private DateTimeOffset _circuitStarted;
    private int _crashes;
    private bool _leaving;

    public ServerEntityActor(PoolServices services, string entityId, OneNodeServers servers, Func<Address, bool> isNode)
    {
        (_services, _entityId, _servers, _isNode) = (services, entityId, servers, isNode);
        _leaveTimer = new ClockTimer(this, _clock, new LeaveTimedOut());

        Receive<SharedAttempt>(OnAttempt);
        Receive<AttemptEnded>(OnEnded);
        Receive<CancelAttempt>(OnCancel);
        Receive<AttemptProgressed>(OnWatchedProgress);
        Receive<Progressed>(OnProgress);
        Receive<UnsendableAttempt>(unsendable => Sender.Tell(
            new AttemptEnded(unsendable.AttemptId, AttemptResult.NotSent(AttemptCause.NotConnected, unsendable.Problem))));
        Receive<JoinServer>(OnJoin);
        Receive<ResumeServer>(OnResume);
        Receive<LeaveServer>(_ => OnLeft(Sender));
        Receive<Terminated>(terminated => OnLeft(terminated.ActorRef));
        Receive<OperateServer>(OnOperate);
        Receive<ServerReport>(OnReport);
        Receive<CircuitDied>(_ => OnCircuitDied());
        Receive<CircuitDue>(_ => OnCircuitDue());
        Receive<ReceiveTimeout>(_ => AskToStop());
        Receive<HandOver>(_ => OnHandOver());
        Receive<ServerReleased>(_ => OnReleased(Sender));
        Receive<LeaveTimedOut>(_ => _leaveTimer.IsDue(), _ => Context.Stop(Self));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="services">The pool of this node.</param>
    /// <param name="entityId">The server and the revision of its settings (<see cref="ServerShards.EntityOf"/>).</param>
    /// <param name="servers">The servers of this node's pool.</param>
    /// <param name="isNode">Whether a remote address is that of a node.</param>
    public static Props Props(PoolServices services, string entityId, OneNodeServers servers, Func<Address, bool> isNode) =>
        Akka.Actor.Props.Create(() => new ServerEntityActor(services, entityId, servers, isNode));

    // The sharing of servers is between nodes; a system outside the cluster uses the pool.
    protected override bool AroundReceive(Receive receive, object message)
    {
        message = FromAnotherNode.Open(message);
        if (IsFromNode(message))
            return base.AroundReceive(receive, message);
        if (_dropped.Due("") is { } omitted)
        {
            _log.Warning(
                "{Message} from {Sender} was dropped: its system is not a node of this cluster; {Omitted} more since the last such line",
                message.GetType().Name, Sender.Path, omitted);
        }
        return true;
    }

    // A message without a sender can be anybody's, unless it is of a type that stays in its process.
    private bool IsFromNode(object message)
    {
        if (Sender.IsNobody())
            return message is INoSerializationVerificationNeeded or ReceiveTimeout;
        var from = Sender.Path.Address;
        return from.HasLocalScope || _members.ContainsKey(Sender) || _isNode(from);
    }

    // Members

    private void OnJoin(JoinServer join)
    {
        if (_leaving)
        {
            Sender.Tell(new ServerMoving());
            return;
        }
        if (_server is null && _servers.Find(_entityId) is { } server)
            Claim(server, join.Intent);
        var isRepeated = !Add(Sender);
        // The pool of this node may learn of the server a moment later, and joins then too.
        if (_server is null && isRepeated)
            Sender.Tell(SharedServerReports.Initial.Failed(UnknownHere, _clock.WallTime));
        if (_report is { } report)
            SendReport(Sender, report);
    }

    private bool Add(IActorRef member)
    {
        if (!_members.TryAdd(member, 0))
            return false;
        Context.Watch(member);
        return true;
    }

    private void OnResume(ResumeServer resume)
    {
        var pending = resume.Attempts.ToHashSet();
        CancelAll(origin => origin.Member.Equals(Sender) && !pending.Contains(origin.Id));
        Sender.Tell(new AttemptsLost([.. resume.Attempts.Where(id => _attempts.Find(new AttemptOrigin(Sender, id)) is null)]));
        if (_report is { } report)
            SendReport(Sender, report, resume.CatalogueNumber);
        // It may not be a member any more: its node may have been considered dead when only the link was broken.
        if (_leaving)
            Sender.Tell(new ServerMoving());
        else
            Add(Sender);
    }

    private void Claim(ServerSettings server, OperatorIntent intent)
    {
        SetReceiveTimeout(null);
        _server = server;
        _intent = intent;
        _log.Info("The cluster's connection to server {Server} is now on this node", _server.Name);
        StartCircuit();
    }

    private static string UnknownHere =>
        $"the node that makes its connection, {NodeName.Of(((ExtendedActorSystem)Context.System).Provider.DefaultAddress)}, does not have "
        + "this server with these settings: its file lacks it, or it refused a change of another node (see its log)";

    private void OnLeft(IActorRef member)
    {
        Context.Unwatch(member);
        CancelAll(origin => origin.Member.Equals(member));
        if (_members.Remove(member) && _members.Count == 0)
            AskToStop();
        OnReleased(member);
    }

    private void AskToStop()
    {
        if (!_leaving)
            Context.Parent.Tell(new Passivate(HandOver.Instance));
    }

    // Attempts: each node numbers its own, so this entity gives them new numbers

    private void OnAttempt(SharedAttempt attempt)
    {
        if (_circuit.IsNobody())
        {
            Sender.Tell(new AttemptEnded(
                attempt.Id, AttemptResult.NotSent(AttemptCause.NotConnected, "its connection is being started on another node")));
            return;
        }
        var id = _attempts.Add(new AttemptOrigin(Sender, attempt.Id));
        _circuit.Tell(new StartAttempt(
            id, attempt.Request, _clock.Now + attempt.TimeLeft, attempt.WantsProgress ? new ProgressRelay(Self, id) : null, attempt.CallId)
        {
            OnSession = attempt.OnSession,
            Forced = attempt.Forced,
            WatchProgress = attempt.WatchProgress,
            Trace = attempt.Trace == default ? null : new AttemptTrace(null, attempt.Trace),
        });
    }

    private void OnEnded(AttemptEnded ended)
    {
        if (_attempts.Take(ended.AttemptId) is { } origin)
            origin.Member.Tell(ended with { AttemptId = origin.Id });
        StopIfDone();
    }

    private void CancelAll(Predicate<AttemptOrigin> which)
    {
        foreach (var id in _attempts.TakeAll(which))
            _circuit.Tell(new CancelAttempt(id, CancelReason.Deadline));
    }

    private void OnCancel(CancelAttempt cancel)
    {
        if (_attempts.Find(new AttemptOrigin(Sender, cancel.AttemptId)) is { } id)
            _circuit.Tell(cancel with { AttemptId = id });
    }

    private void OnWatchedProgress(AttemptProgressed progressed)
    {
        if (_attempts.OriginOf(progressed.AttemptId) is { } origin)
            origin.Member.Tell(new AttemptProgressed(origin.Id));
    }

    private void OnProgress(Progressed progressed)
    {
        if (_attempts.OriginOf(progressed.AttemptId) is { } origin)
            origin.Member.Tell(new SharedProgress(origin.Id, progressed.Progress));
    }

    /// <summary>Receives progress in place of a caller on another node.</summary>
    private sealed class ProgressRelay(IActorRef entity, long attempt) : MinimalActorRef
    {
        public override ActorPath Path => entity.Path;

        public override IActorRefProvider Provider => ((IInternalActorRef)entity).Provider;

        protected override void TellInternal(object message, IActorRef sender)
        {
            if (message is CallProgress progress)
                entity.Tell(new Progressed(attempt, progress));
        }
    }

    // The circuit

    private void StartCircuit()
    {
        _circuitStarted = _clock.Now;
        _circuit = Context.ActorOf(CircuitBreakerActor.Props(
            _server!, _services.Settings, _services.Connector, ejectionLimit: null, _services.NextSeed(), new ConnectionMemory(), _intent));
        Context.WatchWith(_circuit, new CircuitDied());
    }

    private void OnCircuitDied()
    {
        // The circuit has answered the attempts that it had; the rest was still in its mailbox.
        foreach (var id in _attempts.Ids)
            OnEnded(new AttemptEnded(id, AttemptResult.Lost("the circuit of the server failed unexpectedly")));
        _circuit = ActorRefs.Nobody;
        if (_leaving)
        {
            StopIfDone();
            return;
        }
        _crashes = _clock.Now - _circuitStarted < Lasting ? _crashes + 1 : 1;
        if (_crashes == 1)
        {
            _log.Error("The circuit of server {Server} stopped unexpectedly and is started again", _server!.Name);
            StartCircuit();
            return;
        }
        var wait = new Backoff(_services.Settings.Reconnect, new Random(_services.NextSeed())).After(_crashes - 2);
        _log.Error("The circuit of server {Server} stopped unexpectedly again and is started in {Wait}", _server!.Name, wait);
        var failed = (_report ?? SharedServerReports.Initial).Failed("its circuit fails again and again; see the log", _clock.WallTime);
        foreach (var member in _members.Keys)
            member.Tell(failed);
        Timers.StartSingleTimer(nameof(CircuitDue), new CircuitDue(), wait);
    }

    private void OnCircuitDue()
    {
        if (!_leaving)
            StartCircuit();
    }

    private void OnOperate(OperateServer operate)
    {
        // A sender that is not a member yet sends it again once it is. An operation that is not confirmed while leaving goes to the next
        // entity too.
        if (!_members.TryGetValue(Sender, out var last))
            return;
        if (!_leaving)
            Sender.Tell(new OperationConfirmed(operate.Number));
        if (last >= operate.Number)
            return;
        _members[Sender] = operate.Number;
        if (operate.Circuit is { } circuit)
        {
            _intent = _intent.After(circuit);
            _circuit.Tell(circuit);
        }
        if (operate.Connection is { } connection)
        {
            _intent = _intent.After(connection);
            _circuit.Tell(connection);
        }
    }

    private void OnReport(ServerReport report)
    {
        var unchanged = ReferenceEquals(report.Connection.Catalogue, _report?.Connection.Catalogue);
        _report = report = report.WithTimes(_clock.ToWallTime);
        if (report.Connection.Catalogue is { } catalogue && !unchanged)
            _catalogue = SharedCatalogue.Of(catalogue, (_catalogue?.Number ?? 0) + 1);
        foreach (var member in _members.Keys)
        {
            if (unchanged)
                member.Tell(report);
            else
                SendReport(member, report);
        }
        StopIfDone();
    }

    private void SendReport(IActorRef member, ServerReport report, long knownCatalogue = 0)
    {
        member.Tell(report);
        if (_catalogue is { } catalogue && catalogue.Number != knownCatalogue)
            member.Tell(catalogue);
    }

    // Leaving

    private void OnHandOver()
    {
        if (_leaving)
            return;
        _leaving = true;
        _unreleased.UnionWith(_members.Keys);
        foreach (var member in _members.Keys)
            member.Tell(new ServerMoving());
        _circuit.Tell(CircuitCommand.Retire);
        var settings = _services.Settings;
        _leaveTimer.Start(settings.DrainTimeout + (settings.CloseTimeout * 2));
        StopIfDone();
    }

    private void OnReleased(IActorRef member)
    {
        _unreleased.Remove(member);
        StopIfDone();
    }

    private void StopIfDone()
    {
        var closed = _circuit.IsNobody() || _report?.Connection is { Status: ServerStatus.Disconnected, Closed: true };
        if (_leaving && closed && _unreleased.Count == 0 && _attempts.Count == 0)
            Context.Stop(Self);
    }

    // Lifecycle

    protected override void PreStart() => SetReceiveTimeout(FirstMemberTimeout);

    // A restarted entity knows neither server nor members. Stop instead: the members watch it and join the next one.
    protected override void PostRestart(Exception reason)
    {
        _log.Error(reason, "The actor with the cluster's connection to a server failed unexpectedly; the connection is made again");
        Context.Stop(Self);
    }

    // A circuit that fails is replaced (OnCircuitDied), as in a pool.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(-1, -1, _ => Directive.Stop);

    protected override void PostStop()
    {
        foreach (var origin in _attempts.Origins)
            origin.Member.Tell(new AttemptEnded(origin.Id, AttemptResult.Lost("the connection was closed before it answered")));
        if (_server is { } server)
            _log.Info("The cluster's connection to server {Server} is no longer on this node", server.Name);
    }
}
