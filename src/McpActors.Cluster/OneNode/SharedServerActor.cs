using System.Collections.Frozen;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;

namespace McpActors.Clustering.OneNode;

/// <summary>
/// Stands in the pool of one node for a server whose one connection may be on another: takes the place of its <see cref="CircuitBreakerActor"/> and speaks with
/// the pool and the router as that does. Circuit, bulkhead and connection are with the <see cref="ServerEntityActor"/>, whose member this is. Each
/// <see cref="StartAttempt"/> is answered once with <see cref="AttemptEnded"/>, also when the node that has the connection dies. When only the link to it broke,
/// both find out over the next one what was lost (<see cref="ResumeServer"/>).
/// <code>
///   Joining ──first report──▶ Joined ──ServerMoves──▶ Moving ──the entity stopped──▶ Joining (attempts wait for the new connection)
///      ▲                        │
///      └──── its node died ─────┘        any ──Retire, Close──▶ Left
/// </code>
/// </summary>
internal sealed class SharedServerActor : ReceiveActor, IWithTimers
{
    private sealed record JoinDue : INoSerializationVerificationNeeded;

    private sealed record Taken(StartAttempt Attempt, IActorRef ReplyTo)
    {
        /// <summary>It waits here for the connection to arrive on its new node.</summary>
        public bool Waits { get; set; }

        /// <summary>What was said of it after it was sent.</summary>
        public CancelAttempt? Cancel { get; set; }
    }

    /// <summary>The shard keeps what is sent to it while it has no node; what it lost is asked again after this.</summary>
    private static readonly TimeSpan JoinInterval = TimeSpan.FromSeconds(2);

    private readonly ServerSettings _server;
    private readonly string _entityId;
    private readonly IActorRef _shards;
    private readonly int _maxWaiting;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly Dictionary<long, Taken> _attempts = [];

    // What operators said and no connection has confirmed: the way to it may be broken, or it may be made for a node that does not know of it yet.
    private readonly List<OperateServer> _unconfirmed = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();

    private OperatorIntent _intent;
    private IActorRef _entity = ActorRefs.Nobody;
    private IActorRef _lastEntity = ActorRefs.Nobody;
    private ServerReport _report = new(new ConnectionReport { Status = ServerStatus.Connecting }, CircuitState.Closed, "", null, false);
    private ServerCatalogue? _catalogue;
    private long _offers;
    private SharedSession? _session;
    private long _lastOperation;
    private int _waiting;
    private bool _unreachable;

    // The connection is on its way from one node to another and will be there in a moment: what comes meanwhile waits for it.
    private bool _moves;

    // The entity is the old one, to which nothing more is sent.
    private bool _released;

