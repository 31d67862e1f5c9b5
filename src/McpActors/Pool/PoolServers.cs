using Akka.Actor;
using Akka.Event;
using McpActors.Calls;
using McpActors.Configuration;
using McpActors.Resilience;
using McpActors.Telemetry;

namespace McpActors.Pool;

/// <summary>
/// The servers of a running pool: starts, replaces and retires the actors of their circuits, and reports each change to the router, the
/// other nodes and the subscribers. Part of the <see cref="PoolActor"/> and used by it alone.
/// </summary>
internal sealed class PoolServers(IActorContext context, PoolServices services, IActorRef router, IActorRef nodes, ILoggingAdapter log)
{
    /// <summary>A circuit has stopped, or crashed and was stopped.</summary>
    public sealed record CircuitDied(IActorRef Circuit) : INoSerializationVerificationNeeded;

    private readonly ServerRegistry _registry = new();
    private readonly Dictionary<string, EjectionLimit> _ejectionLimits = new(StringComparer.Ordinal);
    private readonly PoolMetrics _metrics = PoolMetrics.Of(context.System);

    public ServerRegistry Registry => _registry;

    /// <summary>Starts every server that the pool knows, at its start or after its crash.</summary>
    public void StartAll()
    {
        foreach (var known in services.Servers)
            Join(Start(known));
    }

    // Commands: each returns why it is refused, or null.

    public string? Add(KnownServer known)
    {
        var settings = known.Settings;
        if (_registry.TryFind(settings.Name, out _))
            return $"the pool already has a server {settings.Name}; update it instead";
        if (ProblemsOf(settings) is { } problems)
            return problems;
        Join(Start(known));
        Remember();
        log.Info("Server {Server} was added", settings.Name);
        services.Subscribers.Tell(new ServerAdded(settings.Name, Now));
        return null;
    }

    public string? Update(KnownServer known)
    {
        var settings = known.Settings;
        if (!_registry.TryFind(settings.Name, out var old))
            return $"the pool has no server {settings.Name}; add it instead";
        if (ProblemsOf(settings) is { } problems)
            return problems;
        if (old.Replacement is { } earlier)
            Retire(earlier);
        Start(known, old);
        Remember();
        log.Info("Server {Server} is being replaced by one with other settings", settings.Name);
        return null;
    }

    public string? Remove(string name)
    {
        if (!_registry.Remove(name, out var server))
            return $"the pool has no server {name}";
        if (server.Replacement is { } replacement)
            Retire(replacement);
        Retire(server);
        router.Tell(new ServerLeft(name));
        nodes.Tell(new OwnServerLeft(name));
        Remember();
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

    /// <summary>Starts the server again with the settings it has.</summary>
    public void Rebuild(string name)
    {
        if (_registry.TryFind(name, out var server))
            Update(server.Latest.Known);
    }

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
        if (!_registry.TryFind(circuit, out var server))
            return;
        var before = server.Report;
        server.Report = report;
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
        Publish(server, ReportNews.Between(server.Name, before, report, server.LoggedError, isClosing, Now));
    }

    /// <summary>Starts a server again whose circuit crashed.</summary>
    public void OnCircuitDied(IActorRef circuit, bool isClosing)
    {
        if (!_registry.Forget(circuit, out var server) || server.IsLeaving || isClosing)
            return;
        log.Error("The circuit of server {Server} crashed; the pool starts it again", server.Name);
        if (server.Replaces is { } old)
            Start(server.Known, old);
        else if (server.Replacement is { } next)
            Join(next);
        else
            Join(Start(server.Known, server));
    }

    /// <summary>Sends the router every server.</summary>
    public void SendAllToRouter()
    {
        foreach (var server in _registry.Serving.ToArray())
            Join(server);
    }

    /// <summary>Sends the other nodes the state of every server.</summary>
    public void SendAllToNodes()
    {
        foreach (var server in _registry.Serving)
            SendToNodes(server);
    }

    private PooledServer Start(KnownServer known, PooledServer? replaces = null)
    {
        // A replacement lives beside the server it replaces until that one is drained, so it needs a name of its own.
        var name = context.Child(known.Settings.Name).IsNobody() ? known.Settings.Name : $"{known.Settings.Name}~{Guid.NewGuid():N}";
        var circuit = context.ActorOf(PropsOf(known), name);
        context.WatchWith(circuit, new CircuitDied(circuit));
        return _registry.Add(known, circuit, replaces);
    }

    private Props PropsOf(KnownServer known)
    {
        var (settings, intent) = (known.Settings, IntentOf(known.Settings.Name));
        return services.Node is { } node && known.IsOneNode
            ? node.OneNodeServer(known, services.Settings, intent)
            : CircuitBreakerActor.Props(
                settings, services.Settings, services.Connector, EjectionLimitOf(settings.Group), services.NextSeed(), intent);
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
        _registry.Serve(server);
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

    private void Publish(PooledServer server, ReportNews news)
    {
        server.LoggedError = news.LoggedError;
        foreach (var line in news.Lines)
            log.Log(line.Level, line.Format, line.Values);
        foreach (var change in news.Events)
        {
            if (change is CircuitStateChanged circuit)
                _metrics.CircuitChanged(server.Name, circuit.To);
            if (change is CatalogueChanged)
                _registry.CatalogueChanged();
            services.Subscribers.Tell(change);
        }
    }

    // What a pool actor that starts again after a crash starts.
    private void Remember() => services.Servers = [.. _registry.Serving.Select(server => server.Latest.Known)];

    private static string? ProblemsOf(ServerSettings settings)
    {
        var problems = SettingsValidator.Validate(settings);
        return problems.Count == 0 ? null : string.Join("; ", problems);
    }

    private DateTimeOffset Now => context.System.Scheduler.Now;
}
