using Akka.Actor;
using Akka.Event;
using McpActors.Calls;
using McpActors.Configuration;
using McpActors.Resilience;

namespace McpActors.Pool;

/// <summary>
/// The door of the pool: forwards calls to its <see cref="RouterActor"/>, has its <see cref="PoolCommands"/> carry out operators' commands
/// on its <see cref="PoolServers"/>, and sends subscribers the events. Each server has a <see cref="CircuitBreakerActor"/>, a child of this
/// actor, whose child is the server's connection.
/// <code>
///   Open ──ClosePool──▶ Draining ──no call in flight, or drain-timeout──▶ Disconnecting ──every connection closed, or time is up──▶ Closed
/// </code>
/// A crash while the pool closes ends in <c>Closed</c>: its calls and connections have ended with it.
/// </summary>
internal sealed class PoolActor : ReceiveActor, IWithTimers
{
    private sealed record DrainTimeUp : INoSerializationVerificationNeeded;
    private sealed record CloseTimeUp : INoSerializationVerificationNeeded;
    private sealed record RouterStopped : INoSerializationVerificationNeeded;

    private const string ShuttingDown = "the pool is shutting down";

    private readonly PoolServices _services;
    private readonly Subscribers _subscribers;
    private readonly SharedChanges _changes = new();
    private readonly PoolClock _clock = PoolClock.Of(Context.System);
    private readonly ClockTimer _drainTimer;
    private readonly ClockTimer _closeTimer;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    private PoolServers _servers = null!;
    private PoolCommands _commands = null!;
    private PoolCatalogue _catalogue = null!;
    private IActorRef _router = ActorRefs.Nobody;
    private IActorRef _nodes = ActorRefs.Nobody;

