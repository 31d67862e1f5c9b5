using Akka.Actor;
using Akka.Event;
using McpActors.Calls;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;

namespace McpActors.Pool;

/// <summary>
/// The door of the pool: forwards calls to its <see cref="RouterActor"/>, carries out operators' commands on its <see cref="PoolServers"/>,
/// and sends subscribers the events. Each server has a <see cref="CircuitBreakerActor"/>, a child of this actor, whose child is the
/// server's connection.
/// <code>
///   Open ──ClosePool──▶ Draining ──no call in flight, or drain-timeout──▶ Disconnecting ──every connection closed, or time is up──▶ Closed
/// </code>
/// </summary>
internal sealed class PoolActor : ReceiveActor, IWithTimers
{
    private sealed record DrainTimeUp : INoSerializationVerificationNeeded;
    private sealed record CloseTimeUp : INoSerializationVerificationNeeded;

    private readonly PoolServices _services;
    private readonly Subscribers _subscribers;
    private readonly SharedChanges _changes = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();

    private PoolServers _servers = null!;
    private IActorRef _router = ActorRefs.Nobody;
    private IActorRef _nodes = ActorRefs.Nobody;
    private IActorRef _closer = ActorRefs.Nobody;

    public PoolActor(PoolServices services)
    {
        _services = services;
        _subscribers = services.Subscribers;
        Open();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(PoolServices services) => Akka.Actor.Props.Create(() => new PoolActor(services));

    private void Open()
    {
        Receive<PoolCall>(call => _router.Forward(call));
        Receive<PoolCommand>(OnCommand);
        Receive<SharedChange>(OnSharedChange);
        Receive<ServerReport>(report => _servers.OnReport(Sender, report, isClosing: false));
        Receive<PoolServers.CircuitDied>(died => _servers.OnCircuitDied(died.Circuit, isClosing: false));
        Receive<ServersRequested>(_ => SendServers(isClosing: false));
        Receive<ClosePool>(_ => BeginClosing());
        Always();
    }

    private void Draining()
    {
        Receive<CallsEnded>(_ => Disconnect());
        Receive<DrainTimeUp>(_ => Disconnect());
        Receive<ServerReport>(report => _servers.OnReport(Sender, report, isClosing: true));
        Receive<PoolServers.CircuitDied>(died => _servers.OnCircuitDied(died.Circuit, isClosing: true));
        WhileClosing();
    }

    private void Disconnecting()
    {
        Receive<CloseTimeUp>(_ => Finish());
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
        Receive<PoolCommand>(_ => Sender.Tell(new CommandRefused("the pool is shutting down")));
        Receive<SharedChange>(_ => { });
        Receive<ServersRequested>(_ => SendServers(isClosing: true));
        // The one reply goes to the first that asked; a late time limit or report of the router changes nothing.
        Receive<ClosePool>(_ => { });
        Receive<CallsEnded>(_ => { });
        Always();
    }

    private void Always()
    {
        Receive<PassedOn>(passed => _router.Forward(passed.Call));
        Receive<CancelCall>(cancel => _router.Forward(cancel));
        Receive<CancelCallOf>(cancel => _router.Forward(cancel));
        Receive<GetPoolStatus>(query => _router.Forward(query));
        Receive<Explain>(query => _router.Forward(query));
        Receive<GetClusterStatus>(OnClusterQuery);
        Receive<ListTools>(_ => Sender.Tell(_servers.Registry.Catalogue.Tools));
        Receive<ListResources>(_ => Sender.Tell(_servers.Registry.Catalogue.Resources));
        Receive<ListPrompts>(_ => Sender.Tell(_servers.Registry.Catalogue.Prompts));
        Receive<LastChangeWanted>(_ => Sender.Tell(new LastChange(_changes.Last)));
        Receive<ReportsWanted>(_ => _servers.SendAllToNodes());
        Receive<SubscribeToPool>(subscribe => OnSubscribe(subscribe.Subscriber));
        Receive<UnsubscribeFromPool>(unsubscribe => OnUnsubscribe(unsubscribe.Subscriber));
        Receive<Terminated>(died => OnUnsubscribe(died.ActorRef));
        Receive<StatusFor>(status => _subscribers.SendSnapshot(status.Subscriber, status.Status));
        Receive<CallFailedOver>(_subscribers.Tell);
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

    // Commands

    private void OnCommand(PoolCommand command)
    {
        var refusal = command.FindNull() ?? command switch
        {
            ApplyConfiguration apply => Apply(apply.Settings),
            AddServer add => Define(add.Settings, _servers.Add),
            UpdateServer update => Define(update.Settings, _servers.Update),
            RemoveServer remove => TakeOut(remove.Server),
            ServerCommand about => Operate(about),
            UnusableCommand unusable => unusable.Problem,
            _ => throw new ArgumentOutOfRangeException(nameof(command), command, "unknown command"),
        };
        Sender.Tell(refusal is null ? CommandAccepted.Instance : new CommandRefused(refusal));
    }

    private string? Operate(ServerCommand command)
    {
        if (!_servers.Registry.TryFind(command.Server, out var server))
            return $"the pool has no server {command.Server}";
        object message = command switch
        {
            ConnectServer => ConnectionCommand.Connect,
            DisconnectServer => ConnectionCommand.Disconnect,
            ReconnectServer => ConnectionCommand.Reconnect,
            DrainServer => CircuitCommand.Drain,
            IsolateServer => CircuitCommand.Isolate,
            ResetCircuit => CircuitCommand.Reset,
            _ => throw new ArgumentOutOfRangeException(nameof(command), command, "unknown command"),
        };
        PoolServers.Command(server, message);
        var before = _servers.IntentOf(server.Name);
        var after = message is CircuitCommand circuit ? before.After(circuit) : before.After((ConnectionCommand)message);
        if (after != before)
        {
            _services.OperatorIntents[server.Name] = after;
            _changes.Share(new OperatorIntentChanged(server.Name, after));
        }
        return null;
    }

    private string? Define(ServerSettings settings, Func<KnownServer, string?> define)
    {
        var last = _servers.Registry.TryFind(settings.Name, out var server) ? server.Latest.Revision : 0;
        var known = new KnownServer(settings, Math.Max(Now.UtcTicks, last + 1));
        var refusal = define(known);
        if (refusal is null)
            _changes.Share(new ServerDefined(settings, known.Revision));
        return refusal;
    }

    private string? TakeOut(string name)
    {
        var refusal = _servers.Remove(name);
        if (refusal is null)
        {
            _changes.Share(new ServerTakenOut(name));
            if (_services.OperatorIntents.Remove(name))
                _changes.Share(new OperatorIntentChanged(name, OperatorIntent.None));
        }
        return refusal;
    }

    private string? Apply(PoolSettings settings)
    {
        var problems = SettingsValidator.Validate(settings, [.. _services.Strategies.Keys]);
        if (problems.Count > 0)
            return string.Join(Environment.NewLine, problems);
        var change = ConfigurationChange.Between(_services.Settings, settings, RunningSettings);
        _services.Settings = settings;
        if (change.ForConnections)
            _servers.RenewConnector();
        _router.Tell(new SettingsChanged(settings));
        _changes.Share(new RoutingChanged(SharedRouting.Of(settings)));
        foreach (var name in change.Removed)
            TakeOut(name);
        foreach (var server in change.Replaced)
            Define(server, _servers.Update);
        foreach (var name in change.Rebuilt)
            _servers.Rebuild(name);
        foreach (var server in change.Added)
            Define(server, _servers.Add);
        if (!change.IsNothing)
            Publish(change.ToEvent(Now), "The configuration changed: {Change}");
        return null;
    }

    // Changes from other nodes

    private void OnSharedChange(SharedChange change)
    {
        if (_changes.IsOutdated(change))
            return;
        var refusal = change switch
        {
            ServerDefined defined => Adopt(new KnownServer(defined.Server, defined.Revision)),
            ServerTakenOut gone => _servers.Registry.TryFind(gone.Server, out _) ? _servers.Remove(gone.Server) : null,
            OperatorIntentChanged intent => Adopt(intent.Server, intent.Intent),
            RoutingChanged routing => Adopt(routing.Routing),
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, "unknown change"),
        };
        if (refusal is not null)
            _log.Warning("A change from another node does not fit this node; the nodes differ until that is resolved: {Problem}", refusal);
    }

    private string? Adopt(KnownServer known) => !_servers.Registry.TryFind(known.Settings.Name, out var server) ? _servers.Add(known)
        : server.Latest.Revision == known.Revision ? null
        : _servers.Update(known);

    private string? Adopt(string name, OperatorIntent intent)
    {
        var before = _servers.IntentOf(name);
        _services.OperatorIntents[name] = intent;
        if (before == intent || !_servers.Registry.TryFind(name, out var server))
            return null;
        if (_servers.IsShared(server))
        {
            // The node where the operator was has sent the command to the one connection.
            PoolServers.Command(server, intent);
            return null;
        }
        foreach (var command in intent.CommandsAfter(before))
            PoolServers.Command(server, command);
        return null;
    }

    private string? Adopt(SharedRouting routing)
    {
        var settings = routing.ApplyTo(_services.Settings);
        var problems = SettingsValidator.Validate(settings with { Servers = RunningSettings }, [.. _services.Strategies.Keys]);
        if (problems.Count > 0)
            return string.Join("; ", problems);
        var change = ConfigurationChange.Between(_services.Settings, settings, []);
        if (change.Keys.Count == 0)
            return null;
        _services.Settings = settings;
        _router.Tell(new SettingsChanged(settings));
        Publish(new ConfigurationApplied([], [], [], change.Keys, Now), "The configuration changed on another node: {Change}");
        return null;
    }

    private ServerSettings[] RunningSettings => [.. _servers.Registry.Serving.Select(server => server.Latest.Settings)];

    private void Publish(ConfigurationApplied applied, string line)
    {
        _log.Info(line, applied.Describe());
        _subscribers.Tell(applied);
    }

    // Closing

    private void BeginClosing()
    {
        _closer = Sender;
        CloseRouter();
        Timers.StartSingleTimer(nameof(DrainTimeUp), new DrainTimeUp(), _services.Settings.DrainTimeout);
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

    private void Disconnect()
    {
        foreach (var circuit in _servers.Registry.Circuits)
            circuit.Tell(CircuitCommand.Close);
        Timers.StartSingleTimer(nameof(CloseTimeUp), new CloseTimeUp(), _services.Settings.CloseTimeout * 2);
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
        _closer.Tell(PoolClosed.Instance);
        Become(Closed);
    }

    // Lifecycle

    private static DateTimeOffset Now => Context.System.Scheduler.Now;

    protected override void PreStart()
    {
        _router = Context.ActorOf(RouterActor.Props(_services.Settings, _services.Strategies, _services.Seed), "router");
        if (_services.Node is { } node)
        {
            // Before the servers, which may have any name.
            _nodes = Context.ActorOf(node.Nodes, "nodes");
            _changes.Target = Context.ActorOf(node.SharedSettings, "shared-settings");
        }
        _servers = new PoolServers(Context, _services, _router, _nodes, _log);
        _servers.StartAll();
        // After a crash each subscriber first gets the pool's status again.
        foreach (var subscriber in _subscribers.TakeAll())
            OnSubscribe(subscriber);
    }

    // The router answers its calls and starts again, the nodes report again, shared changes are read again; a crashed circuit is replaced.
    protected override SupervisorStrategy SupervisorStrategy() =>
        new OneForOneStrategy(-1, -1, _ => _servers.Registry.TryFind(Sender, out PooledServer? _) ? Directive.Stop : Directive.Restart);
}
