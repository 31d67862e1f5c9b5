using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Resilience;

namespace McpActors.Clustering.OneNode;

/// <summary>
/// Holds the one connection that the cluster has to a server: parent of its <see cref="CircuitBreakerActor"/>, which serves all nodes. Cluster Sharding decides
/// on which node it lives, moves it, and starts it elsewhere when that node dies. Its members are the <see cref="SharedServerActor"/>s of the nodes.
/// <code>
///   Unclaimed ──JoinServer──▶ Serving ──HandOver──▶ Leaving ──members let go, attempts ended, connection closed; or time is up──▶ (stopped)
///                                └─ the last member left: asks its shard for HandOver
/// </code>
/// Every <see cref="SharedAttempt"/> is answered once with <see cref="AttemptEnded"/>, in every state.
/// </summary>
internal sealed class ServerEntityActor : ReceiveActor, IWithTimers
{
    private sealed record CircuitDied : INoSerializationVerificationNeeded;
    private sealed record LeaveTimeUp : INoSerializationVerificationNeeded;
    private sealed record Progressed(long AttemptId, CallProgress Progress) : INoSerializationVerificationNeeded;
    private readonly record struct Origin(IActorRef Member, long Id);

    /// <summary>After a restart on another node the members come within moments; without any it is of no use.</summary>
    private static readonly TimeSpan NobodyCame = TimeSpan.FromMinutes(1);

    private readonly PoolServices _services;
    // Each with the number of the last operation that was heard of it.
    private readonly Dictionary<IActorRef, long> _members = [];
    private readonly HashSet<IActorRef> _unreleased = [];
    private readonly Dictionary<long, Origin> _attempts = [];
    private readonly Dictionary<Origin, long> _byOrigin = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();

    private ServerSettings? _server;
    private OperatorIntent _intent = OperatorIntent.None;
    private IActorRef _circuit = ActorRefs.Nobody;
    private ServerReport? _report;
    private ServerOffers? _offers;
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
        Receive<UnsendableAttempt>(unsendable => Sender.Tell(new AttemptEnded(unsendable.AttemptId, AttemptResult.NotSent(AttemptCause.NotConnected, unsendable.Problem))));
        Receive<JoinServer>(OnJoin);
        Receive<ResumeServer>(OnResume);
        Receive<LeaveServer>(_ => OnLeft(Sender));
        Receive<Terminated>(died => OnLeft(died.ActorRef));
        Receive<OperateServer>(OnOperate);
        Receive<ServerReport>(OnReport);
        Receive<CircuitDied>(_ => OnCircuitDied());
        Receive<ReceiveTimeout>(_ => AskToStop());
        Receive<HandOver>(_ => OnHandOver());
        Receive<ServerReleased>(_ => OnReleased(Sender));
        Receive<LeaveTimeUp>(_ => Context.Stop(Self));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(PoolServices services) => Akka.Actor.Props.Create(() => new ServerEntityActor(services));

    // Members

    private void OnJoin(JoinServer join)
    {
        if (_leaving)
        {
            Sender.Tell(new ServerMoves());
            return;
        }
        SetReceiveTimeout(null);
        if (_server is null)
            Claim(join);
        else if (!SameServer(_server, join.Settings))
            _log.Warning("The nodes have different settings for server {Server}; its one connection uses those of the node that came first, not of {Node}", _server.Name, Sender.Path);
        Add(Sender);
        if (_report is { } report)
            TellReport(Sender, report);
    }

    private void Add(IActorRef member)
    {
        if (_members.TryAdd(member, 0))
            Context.Watch(member);
    }

    private void OnResume(ResumeServer resume)
    {
        var wanted = resume.Attempts.ToHashSet();
        GiveUp(origin => origin.Member.Equals(Sender) && !wanted.Contains(origin.Id));
        Sender.Tell(new AttemptsGone([.. resume.Attempts.Where(id => !_byOrigin.ContainsKey(new Origin(Sender, id)))]));
        if (_report is { } report)
            TellReport(Sender, report, resume.Offers);
        if (_leaving)
            Sender.Tell(new ServerMoves());
        else
            // It may have been taken for gone when only the link to it was.
            Add(Sender);
    }

