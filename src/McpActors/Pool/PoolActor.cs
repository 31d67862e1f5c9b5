using Akka.Actor;
using Akka.Event;
using McpActors.Balancing;
using McpActors.Calls;
using McpActors.Clustering;
using McpActors.Clustering.Nodes;
using McpActors.Clustering.OneNode;
using McpActors.Clustering.SharedSettings;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;
using McpActors.Telemetry;

namespace McpActors.Pool;

/// <summary>
/// The door of the pool: passes calls on to its <see cref="RouterActor"/>, carries out operators' commands, owns the list of servers, and
/// tells subscribers what happens. Makes for each server a <see cref="CircuitBreakerActor"/>, whose child is the server's connection.
/// <code>
///   Open ──ClosePool──▶ Closing ──nothing under way, every connection closed, or time is up──▶ (answered; stays closed)
/// </code>
/// </summary>
internal sealed class PoolActor : ReceiveActor, IWithTimers
{
    private sealed record CircuitDied(IActorRef Circuit) : INoSerializationVerificationNeeded;
    private sealed record DrainTimeUp : INoSerializationVerificationNeeded;
    private sealed record CloseTimeUp : INoSerializationVerificationNeeded;

    private readonly PoolServices _services;
    private readonly Dictionary<string, PooledServer> _servers = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, PooledServer> _byCircuit = [];
    private readonly HashSet<IActorRef> _leaving = [];
    private readonly Dictionary<string, EjectionLimit> _ejectionLimits = new(StringComparer.Ordinal);
    private readonly Subscribers _subscribers;

    // The number of the last change of each entry that was made here, for the other nodes.
    private readonly Dictionary<string, long> _changes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OperatorIntent> _intents;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly PoolMetrics _metrics = PoolMetrics.Of(Context.System);

    private PoolSettings _settings;
    private IActorRef _router = ActorRefs.Nobody;
    private IActorRef _shared = ActorRefs.Nobody;
    private IActorRef _nodes = ActorRefs.Nobody;
    private MergedCatalogue? _catalogue;
    private IActorRef? _closer;
    private int _lastOrdinal = -1;
    private long _lastChange;
    private bool _callsEnded;

