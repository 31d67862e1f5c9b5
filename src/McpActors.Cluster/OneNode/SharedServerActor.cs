using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;
using McpActors.Clustering.Senders;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Resilience;

namespace McpActors.Clustering.OneNode;

/// <summary>
/// Represents, in the pool of one node, a server whose single connection may be on another node. It takes the place of the
/// <see cref="CircuitBreakerActor"/> and exchanges the same messages with the pool and the router. Circuit, bulkhead and connection belong
/// to the <see cref="ServerEntityActor"/>, of which this actor is a member. Each <see cref="StartAttempt"/> is answered once with
/// <see cref="AttemptEnded"/>, also when the node of the connection dies. When only the link to it breaks, both sides find out over the
/// next one what was lost (<see cref="ResumeServer"/>).
/// <code>
///   Joining ──first report──▶ Joined ──ServerMoving──▶ Moving ──entity terminated──▶ Joining (attempts wait for the new connection)
///      ▲                        │
///      └── entity terminated ───┘        any ──Retire, Close──▶ Left
/// </code>
/// </summary>
internal sealed class SharedServerActor : ReceiveActor, IWithTimers
{
    private sealed record JoinDue : INoSerializationVerificationNeeded;

    /// <summary>A shard region buffers messages while its shard has no node, but may drop them: join again after this.</summary>
    private static readonly TimeSpan JoinInterval = TimeSpan.FromSeconds(2);