    public PoolActor(PoolServices services)
    {
        _services = services;
        _subscribers = services.Subscribers;
        _drainTimer = new ClockTimer(this, _clock, new DrainTimeUp());
        _closeTimer = new ClockTimer(this, _clock, new CloseTimeUp());
        Open();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(PoolServices services) => Akka.Actor.Props.Create(() => new PoolActor(services));

    private void Open()
    {
        Receive<PoolCall>(call => _router.Forward(call));
        Receive<PoolCommand>(_ => _services.RefusesCommandsOf(Sender), OnForbiddenCommand);
        Receive<PoolCommand>(command => _commands.Add(command, Sender));
        Receive<SharedChange>(change => _commands.Add(change, Sender));
        Receive<PoolCommands.Checked>(check => _commands.OnChecked(check));
        Receive<ServerReport>(report => _servers.OnReport(Sender, report, isClosing: false));
        Receive<PoolServers.CircuitDied>(died => _servers.OnCircuitDied(died.Circuit, isClosing: false));
        Receive<PoolServers.CircuitDue>(due => _servers.OnCircuitDue(due.Server));
        Receive<ServersRequested>(_ => SendServers(isClosing: false));
        Receive<ClosePool>(_ => BeginClosing());
        Always();
    }

    private void Draining()
    {
        Receive<CallsEnded>(_ => Disconnect());
        Receive<DrainTimeUp>(_ => OnDrainTimeUp());
        Receive<ServerReport>(report => _servers.OnReport(Sender, report, isClosing: true));
        Receive<PoolServers.CircuitDied>(died => _servers.OnCircuitDied(died.Circuit, isClosing: true));
        WhileClosing();
    }

    private void Disconnecting()
    {
        Receive<CloseTimeUp>(_ => OnCloseTimeUp());
        Receive<ServerReport>(OnReportWhileDisconnecting);
        Receive<PoolServers.CircuitDied>(OnCircuitDiedWhileDisconnecting);
        WhileClosing();
    }

    private void Closed()
    {
        Receive<ClosePool>(_ => Sender.Tell(PoolClosed.Instance));
        Receive<ServerReport>(report => _servers.OnReport(Sender, report, isClosing: true));
        Receive<PoolServers.CircuitDied>(died => _servers.OnCircuitDied(died.Circuit, isClosing: true));
        WhileClosing();
    }

    private void WhileClosing()
    {
        Receive<PoolCall>(PassOn);
        Receive<PoolCommand>(_ => Sender.Tell(new CommandRefused(ShuttingDown)));
        Receive<SharedChange>(_ => { });
        Receive<PoolCommands.Checked>(_ => { });
        Receive<ServersRequested>(_ => SendServers(isClosing: true));
        // The one reply goes to the first that asked; a late time limit or report of the router changes nothing.
        Receive<ClosePool>(_ => { });
        Receive<CallsEnded>(_ => { });
        Receive<PoolServers.CircuitDue>(_ => { });
        Always();
    }

    private void Always()
    {
        // Only a stop from outside ends a router. Its calls are answered; the pool starts again, with another one.
        Receive<RouterStopped>(_ => throw new InvalidOperationException("The router was stopped from outside the pool"));
        Receive<PassedOn>(passed => _router.Forward(passed.Call));
        Receive<CancelCall>(cancel => _router.Forward(cancel));
        Receive<CancelCallOf>(cancel => _router.Forward(cancel));
        Receive<GetPoolStatus>(query => _router.Forward(query));
        Receive<Explain>(query => _router.Forward(query));
        Receive<GetClusterStatus>(OnClusterQuery);
        Receive<ListTools>(_ => _catalogue.Answer(Sender, catalogue => catalogue.Tools));
        Receive<ListResources>(_ => _catalogue.Answer(Sender, catalogue => catalogue.Resources));
        Receive<ListPrompts>(_ => _catalogue.Answer(Sender, catalogue => catalogue.Prompts));
        Receive<ListGroups>(_ => _catalogue.Answer(Sender, catalogue => catalogue.Groups));
        Receive<PoolCatalogue.Merged>(merged => _catalogue.OnMerged(merged));
        Receive<ChangesReceived>(received => _commands.Add(received, Sender));
        Receive<LastChangeWanted>(_ => Sender.Tell(new LastChange(_changes.Last)));
        Receive<ReportsWanted>(_ => _servers.SendAllToNodes());
        Receive<SubscribeToPool>(subscribe => OnSubscribe(subscribe.Subscriber));
        Receive<UnsubscribeFromPool>(unsubscribe => OnUnsubscribe(unsubscribe.Subscriber));
        Receive<Terminated>(died => OnUnsubscribe(died.ActorRef));
        Receive<StatusFor>(status => _subscribers.SendSnapshot(status.Subscriber, status.Status));
        Receive<CallFailedOver>(moved => _subscribers.Tell(moved with { At = _clock.ToWallTime(moved.At) }));
        // The circuit first handles what the router sent it before.
        Receive<CircuitReleased>(released => released.Circuit.Tell(PoisonPill.Instance));
    }

    // Without a serializer of its own a message from another process has lost its values, and its reply cannot be sent.
    protected override bool AroundReceive(Receive receive, object message)
    {
        if (_services.ServesOtherProcesses || Sender is not IInternalActorRef { IsLocal: false })
            return base.AroundReceive(receive, message);
        _log.Warning(
            "{Message} from {Sender} in another process is dropped: add the package McpActors.Cluster and call WithMcpPoolMessages()",
            message.GetType().Name, Sender.Path);
        return true;
    }

    // Queries and subscriptions

    private void OnClusterQuery(GetClusterStatus query)
    {
        if (_services.Node is not null)
            _nodes.Forward(query);
        else
            Sender.Tell(LoneNode.Answer(query, [.. _servers.Registry.Serving.Select(server => (server.Name, server.Report))], Now));
    }

    private void OnSubscribe(IActorRef? subscriber)
    {
        if (subscriber is null || !_subscribers.TryAdd(subscriber))
            return;
        Context.Watch(subscriber);
        _router.Tell(new GetStatusFor(subscriber));
    }

    private void OnUnsubscribe(IActorRef? subscriber)
    {
        if (subscriber is null)
            return;
        Context.Unwatch(subscriber);
        _subscribers.Remove(subscriber);
    }

    // A restarted router has only its constructor arguments, so it asks for the current settings and servers.
    private void SendServers(bool isClosing)
    {
        _router.Tell(new SettingsChanged(_services.Settings));
        _servers.SendAllToRouter();
        if (isClosing)
            CloseRouter();
        _router.Tell(new ServersRestored());
    }

    private void OnForbiddenCommand(PoolCommand command)
    {
        _log.Warning(
            "{Command} from {Sender}, which is not known to be in this cluster or process, is refused",
            command.GetType().Name,
            Sender.Path);
        Sender.Tell(new CommandRefused(_services.Node is null
            ? "another system may call the pool, but not change or operate its servers; send commands within the pool's process"
            : "a system outside the cluster may call the pool, but not change or operate its servers; "
                + "to allow it, set mcp-actors.cluster.outside-commands = on on the nodes"));
    }

    // Closing

    private void BeginClosing()
    {
        _services.Closer = Sender;
        _commands.RefuseWaiting(ShuttingDown);
        CloseRouter();
        _drainTimer.Start(_services.Settings.DrainTimeout);
        Become(Draining);
    }

    private void CloseRouter()
    {
        _router.Tell(new CloseDoor());
        _router.Tell(new ReportCallsEnded());
    }

    // Another node can serve calls that came by message. In-process callers (ReplyRef) cannot be forwarded; the router refuses them.
    private void PassOn(PoolCall call)
    {
        if (Sender is not ReplyRef && _services.Node?.AnotherNode(_services.NextSeed()) is { } node)
            Context.ActorSelection(new RootActorPath(node) / Self.Path.Elements).Tell(new PassedOn(call), Sender);
        else
            _router.Forward(call);
    }

    private void OnDrainTimeUp()
    {
        if (_drainTimer.IsDue())
            Disconnect();
    }

    private void OnCloseTimeUp()
    {
        if (_closeTimer.IsDue())
            Finish();
    }

    private void Disconnect()
    {
        foreach (var circuit in _servers.Registry.Circuits)
            circuit.Tell(CircuitCommand.Close);
        _closeTimer.Start(_services.Settings.CloseTimeout * 2);
        Become(Disconnecting);
        FinishIfClosed();
    }

    private void OnReportWhileDisconnecting(ServerReport report)
    {
        _servers.OnReport(Sender, report, isClosing: true);
        FinishIfClosed();
    }

    private void OnCircuitDiedWhileDisconnecting(PoolServers.CircuitDied died)
    {
        _servers.OnCircuitDied(died.Circuit, isClosing: true);
        FinishIfClosed();
    }

    private void FinishIfClosed()
    {
        if (_servers.Registry.AreAllClosed)
            Finish();
    }

    private void Finish()
    {
        Timers.CancelAll();
        _services.Closer!.Tell(PoolClosed.Instance);
        Become(Closed);
    }

    // Lifecycle

    /// <summary>For people and the other nodes.</summary>
    private DateTimeOffset Now => _clock.WallTime;

    protected override void PreStart()
    {
        foreach (var problem in ProxyVariables.Problems(Environment.GetEnvironmentVariable))
            _log.Warning("The environment variable {Variable} {Problem}", problem.Path, problem.Message);
        _router = Context.ActorOf(RouterActor.Props(_services.Settings, _services.Strategies, _services.Seed), "router");
        Context.WatchWith(_router, new RouterStopped());
        if (_services.Node is { } node)
        {
            // Before the servers, which may have any name.
            _nodes = Context.ActorOf(node.Nodes, "nodes");
            _changes.Target = Context.ActorOf(node.SharedSettings, "shared-settings");
        }
        _catalogue = new PoolCatalogue(
            Self, () => [.. _servers.Registry.Serving.Select(server => server.CatalogueSource)]);
        _servers = new PoolServers(Context, _services, _router, _nodes, _catalogue, _log);
        _commands = new PoolCommands(Self, _services, _servers, _changes, _router, _clock, _log);
        if (_services.Closer is null)
        {
            _servers.StartAll();
        }
        else
        {
            CloseRouter();
            Finish();
        }
        // After a crash each subscriber first gets the pool's status again.
        foreach (var subscriber in _subscribers.TakeAll())
            OnSubscribe(subscriber);
    }

    protected override void PostStop() =>
        _commands?.RefuseWaiting("the pool stopped or failed unexpectedly; look at its status, then repeat");

    // The router answers its calls and starts again, the nodes report again, shared changes are read again; a crashed circuit is replaced.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(-1, -1, DirectiveFor);

    private Directive DirectiveFor(Exception fault)
    {
        // A message of anybody, and no fault of the router: it goes on with its calls.
        if (fault is ActorKilledException && Sender.Equals(_router))
            return Directive.Resume;
        return _servers.Registry.TryFind(Sender, out PooledServer? _) ? Directive.Stop : Directive.Restart;
    }
}