    public PoolActor(PoolServices services)
    {
        _services = services;
        _settings = services.Settings;
        _intents = services.OperatorIntents;
        _subscribers = services.Subscribers;

        Receive<PoolCall>(OnCall);
        Receive<PassedOn>(passed => _router.Forward(passed.Call));
        Receive<CancelCall>(cancel => _router.Forward(cancel));
        Receive<CancelCallOf>(cancel => _router.Forward(cancel));
        Receive<GetPoolStatus>(query => _router.Forward(query));
        Receive<Explain>(query => _router.Forward(query));
        Receive<GetClusterStatus>(OnClusterQuery);
        Receive<ListTools>(_ => Sender.Tell(Catalogue.Tools));
        Receive<ListResources>(_ => Sender.Tell(Catalogue.Resources));
        Receive<ListPrompts>(_ => Sender.Tell(Catalogue.Prompts));
        Receive<PoolCommand>(OnCommand);
        Receive<SharedChange>(OnSharedChange);
        Receive<LastChangeWanted>(_ => Sender.Tell(new LastChange(_lastChange)));
        Receive<SubscribeToPool>(subscribe => OnSubscribe(subscribe.Subscriber));
        Receive<UnsubscribeFromPool>(unsubscribe => OnUnsubscribe(unsubscribe.Subscriber));
        Receive<StatusFor>(status => _subscribers.SendSnapshot(status.Subscriber, status.Status));
        Receive<Terminated>(died => OnUnsubscribe(died.ActorRef));
        Receive<ServerReport>(report => OnReport(Sender, report));
        Receive<CallFailedOver>(_subscribers.Tell);
        // What the router sent to it before is handled first.
        Receive<CircuitReleased>(released => released.Circuit.Tell(PoisonPill.Instance));
        Receive<CircuitDied>(died => OnCircuitDied(died.Circuit));
        Receive<ServersWanted>(_ => TellServers());
        Receive<ReportsWanted>(_ => TellReports());
        Receive<ClosePool>(_ => OnClose());
        Receive<CallsEnded>(_ => OnCallsEnded());
        Receive<DrainTimeUp>(_ => OnCallsEnded());
        Receive<CloseTimeUp>(_ => FinishClosing());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(PoolServices services) => Akka.Actor.Props.Create(() => new PoolActor(services));

    // Calls

    private void OnCall(PoolCall call)
    {
        // Whoever asks by message may be served by another node; who waits in this process has its door open here, and that one closes too.
        if (_closer is not null && _services.IsNode && Sender is not ReplyRef && McpClusterHostingExtensions.AnotherNode(Context.System, _services.NextSeed()) is { } node)
            Context.ActorSelection(new RootActorPath(node) / Self.Path.Elements).Tell(new PassedOn(call), Sender);
        else
            _router.Forward(call);
    }

    // Servers

    private PooledServer Start(KnownServer known, PooledServer? replaces = null)
    {
        var settings = known.Settings;
        var ordinal = replaces?.Ordinal ?? ++_lastOrdinal;
        // A replacement lives beside the one it replaces until that one is drained, so it needs a name of its own.
        var name = Context.Child(settings.Name).IsNobody() ? settings.Name : $"{settings.Name}~{Guid.NewGuid():N}";
        var circuit = Context.ActorOf(PropsOf(known), name);
        Context.WatchWith(circuit, new CircuitDied(circuit));
        var server = new PooledServer(known, circuit, ordinal) { Replaces = replaces };
        _byCircuit.Add(circuit, server);
        return server;
    }

    private Props PropsOf(KnownServer known)
    {
        var (settings, intent) = (known.Settings, IntentOf(known.Settings.Name));
        return _services.Shards is { } shards && IsShared(settings)
            ? SharedServerActor.Props(settings, _settings, ServerShards.EntityOf(settings.Name, known.Revision), shards, intent)
            : CircuitBreakerActor.Props(settings, _settings, _services.Connector, EjectionLimitOf(settings.Group), _services.NextSeed(), intent);
    }

    // The cluster has one connection to it.
    private bool IsShared(ServerSettings server) => _services.IsNode && server.EffectivePlacement == ServerPlacement.OneNode;

    private OperatorIntent IntentOf(string server) => _intents.GetValueOrDefault(server, OperatorIntent.None);

    private EjectionLimit? EjectionLimitOf(string group)
    {
        if (_settings.MaxOpenShare is not { } share)
            return null;
        if (!_ejectionLimits.TryGetValue(group, out var known))
            _ejectionLimits.Add(group, known = new EjectionLimit(share));
        return known;
    }

    private void Join(PooledServer server)
    {
        _servers[server.Name] = server;
        server.Replaces = null;
        _router.Tell(new ServerJoined(server.Settings, server.Circuit, server.Ordinal));
        TellReport(server);
    }

    private void Retire(PooledServer server)
    {
        _leaving.Add(server.Circuit);
        server.Circuit.Tell(CircuitCommand.Retire);
    }

    private void OnReport(IActorRef circuit, ServerReport report)
    {
        if (!_byCircuit.TryGetValue(circuit, out var server))
            return;
        var before = server.Report;
        server.Report = report;
        if (_leaving.Contains(circuit))
        {
            if (server.IsClosed)
                _router.Tell(new ReleaseCircuit(circuit));
            FinishClosingIfClosed();
            return;
        }
        if (server.Replaces is { } old)
        {
            if (!server.HasSettled)
                return;
            Retire(old);
            Join(server);
        }
        TellReport(server);
        Publish(server, before, report);
        FinishClosingIfClosed();
    }

    private void Publish(PooledServer server, ServerReport before, ServerReport now)
    {
        var at = Now;
        var (from, to) = (before.Connection, now.Connection);
        if (from.Status != to.Status)
        {
            if (to.Status == ServerStatus.Error && to.Reason == server.LoggedError)
                _log.Debug("Server {Server} is still in error; next attempt at {NextReconnect:HH:mm:ss.f}", server.Name, to.NextReconnect);
            else if (to.Status == ServerStatus.Error)
                _log.Warning("Server {Server} is in error: {Reason}{Next}", server.Name, to.Reason, to.NextReconnect is { } next ? $"; next attempt at {next:HH:mm:ss.f}" : "");
            else if (to.Status == ServerStatus.Connected)
                _log.Info("Server {Server} is connected ({ServerName} {ServerVersion}, MCP {ProtocolVersion})", server.Name, to.ServerName, to.ServerVersion, to.ProtocolVersion);
            else if (to.Status == ServerStatus.Disconnected && _closer is null)
                _log.Info("Server {Server} is disconnected by an operator", server.Name);
            else
                _log.Debug("Server {Server} is {Status}", server.Name, to.Status);
            if (to.Status is ServerStatus.Error or ServerStatus.Connected)
                server.LoggedError = to.Reason;
            _subscribers.Tell(new ServerStatusChanged(server.Name, from.Status, to.Status, to.Reason, at));
        }
        if (before.Circuit != now.Circuit)
        {
            _log.Info("The circuit of server {Server} is {Circuit}: {Reason}", server.Name, now.Circuit, now.CircuitReason);
            _metrics.CircuitChanged(server.Name, now.Circuit);
            _subscribers.Tell(new CircuitStateChanged(server.Name, before.Circuit, now.Circuit, now.CircuitReason, at));
        }
        if (!ReferenceEquals(from.Catalogue, to.Catalogue))
        {
            _catalogue = null;
            _subscribers.Tell(new CatalogueChanged(server.Name, at));
        }
    }

    private void OnCircuitDied(IActorRef circuit)
    {
        var wasLeaving = _leaving.Remove(circuit);
        if (!_byCircuit.Remove(circuit, out var server))
            return;
        FinishClosingIfClosed();
        if (wasLeaving || _closer is not null)
            return;
        _log.Error("The circuit of server {Server} died; it is started again", server.Name);
        if (server.Replaces is { } old)
            Start(server.Known, old);
        else if (Latest(server) is var next && !ReferenceEquals(next, server))
            Join(next);
        else
            Join(Start(server.Known, server));
    }

    // A router that starts again knows what the first one began with.
    private void TellServers()
    {
        _router.Tell(new SettingsChanged(_settings));
        foreach (var server in _servers.Values.OrderBy(server => server.Ordinal))
            Join(server);
        if (_closer is not null)
            CloseRouter();
        _router.Tell(new ServersTold());
    }

    private void TellReports()
    {
        foreach (var server in _servers.Values)
            TellNodes(server);
    }

    private void TellReport(PooledServer server)
    {
        _router.Tell(new ServerReported(server.Name, server.Circuit, server.Report));
        TellNodes(server);
    }

    private void TellNodes(PooledServer server)
    {
        if (_services.IsNode)
            _nodes.Tell(new OwnServer(server.Name, server.Circuit, server.Report, IsShared(server.Settings)));
    }

    private void OnClusterQuery(GetClusterStatus query)
    {
        if (_services.IsNode)
            _nodes.Forward(query);
        else
            Sender.Tell(LoneNode.Answer(query, _servers.Values.Select(server => ServerNews.Of(server.Name, server.Report)), Now));
    }

    private MergedCatalogue Catalogue => _catalogue ??= MergedCatalogue.Of(
        [.. _servers.Values.OrderBy(server => server.Ordinal).Select(server => (server.Name, server.Report.Connection.Catalogue))]);

    // Commands

    private void OnCommand(PoolCommand command)
    {
        if (_closer is not null)
        {
            Sender.Tell(new CommandRefused("the pool is shutting down"));
            return;
        }
        if (command.FindNull() is { } missing)
        {
            Reply(missing);
            return;
        }
        switch (command)
        {
            case ApplyConfiguration apply:
                Reply(Apply(apply.Settings));
                break;
            case AddServer add:
                Reply(Define(add.Settings, Add));
                break;
            case UpdateServer update:
                Reply(Define(update.Settings, Update));
                break;
            case RemoveServer remove:
                Reply(TakeOut(remove.Server));
                break;
            case UnusableCommand unusable:
                Reply(unusable.Problem);
                break;
            case ServerCommand about when _servers.TryGetValue(about.Server, out var server):
                Operate(server, MessageFor(about));
                Reply(null);
                break;
            case ServerCommand about:
                Reply($"the pool has no server {about.Server}");
                break;
        }
    }

    private void Reply(string? refusal) => Sender.Tell(refusal is null ? CommandAccepted.Instance : new CommandRefused(refusal));

    private static object MessageFor(ServerCommand command) => command switch
    {
        ConnectServer => ConnectionCommand.Connect,
        DisconnectServer => ConnectionCommand.Disconnect,
        ReconnectServer => ConnectionCommand.Reconnect,
        DrainServer => CircuitCommand.Drain,
        IsolateServer => CircuitCommand.Isolate,
        ResetCircuit => CircuitCommand.Reset,
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "unknown command"),
    };

