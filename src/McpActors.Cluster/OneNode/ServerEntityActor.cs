using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Resilience;

namespace McpActors.Clustering.OneNode;

/// <summary>
/// Owns the single connection that the cluster has to a server: parent of its <see cref="CircuitBreakerActor"/>, which serves all nodes.
/// Cluster Sharding decides on which node the entity runs, moves it, and starts it on another node when that node dies. Its members are the
/// <see cref="SharedServerActor"/>s of the nodes.
/// <code>
///   Unclaimed ──JoinServer──▶ Serving ──HandOver──▶ Leaving ──members released it, attempts ended, closed; or time limit──▶ (stopped)
///                                └─ the last member left: asks its shard for HandOver
/// </code>
/// Every <see cref="SharedAttempt"/> is answered once with <see cref="AttemptEnded"/>, in every state.
/// </summary>
internal sealed class ServerEntityActor : ReceiveActor, IWithTimers
{
    private sealed record CircuitDied : INoSerializationVerificationNeeded;
    private sealed record LeaveTimedOut : INoSerializationVerificationNeeded;
    private sealed record Progressed(long AttemptId, CallProgress Progress) : INoSerializationVerificationNeeded;
    private readonly record struct Origin(IActorRef Member, long Id);

    /// <summary>After a start on another node the members join within moments. An entity without members has no purpose.</summary>
    private static readonly TimeSpan FirstMemberTimeout = TimeSpan.FromMinutes(1);

    private readonly PoolServices _services;
    // Each with the number of its last operation that was carried out.
    private readonly Dictionary<IActorRef, long> _members = [];
    private readonly HashSet<IActorRef> _unreleased = [];
    private readonly Dictionary<long, Origin> _attempts = [];
    private readonly Dictionary<Origin, long> _byOrigin = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();

    private ServerSettings? _server;
    private OperatorIntent _intent = OperatorIntent.None;
    private IActorRef _circuit = ActorRefs.Nobody;
    private ServerReport? _report;
    private SharedCatalogue? _catalogue;
    private long _lastAttempt;
    private bool _leaving;

    public ServerEntityActor(PoolServices services)
    {
        _services = services;

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
        Receive<ReceiveTimeout>(_ => AskToStop());
        Receive<HandOver>(_ => OnHandOver());
        Receive<ServerReleased>(_ => OnReleased(Sender));
        Receive<LeaveTimedOut>(_ => Context.Stop(Self));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(PoolServices services) => Akka.Actor.Props.Create(() => new ServerEntityActor(services));

    // Members

    private void OnJoin(JoinServer join)
    {
        if (_leaving)
        {
            Sender.Tell(new ServerMoving());
            return;
        }
        SetReceiveTimeout(null);
        if (_server is null)
        {
            Claim(join);
        }
        else if (!SameServer(_server, join.Settings))
        {
            _log.Warning(
                "The nodes have different settings for server {Server}; its connection uses those of the first node, not those of {Node}",
                _server.Name, Sender.Path);
        }
        Add(Sender);
        if (_report is { } report)
            SendReport(Sender, report);
    }

    private void Add(IActorRef member)
    {
        if (_members.TryAdd(member, 0))
            Context.Watch(member);
    }

    private void OnResume(ResumeServer resume)
    {
        var pending = resume.Attempts.ToHashSet();
        CancelAll(origin => origin.Member.Equals(Sender) && !pending.Contains(origin.Id));
        Sender.Tell(new AttemptsLost([.. resume.Attempts.Where(id => !_byOrigin.ContainsKey(new Origin(Sender, id)))]));
        if (_report is { } report)
            SendReport(Sender, report, resume.CatalogueNumber);
        // It may not be a member any more: its node may have been considered dead when only the link was broken.
        if (_leaving)
            Sender.Tell(new ServerMoving());
        else
            Add(Sender);
    }

    private void Claim(JoinServer join)
    {
        _server = join.Settings;
        _intent = join.Intent;
        _log.Info("The cluster's connection to server {Server} is now on this node", _server.Name);
        StartCircuit();
    }

    private static bool SameServer(ServerSettings ours, ServerSettings theirs) =>
        ours.Endpoint == theirs.Endpoint && ours.Args.SequenceEqual(theirs.Args);

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
        var id = ++_lastAttempt;
        var origin = new Origin(Sender, attempt.Id);
        _attempts.Add(id, origin);
        _byOrigin[origin] = id;
        _circuit.Tell(new StartAttempt(
            id, attempt.Request, Now + attempt.TimeLeft, attempt.WantsProgress ? new ProgressRelay(Self, id) : null, attempt.CallId)
        {
            OnSession = attempt.OnSession,
            Forced = attempt.Forced,
            WatchProgress = attempt.WatchProgress,
            Trace = attempt.Trace == default ? null : new AttemptTrace(null, attempt.Trace),
        });
    }

    private void OnEnded(AttemptEnded ended)
    {
        if (Forget(ended.AttemptId) is { } origin)
            origin.Member.Tell(ended with { AttemptId = origin.Id });
        StopIfDone();
    }

    private void CancelAll(Predicate<Origin> which)
    {
        foreach (var (id, _) in _attempts.Where(attempt => which(attempt.Value)).ToArray())
        {
            Forget(id);
            _circuit.Tell(new CancelAttempt(id, CancelReason.Deadline));
        }
    }

    private Origin? Forget(long id)
    {
        if (!_attempts.Remove(id, out var origin))
            return null;
        _byOrigin.Remove(origin);
        return origin;
    }

    private void OnCancel(CancelAttempt cancel)
    {
        if (_byOrigin.TryGetValue(new Origin(Sender, cancel.AttemptId), out var id))
            _circuit.Tell(cancel with { AttemptId = id });
    }

    private void OnWatchedProgress(AttemptProgressed progressed)
    {
        if (_attempts.TryGetValue(progressed.AttemptId, out var origin))
            origin.Member.Tell(new AttemptProgressed(origin.Id));
    }

    private void OnProgress(Progressed progressed)
    {
        if (_attempts.TryGetValue(progressed.AttemptId, out var origin))
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
        _circuit = Context.ActorOf(CircuitBreakerActor.Props(
            _server!, _services.Settings, _services.Connector, ejectionLimit: null, _services.NextSeed(), _intent));
        Context.WatchWith(_circuit, new CircuitDied());
    }

    private void OnCircuitDied()
    {
        // The circuit has answered the attempts that it had; the rest was still in its mailbox.
        foreach (var id in _attempts.Keys.ToArray())
            OnEnded(new AttemptEnded(id, AttemptResult.Lost("the circuit of the server failed unexpectedly")));
        _circuit = ActorRefs.Nobody;
        if (_leaving)
        {
            StopIfDone();
            return;
        }
        _log.Error("The circuit of server {Server} stopped unexpectedly and is started again", _server!.Name);
        StartCircuit();
    }

    private void OnOperate(OperateServer operate)
    {
        // A sender that is not a member yet sends it again once it is. What is not confirmed while leaving goes to the next entity too.
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
        _report = report;
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
        Timers.StartSingleTimer(nameof(LeaveTimedOut), new LeaveTimedOut(), settings.DrainTimeout + (settings.CloseTimeout * 2));
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

    private static DateTimeOffset Now => Context.System.Scheduler.Now;

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
        foreach (var (_, origin) in _attempts)
            origin.Member.Tell(new AttemptEnded(origin.Id, AttemptResult.Lost("the connection was closed before it answered")));
        if (_server is { } server)
            _log.Info("The cluster's connection to server {Server} is no longer on this node", server.Name);
    }
}