    private readonly ServerSettings _server;
    private readonly string _entityId;
    private readonly OneNodeServers _servers;
    private readonly IActorRef _shards;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly SharedAttempts _attempts;
    private readonly OperatorCommands _commands;
    private readonly ReportTranslation _translation = new(ConnectionSessions.Next);
    private readonly PoolClock _clock = PoolClock.Of(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();

    private IActorRef _entity = ActorRefs.Nobody;
    private IActorRef _lastEntity = ActorRefs.Nobody;
    private ServerReport _report = SharedServerReports.Initial;
    private bool _unreachable; // The cluster cannot reach the node of the entity.
    private bool _moving; // The connection is moving to another node and will soon be there: new attempts wait for it.
    // The entity is about to stop, and this actor has confirmed that it sends nothing more to it.
    private bool _released;

    public SharedServerActor(KnownServer server, PoolSettings pool, OneNodeServers servers, IActorRef shards, OperatorIntent intent)
    {
        (_server, _entityId, _servers, _shards) = (server.Settings, ServerShards.EntityOf(server), servers, shards);
        _commands = new OperatorCommands(intent);
        _attempts = new SharedAttempts((_server.MaxInFlight ?? pool.MaxInFlight) + (_server.MaxQueue ?? pool.MaxQueue));
        Joining();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(KnownServer server, PoolSettings pool, OneNodeServers servers, IActorRef shards, OperatorIntent intent) =>
        Akka.Actor.Props.Create(() => new SharedServerActor(server, pool, servers, shards, intent));

    protected override bool AroundReceive(Receive receive, object message) =>
        !FromAnotherNode.TryOpen(Context.System, Sender, _entity, ref message) || base.AroundReceive(receive, message);

    // Behaviours

    private void Joining()
    {
        Receive<StartAttempt>(OnAttemptWithoutConnection);
        Receive<JoinDue>(_ => Join());
        Receive<ServerReport>(OnFirstReport);
        InAnyState();
    }

    private void Joined()
    {
        Receive<StartAttempt>(OnAttempt);
        Receive<AttemptEnded>(OnEnded);
        Receive<ServerReport>(_ => Sender.Equals(_entity), OnReport);
        Receive<SharedCatalogue>(_ => Sender.Equals(_entity), OnCatalogue);
        Receive<ServerMoving>(_ => Sender.Equals(_entity), _ => OnMoving());
        InAnyState();
    }

    private void Moving()
    {
        Receive<StartAttempt>(OnAttemptWithoutConnection);
        Receive<AttemptEnded>(OnEndedWhileMoving);
        Receive<ServerMoving>(_ => Sender.Equals(_entity), _ => Sender.Tell(new ServerReleased()));
        InAnyState();
    }

    private void Left()
    {
        Receive<StartAttempt>(attempt => Sender.Tell(new AttemptEnded(attempt.Id, SharedAttemptResults.Removed)));
        Receive<AttemptEnded>(ended =>
        {
            OnEnded(ended);
            LeaveIfDone();
        });
        Receive<ServerMoving>(_ => Sender.Tell(new ServerReleased()));
        Receive<Terminated>(terminated => terminated.ActorRef.Equals(_entity), _ =>
        {
            EndAll("the node that had its connection is gone");
            LeaveIfDone();
        });
        InAnyState();
    }

    private void InAnyState()
    {
        Receive<AttemptProgressed>(progressed => _attempts.Find(progressed.AttemptId)?.ReplyTo.Tell(progressed));
        Receive<SharedProgress>(progress => _attempts.Find(progress.AttemptId)?.Attempt.ProgressTo?.Tell(progress.Progress));
        Receive<UnsendableAttempt>(unsendable =>
            Self.Tell(new AttemptEnded(unsendable.AttemptId, SharedAttemptResults.TooLarge(unsendable.Problem))));
        Receive<CancelAttempt>(OnCancel);
        Receive<ForgetAttempt>(forget => Self.Tell(new AttemptEnded(forget.AttemptId, AttemptResult.Forgotten)));
        Receive<CircuitCommand>(OnCircuitCommand);
        Receive<ConnectionCommand>(OnConnectionCommand);
        Receive<OperatorIntent>(_commands.Replace);
        Receive<Terminated>(terminated => terminated.ActorRef.Equals(_entity), _ => OnEntityTerminated());
        Receive<ClusterEvent.UnreachableMember>(unreachable => OnReachability(unreachable.Member, true));
        Receive<ClusterEvent.ReachableMember>(reachable => OnReachability(reachable.Member, false));
        Receive<AssociatedEvent>(linked => linked.RemoteAddress.Equals(_entity.Path.Address), _ => Resume());
        Receive<AttemptsLost>(_ => Sender.Equals(_entity), OnAttemptsLost);
        Receive<OperationConfirmed>(_ => Sender.Equals(_entity), confirmed => _commands.Confirm(confirmed.Number));
        Receive<GetLoad>(_ => Sender.Tell(new CircuitLoad(_attempts.SentCount, _attempts.SentCount, _attempts.WaitingCount)));
        ReceiveAny(_ => { }); // Late messages of a previous entity, and of one that stops while this actor joins it; JoinDue joins again.
    }

    // Where the connection is

    private void Join()
    {
        _shards.Tell(new JoinServer(_entityId, _commands.Intent));
        Timers.StartSingleTimer(nameof(JoinDue), new JoinDue(), JoinInterval);
    }

    private void OnFirstReport(ServerReport report)
    {
        Timers.Cancel(nameof(JoinDue));
        _entity = Sender;
        _unreachable = _cluster.State.Unreachable.Any(member => member.Address.Equals(_entity.Path.Address));
        _translation.Reset();
        Context.Watch(_entity);
        Become(Joined);
        // The same entity again: its node was considered dead when only the link was broken. It may still run attempts that ended here.
        if (_entity.Equals(_lastEntity))
            Resume();
        else
            SendUnconfirmed();
        OnReport(report);
        if (_unreachable)
            Report();
    }

    private void OnReport(ServerReport report)
    {
        _report = report.WithTimes(_clock.FromWallTime);
        if (!_unreachable)
            Report();
        if (_moving && report.Connection.Status != ServerStatus.Connecting)
            EndMove();
    }

    private void OnCatalogue(SharedCatalogue catalogue)
    {
        if (_translation.SetCatalogue(catalogue) && catalogue.Problem is { } problem)
            _log.Warning("What server {Server} offers is not known on this node: {Problem}", _server.Name, problem);
        if (!_unreachable)
            Report();
    }

    private void OnMoving()
    {
        _log.Info("The connection to server {Server} moves away from {Node}; calls wait for it", _server.Name, NodeOfEntity);
        _moving = _released = true;
        _entity.Tell(new ServerReleased());
        Become(Moving);
        Report(_report.Connecting());
    }

    private void EndMove()
    {
        _moving = false;
        var canSend = _report.Connection.Status == ServerStatus.Connected && !_unreachable;
        foreach (var waiting in _attempts.TakeWaiting())
        {
            if (canSend)
                Send(waiting);
            else
                waiting.End(SharedAttemptResults.NotConnected(_report, "its connection moved to another node and could not be made there"));
        }
    }

    private void OnEntityTerminated()
    {
        var node = NodeOfEntity;
        (_lastEntity, _entity) = (_entity, ActorRefs.Nobody);
        // An entity that moves announces it. Otherwise its node died, and it is unknown when another node takes over.
        var why = _released
            ? $"its connection left {node} before it answered"
            : $"the node that had its connection, {node}, is gone; another takes it over";
        _attempts.EndSent(SharedAttemptResults.Lost(why));
        if (!_released)
        {
            _report = _report.Failed(why, _clock.WallTime);
            EndMove();
            Report(_report);
        }
        _unreachable = _released = false;
        Become(Joining);
        Join();
    }

    private void OnReachability(Member member, bool unreachable)
    {
        if (!member.Address.Equals(_entity.Path.Address))
            return;
        _unreachable = unreachable;
        Report();
    }

    /// <summary>There is a new link to the node of the entity: messages on the old one, in both directions, may be lost.</summary>
    private void Resume()
    {
        // The entity cancels those that the message does not name.
        _attempts.EndSentBeyond(ResumeServer.MostAttempts, SharedAttemptResults.LinkBroke(NodeOfEntity));
        var sent = _attempts.Sent;
        _entity.Tell(new ResumeServer([.. sent.Select(attempt => attempt.Id)], _translation.CatalogueNumber));
        foreach (var cancel in sent.Select(attempt => attempt.Cancel).OfType<CancelAttempt>())
            _entity.Tell(cancel);
        SendUnconfirmed();
    }

    private void OnAttemptsLost(AttemptsLost lost)
    {
        // Through the mailbox, so that each state handles the end of an attempt in its own way.
        foreach (var id in lost.Attempts)
            Self.Tell(new AttemptEnded(id, SharedAttemptResults.LinkBroke(NodeOfEntity)));
    }

    // Attempts

    private void OnAttempt(StartAttempt attempt)
    {
        if (_moving)
            OnAttemptWithoutConnection(attempt);
        else if (_unreachable)
            Sender.Tell(new AttemptEnded(attempt.Id, SharedAttemptResults.Unreachable(NodeOfEntity)));
        else
            Send(new SharedAttemptEntry(attempt, Sender));
    }

    private void OnAttemptWithoutConnection(StartAttempt attempt)
    {
        var entry = new SharedAttemptEntry(attempt, Sender);
        if (!_moving)
            entry.End(SharedAttemptResults.NotConnected(_report, "its connection is being made on one of the nodes"));
        else if (!_attempts.TryAddWaiting(entry))
            entry.End(SharedAttemptResults.TooManyWaiting(_attempts.WaitingCount));
    }

    private void Send(SharedAttemptEntry entry)
    {
        var attempt = entry.Attempt;
        if (!_translation.TryTranslateSession(attempt.OnSession, out var session))
        {
            entry.End(AttemptResult.SessionGone);
            return;
        }
        _attempts.AddSent(entry);
        _entity.Tell(SharedAttempt.Of(attempt, session, _clock.Now));
    }

    private void OnEnded(AttemptEnded ended) => _attempts.Take(ended.AttemptId)?.End(ended.Result);

    private void OnEndedWhileMoving(AttemptEnded ended)
    {
        // The old connection refused it because it came too late: it waits for the new one.
        var refused = ended.Result is { Outcome: AttemptOutcome.NotSent, Cause: AttemptCause.Draining or AttemptCause.NotConnected };
        if (!refused || !_attempts.TryReturnToWaiting(ended.AttemptId))
            OnEnded(ended);
    }

    private void OnCancel(CancelAttempt cancel)
    {
        var entry = _attempts.Cancel(cancel);
        if (entry is { IsWaiting: true })
            entry.End(SharedAttemptResults.CancelledWhileWaiting(cancel.Reason));
        else if (entry is not null)
            _entity.Tell(cancel);
    }

    // Commands

    private void OnCircuitCommand(CircuitCommand command)
    {
        if (command == CircuitCommand.Close)
            EndAll("the pool was closed");
        if (command is CircuitCommand.Close or CircuitCommand.Retire)
            Leave();
        else
            Send(_commands.Add(command));
    }

    private void OnConnectionCommand(ConnectionCommand command)
    {
        // Without a connection there is nothing to probe.
        if (command != ConnectionCommand.Probe || !_entity.IsNobody())
            Send(_commands.Add(command));
    }

    private void SendUnconfirmed()
    {
        foreach (var operation in _commands.Unconfirmed)
            Send(operation);
    }

    private void Send(OperateServer operation)
    {
        if (!_entity.IsNobody() && !_released)
            _entity.Tell(operation);
    }

    // Leaving: the connection stays for the other nodes

    private void Leave()
    {
        Timers.Cancel(nameof(JoinDue));
        _attempts.EndWaiting(SharedAttemptResults.Removed);
        _moving = false;
        Become(Left);
        if (!LeaveIfDone())
            Report(_report with { Draining = true });
    }

    private bool LeaveIfDone()
    {
        if (_attempts.Count > 0)
            return false;
        if (!_entity.IsNobody())
        {
            Context.Unwatch(_entity);
            _entity.Tell(new LeaveServer());
            _entity = ActorRefs.Nobody;
        }
        Report(_report.Left());
        return true;
    }

    private void EndAll(string why)
    {
        _attempts.EndWaiting(AttemptResult.NotSent(AttemptCause.Draining, why));
        _attempts.EndSent(AttemptResult.Lost(why) with { Failed = null });
    }

    // Reports

    private void Report() => Report(_unreachable
        ? _report.Failed($"the node that has its connection, {NodeOfEntity}, cannot be reached", _clock.WallTime)
        : _report);

    private void Report(ServerReport report) => Context.Parent.Tell(
        _translation.Translate(_moving ? report.AcceptingWhileConnecting() : report, _entity.IsNobody() ? null : AddressOfEntity));

    private Address AddressOfEntity => _entity.Path.Address is { HasLocalScope: false } address ? address : _cluster.SelfAddress;
    private string NodeOfEntity => NodeName.Of(AddressOfEntity);

    // Lifecycle

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IReachabilityEvent));
        Context.System.EventStream.Subscribe(Self, typeof(AssociatedEvent));
        _servers.Add(_entityId, _server);
        Report(_report);
        Join();
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        Context.System.EventStream.Unsubscribe(Self);
        _servers.Remove(_entityId);
        EndAll("the server was taken out of the pool");
        _entity.Tell(new LeaveServer());
    }
}
