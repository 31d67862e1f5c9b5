using Akka.Actor;
using Akka.Event;
using McpActors.Calls;
using McpActors.Connections;
using McpActors.Resilience;
using McpActors.Telemetry;

namespace McpActors.Pool;

/// <summary>
/// The servers of a running pool: starts, replaces and retires the actors of their circuits, and reports each change to the router, the
/// other nodes and the subscribers. Part of the <see cref="PoolActor"/> and used by it alone.
/// </summary>
internal sealed class PoolServers(
    IActorContext context, PoolServices services, IActorRef router, IActorRef nodes, PoolCatalogue catalogue, ILoggingAdapter log)
{
    /// <summary>A circuit has stopped, or crashed and was stopped.</summary>
    public sealed record CircuitDied(IActorRef Circuit) : INoSerializationVerificationNeeded;

    /// <summary>The wait after the crash of a circuit is over.</summary>
    public sealed record CircuitDue(PooledServer Server) : IDeadLetterSuppression, INoSerializationVerificationNeeded;

    private readonly Dictionary<string, EjectionLimit> _ejectionLimits = new(StringComparer.Ordinal);
    private readonly PoolClock _clock = PoolClock.Of(context.System);
    private readonly Backoff _restarts = new(services.Settings.Reconnect, new Random(services.NextSeed()));
    private readonly PoolMetrics _metrics = PoolMetrics.Of(context.System);

    public ServerRegistry Registry { get; } = new();

    /// <summary>Starts every server that the pool knows, at its start or after its crash.</summary>
    public void StartAll()
    {
        KnownServer[] known = [.. services.Servers.Values];
        services.Servers = [];
        foreach (var server in known)
            Join(Start(server));
    }

    // Commands, with settings that were checked: each returns why it is refused, or null.

    public string? Add(KnownServer known)
    {
        var settings = known.Settings;
        if (Registry.TryFind(settings.Name, out _))
            return $"the pool already has a server {settings.Name}; update it, or remove it first";
        Join(Start(known));
        log.Info("Server {Server} was added", settings.Name);
        catalogue.Changed();
        services.Subscribers.Tell(new ServerAdded(settings.Name, Now));
        return null;
    }

    public string? Update(KnownServer known)
    {
        var settings = known.Settings;
        if (!Registry.TryFind(settings.Name, out var old))
            return $"the pool has no server {settings.Name}; add it instead";
        if (old.Replacement is { } earlier)
            Retire(earlier);
        Start(known, old);
        log.Info("Server {Server} is being replaced by one with other settings", settings.Name);
        return null;
    }

    public string? Remove(string name)
    {
        if (!Registry.Remove(name, out var server))
            return $"the pool has no server {name}";
        if (server.Replacement is { } replacement)
            Retire(replacement);
        Retire(server);
        services.Servers.Remove(server.Ordinal);
        catalogue.Changed();
        router.Tell(new ServerLeft(name));
        nodes.Tell(new OwnServerLeft(name));
        log.Info("Server {Server} was removed; its calls in flight may end", name);
        services.Subscribers.Tell(new ServerRemoved(name, Now));
        return null;
    }

    /// <summary>Connections and circuits that start from now on use the settings in force.</summary>
    public void RenewConnector()
    {
        services.RenewConnector();
        _ejectionLimits.Clear();
    }

    /// <summary>Starts the server again with the settings it has. The connection that it replaces still uses its own memory.</summary>
    public string? Rebuild(string name) => Registry.TryFind(name, out var server)
        ? Update(server.Latest.Known with { Memory = new ConnectionMemory() })
        : $"the pool has no server {name}";

    /// <summary>Sends a command to a server's circuit; a pending replacement gets it too.</summary>
    public static void Command(PooledServer server, object command)
    {
        server.Circuit.Tell(command);
        server.Replacement?.Circuit.Tell(command);
    }

    public OperatorIntent IntentOf(string server) => services.OperatorIntents.GetValueOrDefault(server, OperatorIntent.None);

    /// <summary>The cluster has one connection to it.</summary>
    public bool IsShared(PooledServer server) => services.Node is not null && server.Known.IsOneNode;

    // Reports

    /// <summary>Takes in what a circuit reports.</summary>
    public void OnReport(IActorRef circuit, ServerReport report, bool isClosing)
    {
        if (!Registry.TryFind(circuit, out var server))
            return;
        var before = server.Report;
        Registry.Report(server, report);
        if (server.IsLeaving)
        {
            if (server.IsClosed)
                router.Tell(new ReleaseCircuit(circuit));
            return;
        }
        if (server.Replaces is { } old)
        {
            if (!server.HasSettled)
                return;
            Retire(old);
            Join(server);
        }
        SendReport(server);
        Publish(server, before, isClosing);
    }

    /// <summary>A circuit crashed: the server starts again after a wait, which is longer after each crash.</summary>
    public void OnCircuitDied(IActorRef circuit, bool isClosing)
    {
        if (!Registry.Forget(circuit, out var server) || server.IsLeaving || isClosing)
            return;
        if (server.Replacement is { } replacement)
        {
            log.Error("The circuit of server {Server} crashed; its replacement takes its place", server.Name);
            Join(replacement);
            return;
        }
        var wait = _restarts.After(server.Known.Memory.Backoffs++);
        log.Error("The circuit of server {Server} crashed; the pool starts it again in {Wait}", server.Name, wait);
        context.System.Scheduler.ScheduleTellOnce(wait, context.Self, new CircuitDue(server), ActorRefs.NoSender);
        if (server.Replaces is not null)
            return;
        var next = _clock.Now + wait;
        var failed = server.Report.Connection with { Status = ServerStatus.Error, Reason = "internal error", NextReconnect = next };
        var before = server.Report;
        server.Report = before with { Connection = failed };
        SendReport(server);
        Publish(server, before, isClosing);
    }

    /// <summary>Starts a server again whose circuit crashed, unless a command was faster.</summary>
    public void OnCircuitDue(PooledServer server)
    {
        if (server.IsLeaving || !Registry.TryFind(server.Name, out var serving) || serving.Replacement is not null)
            return;
        if (ReferenceEquals(serving, server))
            Join(Start(server.Known, server));
        else if (server.Replaces is { } old && old.Known == serving.Known)
            Start(server.Known, serving);
    }

    /// <summary>Sends the router every server.</summary>
    public void SendAllToRouter()
    {
        foreach (var server in Registry.Serving.ToArray())
            Join(server);
    }

    /// <summary>Sends the other nodes the state of every server.</summary>
    public void SendAllToNodes()
    {
        foreach (var server in Registry.Serving)
            SendToNodes(server);
    }

    private PooledServer Start(KnownServer known, PooledServer? replaces = null)
    {
        // A replacement runs beside the server it replaces until that one is drained, so it needs a name of its own.
        var name = context.Child(known.Settings.Name).IsNobody() ? known.Settings.Name : $"{known.Settings.Name}~{Guid.NewGuid():N}";
        var circuit = context.ActorOf(PropsOf(known), name);
        context.WatchWith(circuit, new CircuitDied(circuit));
        var server = Registry.Add(known, circuit, replaces);
        // A pool actor that starts again after a crash starts these.
        services.Servers[server.Ordinal] = known;
        return server;
    }

    private Props PropsOf(KnownServer known)
    {
        var (settings, intent) = (known.Settings, IntentOf(known.Settings.Name));
        return services.Node is { } node && known.IsOneNode
            ? node.OneNodeServer(known, services.Settings, intent)
            : CircuitBreakerActor.Props(
                settings,
                services.Settings,
                services.Connector,
                EjectionLimitOf(settings.Group),
                services.NextSeed(),
                known.Memory,
                intent);
    }

    private EjectionLimit? EjectionLimitOf(string group)
    {
        if (services.Settings.MaxOpenShare is not { } share)
            return null;
        if (!_ejectionLimits.TryGetValue(group, out var limit))
            _ejectionLimits.Add(group, limit = new EjectionLimit(share));
        return limit;
    }

    private void Join(PooledServer server)
    {
        Registry.Serve(server);
        router.Tell(new ServerJoined(server.Settings, server.Circuit, server.Ordinal));
        SendReport(server);
    }

    private static void Retire(PooledServer server)
    {
        ServerRegistry.Leave(server);
        server.Circuit.Tell(CircuitCommand.Retire);
    }

    private void SendReport(PooledServer server)
    {
        router.Tell(new ServerReported(server.Name, server.Circuit, server.Report));
        SendToNodes(server);
    }

    private void SendToNodes(PooledServer server)
    {
        if (services.Node is not null)
            nodes.Tell(new OwnServer(server.Name, server.Circuit, server.Report, IsShared(server)));
    }

    private void Publish(PooledServer server, ServerReport before, bool isClosing)
    {
        var report = server.Report.WithTimes(_clock.ToWallTime);
        var news = ReportNews.Between(server.Name, before, report, server.LoggedError, isClosing, Now);
        server.LoggedError = news.LoggedError;
        foreach (var line in news.Lines)
            log.Log(line.Level, line.Format, line.Values);
        foreach (var change in news.Events)
        {
            if (change is CircuitStateChanged circuit)
                _metrics.CircuitChanged(server.Name, circuit.To);
            if (change is CatalogueChanged || (change is ServerStatusChanged && report.Connection.Catalogue is null))
                catalogue.Changed();
            services.Subscribers.Tell(change);
        }
    }

    /// <summary>For people.</summary>
    private DateTimeOffset Now => _clock.WallTime;
}