    private void Claim(JoinServer join)
    {
        _server = join.Settings;
        _intent = join.Intent;
        _log.Info("The connection of the cluster to server {Server} is on this node", _server.Name);
        StartCircuit();
    }

    private static bool SameServer(ServerSettings ours, ServerSettings theirs) => ours.Endpoint == theirs.Endpoint && ours.Args.SequenceEqual(theirs.Args);

    private void OnLeft(IActorRef member)
    {
        Context.Unwatch(member);
        GiveUp(origin => origin.Member.Equals(member));
        if (_members.Remove(member) && _members.Count == 0)
            AskToStop();
        OnReleased(member);
    }

    private void AskToStop()
    {
        if (!_leaving)
            Context.Parent.Tell(new Passivate(HandOver.Instance));
    }

    // Attempts: each node numbers its own, so they get numbers of ours

    private void OnAttempt(SharedAttempt attempt)
    {
        if (_circuit.IsNobody())
        {
            Sender.Tell(new AttemptEnded(attempt.Id, AttemptResult.NotSent(AttemptCause.NotConnected, "its connection is being started on another node")));
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

    private void GiveUp(Predicate<Origin> which)
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

    /// <summary>Stands in an attempt for the caller of another node.</summary>
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
        _circuit = Context.ActorOf(CircuitBreakerActor.Props(_server!, _services.Settings, _services.Connector, ejectionLimit: null, _services.NextSeed(), _intent));
        Context.WatchWith(_circuit, new CircuitDied());
    }

    private void OnCircuitDied()
    {
        // It has answered what it held; what is left was on its way to it.
        foreach (var id in _attempts.Keys.ToArray())
            OnEnded(new AttemptEnded(id, AttemptResult.Lost("the circuit of the server failed unexpectedly")));
        _circuit = ActorRefs.Nobody;
        if (_leaving)
        {
            StopIfDone();
            return;
        }
        _log.Error("The circuit of server {Server} died; it is started again", _server!.Name);
        StartCircuit();
    }

    private void OnOperate(OperateServer operate)
    {
        // Who is no member says it again once it is one, and what is said to one that leaves is said to the next.
        if (!_members.TryGetValue(Sender, out var last))
            return;
        if (!_leaving)
            Sender.Tell(new OperationHeard(operate.Number));
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
        var offered = _report?.Connection.Catalogue;
        _report = report;
        if (report.Connection.Catalogue is { } catalogue && !ReferenceEquals(catalogue, offered))
            _offers = new ServerOffers((_offers?.Number ?? 0) + 1, catalogue.Tools, catalogue.Resources, catalogue.Templates, catalogue.Prompts);
        foreach (var member in _members.Keys)
        {
            if (ReferenceEquals(report.Connection.Catalogue, offered))
                member.Tell(report);
            else
                TellReport(member, report);
        }
        StopIfDone();
    }

    private void TellReport(IActorRef member, ServerReport report, long knownOffers = 0)
    {
        member.Tell(report);
        if (_offers is { } offers && offers.Number != knownOffers)
            member.Tell(offers);
    }

    // Leaving

    private void OnHandOver()
    {
        if (_leaving)
            return;
        _leaving = true;
        _unreleased.UnionWith(_members.Keys);
        foreach (var member in _members.Keys)
            member.Tell(new ServerMoves());
        _circuit.Tell(CircuitCommand.Retire);
        Timers.StartSingleTimer(nameof(LeaveTimeUp), new LeaveTimeUp(), _services.Settings.DrainTimeout + (_services.Settings.CloseTimeout * 2));
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

    protected override void PreStart() => SetReceiveTimeout(NobodyCame);

    // Its members take it for what it was, and come again once it is gone.
    protected override void PostRestart(Exception reason)
    {
        _log.Error(reason, "What holds the connection of the cluster to a server failed unexpectedly; it is made anew");
        Context.Stop(Self);
    }

    // A circuit that fails is replaced (OnCircuitDied), as the pool does it.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(-1, -1, _ => Directive.Stop);

    protected override void PostStop()
    {
        foreach (var (_, origin) in _attempts)
            origin.Member.Tell(new AttemptEnded(origin.Id, AttemptResult.Lost("the connection was given up before it answered")));
        if (_server is { } server)
            _log.Info("The connection of the cluster to server {Server} left this node", server.Name);
    }
}