    private string? Define(ServerSettings settings, Func<KnownServer, string?> define)
    {
        var last = _servers.TryGetValue(settings.Name, out var server) ? Latest(server).Revision : 0;
        var known = new KnownServer(settings, Math.Max(Now.UtcTicks, last + 1));
        var refusal = define(known);
        if (refusal is null)
            Share(new ServerDefined(settings, known.Revision));
        return refusal;
    }

    private string? TakeOut(string name)
    {
        var refusal = Remove(name);
        if (refusal is null)
        {
            Share(new ServerTakenOut(name));
            if (_intents.Remove(name))
                Share(new OperatorIntentChanged(name, OperatorIntent.None));
        }
        return refusal;
    }

    private void Operate(PooledServer server, object command)
    {
        TellCircuits(server, command);
        var intent = IntentOf(server.Name);
        var after = command switch
        {
            CircuitCommand circuit => intent.After(circuit),
            ConnectionCommand connection => intent.After(connection),
            _ => intent,
        };
        if (after == intent)
            return;
        _intents[server.Name] = after;
        Share(new OperatorIntentChanged(server.Name, after));
    }

    // What is on its way to replace it has to know as well.
    private void TellCircuits(PooledServer server, object command)
    {
        server.Circuit.Tell(command);
        if (Latest(server) is var next && !ReferenceEquals(next, server))
            next.Circuit.Tell(command);
    }

