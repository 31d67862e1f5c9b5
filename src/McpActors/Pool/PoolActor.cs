using Akka.Actor;
using Akka.Event;
using McpActors.Clustering.OneNode;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;
using McpActors.Routing;
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
    private sealed record CircuitDied(IActorRef Circuit);
    private sealed record DrainTimeUp;
    private sealed record CloseTimeUp;

    private readonly PoolServices _services;
    private readonly Dictionary<string, PooledServer> _servers = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, PooledServer> _byCircuit = [];
    private readonly HashSet<IActorRef> _leaving = [];
    private readonly Dictionary<string, OpenShare> _openShares = new(StringComparer.Ordinal);
    private readonly Subscribers _subscribers = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly PoolMetrics _metrics = PoolMetrics.Of(Context.System);

    private PoolSettings _settings;
    private IActorRef _router = ActorRefs.Nobody;
    private MergedCatalogue? _catalogue;
    private IActorRef? _closer;
    private int _lastOrdinal = -1;
    private bool _callsEnded;

    public PoolActor(PoolServices services)
    {
        _services = services;
        _settings = services.Settings;

        Receive<IPoolCall>(call => _router.Forward(call));
        Receive<CancelCall>(cancel => _router.Forward(cancel));
        Receive<CancelCallOf>(cancel => _router.Forward(cancel));
        Receive<GetPoolStatus>(query => _router.Forward(query));
        Receive<Explain>(query => _router.Forward(query));
        Receive<ListTools>(_ => Sender.Tell(Catalogue.Tools));
        Receive<ListResources>(_ => Sender.Tell(Catalogue.Resources));
        Receive<ListPrompts>(_ => Sender.Tell(Catalogue.Prompts));
        Receive<IPoolCommand>(OnCommand);
        Receive<SubscribeToPool>(subscribe => OnSubscribe(subscribe.Subscriber));
        Receive<UnsubscribeFromPool>(unsubscribe => OnUnsubscribe(unsubscribe.Subscriber));
        Receive<StatusFor>(status => _subscribers.Welcome(status.Subscriber, status.Status));
        Receive<Terminated>(died => _subscribers.Remove(died.ActorRef));
        Receive<ServerReport>(report => OnReport(Sender, report));
        Receive<CallFailedOver>(_subscribers.Tell);
        // What the router sent to it before is handled first.
        Receive<CircuitReleased>(released => released.Circuit.Tell(PoisonPill.Instance));
        Receive<CircuitDied>(died => OnCircuitDied(died.Circuit));
        Receive<ServersWanted>(_ => TellServers());
        Receive<ClosePool>(_ => OnClose());
        Receive<CallsEnded>(_ => OnCallsEnded());
        Receive<DrainTimeUp>(_ => OnCallsEnded());
        Receive<CloseTimeUp>(_ => FinishClosing());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(PoolServices services) => Akka.Actor.Props.Create(() => new PoolActor(services));

    // Servers

    private PooledServer Start(ServerSettings settings, PooledServer? replaces = null)
    {
        var ordinal = replaces?.Ordinal ?? ++_lastOrdinal;
        // A replacement lives beside the one it replaces until that one is drained, so it needs a name of its own.
        var name = Context.Child(settings.Name).IsNobody() ? settings.Name : $"{settings.Name}~{Guid.NewGuid():N}";
        var circuit = Context.ActorOf(PropsOf(settings), name);
        Context.WatchWith(circuit, new CircuitDied(circuit));
        var server = new PooledServer(settings, circuit, ordinal) { Replaces = replaces };
        _byCircuit.Add(circuit, server);
        return server;
    }

    private Props PropsOf(ServerSettings settings) => _services.Shards is { } shards && settings.EffectivePlacement == ServerPlacement.OneNode
        ? SharedServerActor.Props(settings, _settings, ServerShards.EntityOf(settings.Name, 0), shards, Standing.None)
        : CircuitBreakerActor.Props(settings, _settings, _services.Connector, OpenShareOf(settings.Group), _services.NextSeed());

    private OpenShare? OpenShareOf(string group)
    {
        if (_settings.MaxOpenShare is not { } share)
            return null;
        if (!_openShares.TryGetValue(group, out var known))
            _openShares.Add(group, known = new OpenShare(share));
        return known;
    }

    private void Join(PooledServer server)
    {
        _servers[server.Name] = server;
        _router.Tell(new ServerJoined(server.Settings, server.Circuit, server.Ordinal));
        _router.Tell(new ServerReported(server.Name, server.Circuit, server.Report));
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
            return;
        }
        if (server.Replaces is { } old && ReferenceEquals(_servers.GetValueOrDefault(server.Name), old))
        {
            if (!server.HasSettled)
                return;
            Retire(old);
            Join(server);
        }
        _router.Tell(new ServerReported(server.Name, circuit, report));
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
                _log.Warning("Server {Server} is in error: {Reason}; next attempt at {NextReconnect:HH:mm:ss.f}", server.Name, to.Reason, to.NextReconnect);
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
        if (!_byCircuit.Remove(circuit, out var server) || wasLeaving || _closer is not null)
            return;
        _log.Error("The circuit of server {Server} died; it is started again", server.Name);
        Join(Start(server.Settings, server));
    }

    private void TellServers()
    {
        foreach (var server in _servers.Values.OrderBy(server => server.Ordinal))
            Join(server);
        _router.Tell(new ServersTold());
    }

    private MergedCatalogue Catalogue => _catalogue ??= MergedCatalogue.Of(
        [.. _servers.Values.OrderBy(server => server.Ordinal).Select(server => (server.Name, server.Report.Connection.Catalogue))]);

    // Commands

    private void OnCommand(IPoolCommand command)
    {
        if (_closer is not null)
        {
            Sender.Tell(new Refused("the pool is shutting down"));
            return;
        }
        switch (command)
        {
            case ApplyConfiguration apply:
                Reply(Apply(apply.Settings));
                break;
            case AddServer add:
                Reply(Add(add.Settings));
                break;
            case UpdateServer update:
                Reply(Update(update.Settings));
                break;
            case RemoveServer remove:
                Reply(Remove(remove.Server));
                break;
            case UnusableCommand unusable:
                Reply(unusable.Problem);
                break;
            case IServerCommand about when _servers.TryGetValue(about.Server, out var server):
                server.Circuit.Tell(MessageFor(about));
                Reply(null);
                break;
            case IServerCommand about:
                Reply($"the pool has no server {about.Server}");
                break;
        }
    }

    private void Reply(string? refusal) => Sender.Tell(refusal is null ? Done.Instance : new Refused(refusal));

    private static object MessageFor(IServerCommand command) => command switch
    {
        ConnectServer => ConnectionCommand.Connect,
        DisconnectServer => ConnectionCommand.Disconnect,
        ReconnectServer => ConnectionCommand.Reconnect,
        DrainServer => CircuitCommand.Drain,
        IsolateServer => CircuitCommand.Isolate,
        ResetCircuit => CircuitCommand.Reset,
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "unknown command"),
    };

    private string? Add(ServerSettings settings)
    {
        if (_servers.ContainsKey(settings.Name))
            return $"the pool already has a server {settings.Name}; update it instead";
        if (ProblemsOf(settings) is { } problems)
            return problems;
        Join(Start(settings));
        Remember();
        _log.Info("Server {Server} was added", settings.Name);
        _subscribers.Tell(new ServerAdded(settings.Name, Now));
        return null;
    }

    private string? Update(ServerSettings settings)
    {
        if (!_servers.TryGetValue(settings.Name, out var old))
            return $"the pool has no server {settings.Name}; add it instead";
        if (ProblemsOf(settings) is { } problems)
            return problems;
        if (_byCircuit.Values.FirstOrDefault(server => ReferenceEquals(server.Replaces, old)) is { } earlier)
            Retire(earlier);
        Start(settings, old);
        Remember(settings);
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
        var change = ConfigurationChange.Between(_settings, settings, [.. _servers.Values.Select(Latest)]);
        _settings = _services.Settings = settings;
        if (change.ForConnections)
        {
            _services.Connector = _services.MakeConnector(settings);
            _openShares.Clear();
        }
        _router.Tell(new SettingsChanged(settings));
        foreach (var name in change.Removed)
            Remove(name);
        foreach (var server in change.Replaced)
            Update(server);
        foreach (var server in change.Added)
            Add(server);
        if (!change.IsNothing)
        {
            var applied = new ConfigurationApplied(
                [.. change.Added.Select(server => server.Name)], [.. change.Replaced.Select(server => server.Name)], change.Removed, change.Keys, Now);
            _log.Info("The configuration changed: {Change}", applied.Describe());
            _subscribers.Tell(applied);
        }
        return null;
    }

    // What is on its way to replace a server counts as what the server is.
    private ServerSettings Latest(PooledServer server) =>
        _byCircuit.Values.LastOrDefault(other => ReferenceEquals(other.Replaces, server) && !_leaving.Contains(other.Circuit))?.Settings ?? server.Settings;

    private static string? ProblemsOf(ServerSettings settings)
    {
        var problems = SettingsValidator.Validate(settings);
        return problems.Count == 0 ? null : string.Join("; ", problems);
    }

    private void Remember(ServerSettings? changed = null) => _services.Servers =
    [
        .. _servers.Values.OrderBy(server => server.Ordinal)
            .Select(server => changed is not null && server.Name == changed.Name ? changed : server.Settings),
    ];

    // Subscriptions

    private void OnSubscribe(IActorRef subscriber)
    {
        if (!_subscribers.TryAdd(subscriber))
            return;
        Context.Watch(subscriber);
        _router.Tell(new GetStatusFor(subscriber));
    }

    private void OnUnsubscribe(IActorRef subscriber)
    {
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
                Sender.Tell(Done.Instance);
            return;
        }
        _closer = Sender;
        _router.Tell(new CloseDoor());
        _router.Tell(new TellWhenCallsEnded());
        Timers.StartSingleTimer(nameof(DrainTimeUp), new DrainTimeUp(), _settings.DrainTimeout);
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
        _closer?.Tell(Done.Instance);
        _closer = ActorRefs.Nobody;
    }

    // Lifecycle

    private static DateTimeOffset Now => Context.System.Scheduler.Now;

    protected override void PreStart()
    {
        _router = Context.ActorOf(RouterActor.Props(_settings, _services.Strategies, _services.Seed), "router");
        foreach (var settings in _services.Servers)
            Join(Start(settings));
    }

    // The router answers what it holds and begins again; a circuit that fails is replaced (OnCircuitDied).
    protected override SupervisorStrategy SupervisorStrategy() =>
        new OneForOneStrategy(-1, -1, _ => Sender.Equals(_router) ? Directive.Restart : Directive.Stop);
}