    public SharedServerActor(ServerSettings server, PoolSettings pool, string entityId, IActorRef shards, OperatorIntent intent)
    {
        _server = server;
        _entityId = entityId;
        _shards = shards;
        _intent = intent;
        _maxWaiting = (server.MaxInFlight ?? pool.MaxInFlight) + (server.MaxQueue ?? pool.MaxQueue);
        Joining();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ServerSettings server, PoolSettings pool, string entityId, IActorRef shards, OperatorIntent intent) =>
        Akka.Actor.Props.Create(() => new SharedServerActor(server, pool, entityId, shards, intent));

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
        Receive<ServerReport>(OnReport);
        Receive<ServerOffers>(OnOffers);
        Receive<ServerMoves>(moves => Sender.Equals(_entity), _ => OnMoves());
        InAnyState();
    }

    private void Moving()
    {
        Receive<StartAttempt>(OnAttemptWithoutConnection);
        Receive<AttemptEnded>(OnEndedWhileMoving);
        Receive<ServerMoves>(moves => Sender.Equals(_entity), _ => Sender.Tell(new ServerReleased()));
        InAnyState();
    }

    private void Left()
    {
        Receive<StartAttempt>(attempt => Sender.Tell(NotSent(attempt.Id, AttemptCause.Draining, "the server was taken out of the pool")));
        Receive<AttemptEnded>(ended =>
        {
            OnEnded(ended);
            ReportLeftIfDone();
        });
        Receive<ServerMoves>(_ => Sender.Tell(new ServerReleased()));
        Receive<Terminated>(died => died.ActorRef.Equals(_entity), _ =>
        {
            EndAll("the node that had its connection is gone");
            ReportLeftIfDone();
        });
        InAnyState();
    }

    private void InAnyState()
    {
        Receive<AttemptProgressed>(progressed => Find(progressed.AttemptId)?.ReplyTo.Tell(progressed));
        Receive<SharedProgress>(progress => Find(progress.AttemptId)?.Attempt.ProgressTo?.Tell(progress.Progress));
        Receive<UnsendableAttempt>(unsendable => Self.Tell(new AttemptEnded(
            unsendable.AttemptId, new AttemptResult(AttemptOutcome.Rejected) { Cause = AttemptCause.ResultTooLarge, Error = unsendable.Problem })));
        Receive<CancelAttempt>(OnCancel);
        Receive<CircuitCommand>(OnCircuitCommand);
        Receive<ConnectionCommand>(OnConnectionCommand);
        Receive<OperatorIntent>(OnIntent);
        Receive<Terminated>(died => died.ActorRef.Equals(_entity), _ => OnEntityGone());
        Receive<ClusterEvent.UnreachableMember>(unreachable => OnReachability(unreachable.Member, true));
        Receive<ClusterEvent.ReachableMember>(reachable => OnReachability(reachable.Member, false));
        Receive<AssociatedEvent>(linked => linked.RemoteAddress.Equals(_entity.Path.Address), _ => Resume());
        Receive<AttemptsGone>(gone => Sender.Equals(_entity), gone => OnAttemptsGone(gone.Attempts));
        Receive<OperationHeard>(heard => Sender.Equals(_entity), heard => _unconfirmed.RemoveAll(operation => operation.Number <= heard.Number));
        Receive<GetLoad>(_ => Sender.Tell(new CircuitLoad(_attempts.Count - _waiting, _attempts.Count - _waiting, _waiting)));
        // Late news of an entity that is no more ours, and of one that leaves as this one joins: it is asked again.
        ReceiveAny(_ => { });
    }

    // Where the connection is

    private void Join()
    {
        _shards.Tell(new JoinServer(_entityId, _server, _intent));
        Timers.StartSingleTimer(nameof(JoinDue), new JoinDue(), JoinInterval);
    }

    private void OnFirstReport(ServerReport report)
    {
        Timers.Cancel(nameof(JoinDue));
        _entity = Sender;
        _unreachable = _cluster.State.Unreachable.Any(member => member.Address.Equals(_entity.Path.Address));
        (_catalogue, _offers) = (null, 0);
        // Another connection, even if its node happens to have given it the number that the last one had on its own.
        _session = null;
        Context.Watch(_entity);
        Become(Joined);
        // It was taken for gone when only the link to it was: what it still runs for this node nobody waits for.
        if (_entity.Equals(_lastEntity))
            Resume();
        else
            SayUnconfirmed();
        OnReport(report);
        if (_unreachable)
            TellUnreachable();
    }

    private void OnReport(ServerReport report)
    {
        if (!Sender.Equals(_entity))
            return;
        _report = report;
        if (!_unreachable)
            TellPool();
        // The connection of the new node is up, or will not be soon.
        if (_moves && report.Connection.Status != ServerStatus.Connecting)
            EndMove();
    }

    private void OnOffers(ServerOffers offers)
    {
        if (!Sender.Equals(_entity))
            return;
        _offers = offers.Number;
        _catalogue = new ServerCatalogue(
            offers.Tools.ToFrozenDictionary(StringComparer.Ordinal),
            offers.Resources.ToFrozenDictionary(StringComparer.Ordinal),
            offers.Templates.ToFrozenDictionary(StringComparer.Ordinal),
            offers.Prompts.ToFrozenDictionary(StringComparer.Ordinal));
        if (!_unreachable)
            TellPool();
    }

    private void OnMoves()
    {
        _log.Info("The connection to server {Server} moves away from {Node}; calls wait for it", _server.Name, NodeName.Of(HolderOf(_entity)));
        _moves = _released = true;
        _entity.Tell(new ServerReleased());
        Become(Moving);
        // Attempts are welcome, they wait.
        TellPool(_report with { Connection = _report.Connection with { Status = ServerStatus.Connecting } });
    }

    private void EndMove()
    {
        _moves = false;
        _waiting = 0;
        foreach (var taken in _attempts.Values.Where(taken => taken.Waits).ToArray())
        {
            taken.Waits = false;
            if (_report.Connection.Status == ServerStatus.Connected && !_unreachable)
            {
                Send(taken);
            }
            else
            {
                _attempts.Remove(taken.Attempt.Id);
                taken.ReplyTo.Tell(NotSent(taken.Attempt.Id, AttemptCause.NotConnected, _report.Connection.Reason ?? "its connection moved to another node and could not be made there"));
            }
        }
    }

    private void OnEntityGone()
    {
        var holder = NodeName.Of(HolderOf(_entity));
        (_lastEntity, _entity) = (_entity, ActorRefs.Nobody);
        // One that moves says so first; without a word its node died, and nobody knows how long it takes until another has it.
        var moved = _released;
        var why = moved ? $"its connection left {holder} before it answered" : $"the node that had its connection, {holder}, is gone; another takes it over";
        foreach (var (id, taken) in _attempts.Where(attempt => !attempt.Value.Waits).ToArray())
        {
            _attempts.Remove(id);
            taken.ReplyTo.Tell(new AttemptEnded(id, Lost(why)));
        }
        if (!moved)
        {
            _report = _report with { Connection = Broken(why) };
            EndMove();
            TellPool();
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
        if (unreachable)
            TellUnreachable();
        else
            TellPool();
    }

    // There is a new link to the node that has the connection: what was under way on the old one, in either direction, is lost.
    private void Resume()
    {
        var sent = _attempts.Where(attempt => !attempt.Value.Waits).ToArray();
        _entity.Tell(new ResumeServer([.. sent.Select(attempt => attempt.Key)], _offers));
        foreach (var cancel in sent.Select(attempt => attempt.Value.Cancel).OfType<CancelAttempt>())
            _entity.Tell(cancel);
        if (!_released)
            SayUnconfirmed();
    }

    private void OnAttemptsGone(IReadOnlyList<long> attempts)
    {
        foreach (var id in attempts)
            Self.Tell(new AttemptEnded(id, Lost($"the link to the node that has its connection, {NodeName.Of(HolderOf(_entity))}, broke before it answered")));
    }

    private void TellUnreachable() =>
        TellPool(_report with { Connection = Broken($"the node that has its connection, {NodeName.Of(HolderOf(_entity))}, cannot be reached") });

    private ConnectionReport Broken(string why) =>
        _report.Connection with { Status = ServerStatus.Error, Resuming = false, Closed = false, Reason = why, LastError = why, LastErrorAt = Now, NextReconnect = null };

    // Attempts

    private void OnAttempt(StartAttempt attempt)
    {
        if (_moves)
        {
            OnAttemptWithoutConnection(attempt);
            return;
        }
        if (_unreachable)
        {
            Sender.Tell(NotSent(attempt.Id, AttemptCause.NotConnected, $"the node that has its connection, {NodeName.Of(HolderOf(_entity))}, cannot be reached"));
            return;
        }
        var taken = new Taken(attempt, Sender);
        _attempts.Add(attempt.Id, taken);
        Send(taken);
    }

    private void OnAttemptWithoutConnection(StartAttempt attempt)
    {
        if (!_moves)
            Sender.Tell(NotSent(attempt.Id, AttemptCause.NotConnected, _report.Connection.Reason ?? "its connection is being made on one of the nodes"));
        else if (_waiting >= _maxWaiting)
            Sender.Tell(NotSent(attempt.Id, AttemptCause.Overloaded, $"{_waiting} calls wait for its connection, which moves to another node"));
        else
            Wait(new Taken(attempt, Sender));
    }

    private void Wait(Taken taken)
    {
        taken.Waits = true;
        _waiting++;
        _attempts[taken.Attempt.Id] = taken;
    }

    private void Send(Taken taken)
    {
        var attempt = taken.Attempt;
        if (attempt.OnSession is { } session && session != _session?.Ours)
        {
            _attempts.Remove(attempt.Id);
            taken.ReplyTo.Tell(new AttemptEnded(attempt.Id, new AttemptResult(AttemptOutcome.Refused)
            {
                Cause = AttemptCause.SessionLost,
                Error = "the session that the call belongs to is gone",
            }));
            return;
        }
        _entity.Tell(new SharedAttempt(attempt.Id, attempt.Request, attempt.Deadline - Now, attempt.CallId)
        {
            OnSession = attempt.OnSession is null ? null : _session!.Theirs,
            Forced = attempt.Forced,
            WatchProgress = attempt.WatchProgress,
            WantsProgress = attempt.ProgressTo is not null,
            Trace = attempt.Trace?.Context ?? default,
        });
    }

    private void OnEnded(AttemptEnded ended)
    {
        if (_attempts.Remove(ended.AttemptId, out var taken))
            taken.ReplyTo.Tell(ended);
    }

    private void OnEndedWhileMoving(AttemptEnded ended)
    {
        // It came too late for the old connection, which turned it away: it waits for the new one like all others.
        if (ended.Result is { Outcome: AttemptOutcome.NotSent, Cause: AttemptCause.Draining or AttemptCause.NotConnected }
            && Find(ended.AttemptId) is { Waits: false, Cancel: null, Attempt.OnSession: null } taken)
        {
            Wait(taken);
            return;
        }
        OnEnded(ended);
    }

    private void OnCancel(CancelAttempt cancel)
    {
        if (Find(cancel.AttemptId) is not { } taken)
            return;
        if (!taken.Waits)
        {
            taken.Cancel = cancel;
            _entity.Tell(cancel);
            return;
        }
        _attempts.Remove(cancel.AttemptId);
        _waiting--;
        taken.ReplyTo.Tell(new AttemptEnded(cancel.AttemptId, cancel.Reason == CancelReason.Caller
            ? new AttemptResult(AttemptOutcome.Cancelled) { Error = "cancelled by the caller" }
            : AttemptResult.NotSent(AttemptCause.TimedOut, "its connection was not yet on its new node in the time given to this attempt")));
    }

    private Taken? Find(long id) => _attempts.GetValueOrDefault(id);

    private static AttemptResult Lost(string why) => AttemptResult.Lost(why, AttemptCause.ConnectionLost) with { Failed = null };

    private static AttemptEnded NotSent(long id, AttemptCause cause, string why) => new(id, AttemptResult.NotSent(cause, why));

    // Commands

    private void OnCircuitCommand(CircuitCommand command)
    {
        if (command == CircuitCommand.Retire)
        {
            Leave();
        }
        else if (command == CircuitCommand.Close)
        {
            EndAll("the pool was closed");
            Leave();
        }
        else
        {
            _intent = _intent.After(command);
            Operate(command, null);
        }
    }

    private void OnConnectionCommand(ConnectionCommand command)
    {
        _intent = _intent.After(command);
        // A connection that is not there yet needs no look whether it is.
        if (command != ConnectionCommand.Probe || !_entity.IsNobody())
            Operate(null, command);
    }

    private void Operate(CircuitCommand? circuit, ConnectionCommand? connection)
    {
        var operation = new OperateServer(++_lastOperation, circuit, connection);
        _unconfirmed.Add(operation);
        if (!_entity.IsNobody() && !_released)
            _entity.Tell(operation);
    }

    private void SayUnconfirmed()
    {
        foreach (var operation in _unconfirmed)
            _entity.Tell(operation);
    }

    // Said later than what is unconfirmed here, on another node, which tells the connection.
    private void OnIntent(OperatorIntent intent)
    {
        _intent = intent;
        _unconfirmed.Clear();
    }

    // Leaving: the connection stays for the other nodes

    private void Leave()
    {
        Timers.Cancel(nameof(JoinDue));
        foreach (var taken in _attempts.Values.Where(taken => taken.Waits).ToArray())
        {
            _attempts.Remove(taken.Attempt.Id);
            taken.ReplyTo.Tell(NotSent(taken.Attempt.Id, AttemptCause.Draining, "the server was taken out of the pool"));
        }
        _waiting = 0;
        _moves = false;
        Become(Left);
        if (!ReportLeftIfDone())
            TellPool(_report with { Draining = true });
    }

    private bool ReportLeftIfDone()
    {
        if (_attempts.Count > 0)
            return false;
        if (!_entity.IsNobody())
        {
            Context.Unwatch(_entity);
            _entity.Tell(new LeaveServer());
            _entity = ActorRefs.Nobody;
        }
        TellPool(_report with { Draining = true, Connection = _report.Connection with { Status = ServerStatus.Disconnected, Closed = true, Resuming = false, Reason = null, NextReconnect = null } });
        return true;
    }

    private void EndAll(string why)
    {
        foreach (var taken in _attempts.Values)
        {
            taken.ReplyTo.Tell(new AttemptEnded(taken.Attempt.Id, taken.Waits
                ? AttemptResult.NotSent(AttemptCause.Draining, why)
                : AttemptResult.Lost(why) with { Failed = null }));
        }
        _attempts.Clear();
        _waiting = 0;
    }

    // Reports and lifecycle

    private void TellPool() => TellPool(_report);

    private void TellPool(ServerReport report)
    {
        if (_moves && report.Connection.Status == ServerStatus.Connecting)
            report = report with { Connection = report.Connection with { Resuming = true } };
        var session = report.Connection.Session;
        if (session != _session?.Theirs)
            _session = session is { } theirs ? new SharedSession(theirs, ConnectionSessions.Next()) : null;
        Context.Parent.Tell(report with
        {
            Connection = report.Connection with { Catalogue = _catalogue, Session = _session?.Ours },
            HeldBy = _entity.IsNobody() ? null : HolderOf(_entity),
        });
    }

    private Address HolderOf(IActorRef entity) => entity.Path.Address.HasLocalScope ? _cluster.SelfAddress : entity.Path.Address;

    private static DateTimeOffset Now => Context.System.Scheduler.Now;

    /// <summary>Nodes number sessions each for themselves; here it has a number of ours.</summary>
    private sealed record SharedSession(long Theirs, long Ours);

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IReachabilityEvent));
        Context.System.EventStream.Subscribe(Self, typeof(AssociatedEvent));
        TellPool();
        Join();
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        Context.System.EventStream.Unsubscribe(Self);
        EndAll("the server was taken out of the pool");
        _entity.Tell(new LeaveServer());
    }
}