    private string? Add(KnownServer known)
    {
        var settings = known.Settings;
        if (_servers.ContainsKey(settings.Name))
            return $"the pool already has a server {settings.Name}; update it instead";
        if (ProblemsOf(settings) is { } problems)
            return problems;
        Join(Start(known));
        Remember();
        _log.Info("Server {Server} was added", settings.Name);
        _subscribers.Tell(new ServerAdded(settings.Name, Now));
        return null;
    }

    private string? Update(KnownServer known)
    {
        var settings = known.Settings;
        if (!_servers.TryGetValue(settings.Name, out var old))
            return $"the pool has no server {settings.Name}; add it instead";
        if (ProblemsOf(settings) is { } problems)
            return problems;
        if (Latest(old) is var earlier && !ReferenceEquals(earlier, old))
            Retire(earlier);
        Start(known, old);
        Remember(known);
        _log.Info("Server {Server} is being replaced by one with other settings", settings.Name);
        return null;
    }

    private string? Remove(string name)
    {
        if (!_servers.Remove(name, out var server))
            return $"the pool has no server {name}";
        foreach (var replacement in _byCircuit.Values.Where(other => ReferenceEquals(other.Replaces, server)).ToArray())
            Retire(replacement);
        Retire(server);
        _router.Tell(new ServerLeft(name));
        _nodes.Tell(new OwnServerLeft(name));
        Remember();
        _log.Info("Server {Server} was removed; what runs on it may end", name);
        _catalogue = null;
        _subscribers.Tell(new ServerRemoved(name, Now));
        return null;
    }

    private string? Apply(PoolSettings settings)
    {
        var problems = SettingsValidator.Validate(settings, [.. _services.Strategies.Keys]);
        if (problems.Count > 0)
            return string.Join(Environment.NewLine, problems);
        var change = ConfigurationChange.Between(_settings, settings, [.. _servers.Values.Select(server => Latest(server).Settings)]);
        _settings = _services.Settings = settings;
        if (change.ForConnections)
        {
            _services.Connector = _services.MakeConnector(settings);
            _ejectionLimits.Clear();
        }
        _router.Tell(new SettingsChanged(settings));
        Share(new RoutingChanged(SharedRouting.Of(settings)));
        foreach (var name in change.Removed)
            TakeOut(name);
        foreach (var server in change.Replaced)
            Define(server, Update);
        foreach (var name in change.Rebuilt)
            Update(Latest(_servers[name]).Known);
        foreach (var server in change.Added)
            Define(server, Add);
        if (!change.IsNothing)
        {
            var applied = new ConfigurationApplied(
                [.. change.Added.Select(server => server.Name)], [.. change.Replaced.Select(server => server.Name), .. change.Rebuilt], change.Removed, change.Keys, Now);
            _log.Info("The configuration changed: {Change}", applied.Describe());
            _subscribers.Tell(applied);
        }
        return null;
    }

    // What is on its way to replace a server counts as what the server is.
    private PooledServer Latest(PooledServer server) =>
        _byCircuit.Values.LastOrDefault(other => ReferenceEquals(other.Replaces, server) && !_leaving.Contains(other.Circuit)) ?? server;

    private static string? ProblemsOf(ServerSettings settings)
    {
        var problems = SettingsValidator.Validate(settings);
        return problems.Count == 0 ? null : string.Join("; ", problems);
    }

    private void Remember(KnownServer? changed = null) => _services.Servers =
    [
        .. _servers.Values.OrderBy(server => server.Ordinal)
            .Select(server => changed is not null && server.Name == changed.Settings.Name ? changed : server.Known),
    ];

    // What is changed here for all nodes

    private void Share(SharedChange change)
    {
        _changes[change.Entry] = ++_lastChange;
        _shared.Tell(change with { Number = _lastChange });
    }

    // What was changed on another node

    private void OnSharedChange(SharedChange change)
    {
        // One that was made here since then wins, and would not be told again.
        if (_closer is not null || _changes.GetValueOrDefault(change.Entry) > change.Number)
            return;
        var refusal = change switch
        {
            ServerDefined defined => Adopt(new KnownServer(defined.Server, defined.Revision)),
            ServerTakenOut gone => _servers.ContainsKey(gone.Server) ? Remove(gone.Server) : null,
            OperatorIntentChanged intent => Adopt(intent.Server, intent.Intent),
            RoutingChanged routing => Adopt(routing.Routing),
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, "unknown change"),
        };
        if (refusal is not null)
            _log.Warning("A change that was made on another node cannot be made here, and the nodes differ until that is put right: {Problem}", refusal);
    }

    private string? Adopt(KnownServer known) => !_servers.TryGetValue(known.Settings.Name, out var server) ? Add(known)
        : Latest(server).Revision == known.Revision ? null
        : Update(known);

    private string? Adopt(string name, OperatorIntent intent)
    {
        var before = IntentOf(name);
        _intents[name] = intent;
        if (before == intent || !_servers.TryGetValue(name, out var server))
            return null;
        if (IsShared(server.Settings))
        {
            // The node where it was said has told the one connection.
            TellCircuits(server, intent);
            return null;
        }
        if (before.Isolated != intent.Isolated)
            TellCircuits(server, intent.Isolated ? CircuitCommand.Isolate : CircuitCommand.Reset);
        if (intent.Disconnected && !before.Disconnected)
            TellCircuits(server, CircuitCommand.Drain);
        else if (before.Disconnected && !intent.Disconnected)
            TellCircuits(server, ConnectionCommand.Connect);
        return null;
    }

    private string? Adopt(SharedRouting routing)
    {
        var settings = routing.ApplyTo(_settings);
        var problems = SettingsValidator.Validate(settings with { Servers = [.. _servers.Values.Select(server => Latest(server).Settings)] }, [.. _services.Strategies.Keys]);
        if (problems.Count > 0)
            return string.Join("; ", problems);
        var change = ConfigurationChange.Between(_settings, settings, []).Keys;
        if (change.Count == 0)
            return null;
        _settings = _services.Settings = settings;
        _router.Tell(new SettingsChanged(settings));
        var applied = new ConfigurationApplied([], [], [], change, Now);
        _log.Info("The configuration changed on another node: {Change}", applied.Describe());
        _subscribers.Tell(applied);
        return null;
    }

    // Subscriptions

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

    // Closing

    private void OnClose()
    {
        if (_closer is not null)
        {
            // Closed already; while it is still closing, one answer to the first who asked is all there is.
            if (_closer.IsNobody())
                Sender.Tell(PoolClosed.Instance);
            return;
        }
        _closer = Sender;
        CloseRouter();
        Timers.StartSingleTimer(nameof(DrainTimeUp), new DrainTimeUp(), _settings.DrainTimeout);
    }

    private void CloseRouter()
    {
        _router.Tell(new CloseDoor());
        _router.Tell(new TellWhenCallsEnded());
    }

    private void OnCallsEnded()
    {
        if (_callsEnded)
            return;
        _callsEnded = true;
        foreach (var circuit in _byCircuit.Keys)
            circuit.Tell(CircuitCommand.Close);
        Timers.StartSingleTimer(nameof(CloseTimeUp), new CloseTimeUp(), _settings.CloseTimeout * 2);
        FinishClosingIfClosed();
    }

    private void FinishClosingIfClosed()
    {
        if (_callsEnded && _byCircuit.Values.All(server => server.IsClosed))
            FinishClosing();
    }

    private void FinishClosing()
    {
        Timers.CancelAll();
        _closer?.Tell(PoolClosed.Instance);
        _closer = ActorRefs.Nobody;
    }

    // Lifecycle

    private static DateTimeOffset Now => Context.System.Scheduler.Now;

    protected override void PreStart()
    {
        _router = Context.ActorOf(RouterActor.Props(_settings, _services.Strategies, _services.Seed), "router");
        if (_services.IsNode)
        {
            // Before the servers, which may have any name.
            _nodes = Context.ActorOf(NodesActor.Props(), "nodes");
            _shared = Context.ActorOf(SharedSettingsActor.Props, "shared-settings");
        }
        foreach (var known in _services.Servers)
            Join(Start(known));
        // After a crash they are told first how things are now.
        foreach (var subscriber in _subscribers.TakeAll())
            OnSubscribe(subscriber);
    }

    // The router answers what it holds and begins again, the nodes are told again, what is shared is read again; a circuit that fails is replaced (OnCircuitDied).
    protected override SupervisorStrategy SupervisorStrategy() =>
        new OneForOneStrategy(-1, -1, _ => _byCircuit.ContainsKey(Sender) ? Directive.Stop : Directive.Restart);
}
