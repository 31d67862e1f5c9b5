using Akka.Actor;
using Akka.Event;
using McpActors.Calls;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;

namespace McpActors.Pool;

/// <summary>
/// Carries out the commands of operators and the changes from other nodes, one after the other in the order in which they came. Settings
/// are checked outside of the actor (<see cref="SettingsCheck"/>); what came later waits. Part of the <see cref="PoolActor"/> and used by
/// it alone.
/// </summary>
internal sealed class PoolCommands(
    IActorRef self,
    PoolServices services,
    PoolServers servers,
    SharedChanges changes,
    IActorRef router,
    PoolClock clock,
    ILoggingAdapter log)
{
    /// <summary>The settings of a command are checked.</summary>
    /// <param name="Command">The command.</param>
    /// <param name="Problem">Why it is refused; null when the settings are valid.</param>
    public sealed record Checked(object Command, string? Problem) : INoSerializationVerificationNeeded;

    private sealed record Waiting(object Command, IActorRef Sender);

    /// <summary>A command that finds this many before it is refused.</summary>
    public const int MostWaiting = 1000;

    private readonly Queue<Waiting> _waiting = new();

    // Servers of other nodes that this node does not take over, as long as they are in the cluster.
    private readonly Dictionary<string, KnownServer> _refused = new(StringComparer.Ordinal);

    /// <summary>Carries out a command or a change, now or after those before it.</summary>
    public void Add(object command, IActorRef sender)
    {
        if (command is PoolCommand && _waiting.Count >= MostWaiting)
        {
            sender.Tell(new CommandRefused($"{_waiting.Count} commands wait for the check of settings; try again in some seconds"));
            return;
        }
        _waiting.Enqueue(new Waiting(Own(command), sender));
        if (_waiting.Count == 1)
            RunNext();
    }

    // A list that its sender wrote may throw as soon as it is read.
    private object Own(object command)
    {
        var own = command as PoolCommand;
        var problem = Try(command.GetType().Name, () =>
        {
            own = own?.WithOwnSettings();
            return null;
        });
        return problem is null ? own ?? command : new UnusableCommand(problem);
    }

    public void OnChecked(Checked check)
    {
        // After a crash of the actor or when the pool closes the queue is another one.
        if (!_waiting.TryPeek(out var next) || !ReferenceEquals(next.Command, check.Command))
            return;
        End(check.Problem);
        RunNext();
    }

    /// <summary>Refuses everything that waits.</summary>
    public void RefuseWaiting(string why)
    {
        foreach (var waiting in _waiting.Where(waiting => waiting.Command is PoolCommand))
            waiting.Sender.Tell(new CommandRefused(why));
        _waiting.Clear();
    }

    private void RunNext()
    {
        while (_waiting.TryPeek(out var next))
        {
            var command = next.Command;
            Task<IReadOnlyList<SettingsProblem>>? check = null;
            var problem = Try(command.GetType().Name, () =>
            {
                var missing = (command as PoolCommand)?.FindNull();
                check = missing is null ? CheckOf(command) : null;
                return missing;
            });
            if (check is not null)
            {
                _ = check.PipeTo(
                    self,
                    success: problems => new Checked(command, problems.Count == 0 ? null : string.Join(Environment.NewLine, problems)),
                    failure: e => new Checked(command, $"the settings could not be checked: {Printable.Of(e).Message}"));
                return;
            }
            End(problem);
        }
    }

    private void End(string? problem)
    {
        var (command, sender) = _waiting.Dequeue();
        problem ??= Run(command);
        if (command is PoolCommand)
            sender.Tell(problem is null ? CommandAccepted.Instance : new CommandRefused(problem));
        else if (problem is not null)
            log.Warning("A change from another node does not fit this node; the nodes differ until that is resolved: {Problem}", problem);
    }

    private Task<IReadOnlyList<SettingsProblem>>? CheckOf(object command)
    {
        string[] strategies = [.. services.Strategies.Keys];
        return command switch
        {
            ApplyConfiguration { Settings: var settings } => Check(settings),
            AddServer { Settings: var server } => CheckServer(server),
            UpdateServer { Settings: var server } => CheckServer(server),
            ServerDefined { Server: var server } => CheckServer(server),
            RoutingChanged { Routing: var routing } => Check(routing.ApplyTo(services.Settings) with { Servers = [.. RunningSettings] }),
            _ => null,
        };

        Task<IReadOnlyList<SettingsProblem>> Check(PoolSettings settings) =>
            services.Check.FindProblemsAsync(
                settings.LeavesOutServers ? [] : settings.Servers, () => SettingsValidator.Validate(settings, strategies));

        Task<IReadOnlyList<SettingsProblem>> CheckServer(ServerSettings server) =>
            services.Check.FindProblemsAsync([server], () => SettingsValidator.Validate(server));
    }

    private string? Run(object command) => Try(command.GetType().Name, () => command switch
    {
        SharedChange change when changes.IsOutdated(change) => null,
        ApplyConfiguration apply => Apply(apply.Settings),
        AddServer add => Define(add.Settings, servers.Add),
        UpdateServer update => Define(update.Settings, servers.Update),
        RemoveServer remove => TakeOut(remove.Server),
        ServerCommand about => Operate(about),
        UnusableCommand unusable => unusable.Problem,
        ServerDefined defined => Adopt(new KnownServer(defined.Server, defined.Revision)),
        ServerTakenOut gone => Adopt(gone),
        OperatorIntentChanged intent => Adopt(intent.Server, intent.Intent),
        RoutingChanged routing => Adopt(routing.Routing),
        ChangesReceived received => Forget(received),
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "unknown command"),
    });

    // In its turn: changes that crossed those of this pool may still wait.
    private string? Forget(ChangesReceived received)
    {
        changes.Forget(received);
        return null;
    }

    // One command, or one server of a configuration, must not end the calls of everybody.
    private string? Try(string what, Func<string?> run)
    {
        try
        {
            return run();
        }
        catch (Exception e)
        {
            // A configuration may hold lists of the caller.
            var fault = Printable.Of(e);
            log.Error(fault, "{What} failed unexpectedly", what);
            return $"{what} failed unexpectedly: {fault.Message}";
        }
    }

    // Commands of operators

    private string? Operate(ServerCommand command)
    {
        if (!servers.Registry.TryFind(command.Server, out var server))
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
        if (message is CircuitCommand.Reset)
            router.Tell(new PauseLifted(server.Name));
        var before = servers.IntentOf(server.Name);
        var after = message is CircuitCommand circuit ? before.After(circuit) : before.After((ConnectionCommand)message);
        if (after != before)
        {
            services.OperatorIntents[server.Name] = after;
            changes.Share(new OperatorIntentChanged(server.Name, after));
        }
        return null;
    }

    private string? Define(ServerSettings settings, Func<KnownServer, string?> define)
    {
        // Another node has shared it before; it was refused here until this node's own file had it.
        var shared = _refused.GetValueOrDefault(settings.Name) is { } refused && ConfigurationChange.Same(refused.Settings, settings)
            ? refused
            : null;
        var last = servers.Registry.TryFind(settings.Name, out var server) ? server.Latest.Revision : 0;
        var known = shared ?? new KnownServer(settings, Math.Max(clock.WallTime.UtcTicks, last + 1));
        var refusal = define(known);
        // Only the file of this node is wrong about it.
        if (refusal is null && shared is null && settings.Misconfigured is null)
            changes.Share(new ServerDefined(settings, known.Revision));
        _refused.Remove(settings.Name);
        return refusal;
    }

    private string? TakeOut(string name)
    {
        var refusal = servers.Remove(name);
        if (refusal is null)
        {
            changes.Share(new ServerTakenOut(name));
            if (services.OperatorIntents.Remove(name))
                changes.Share(new OperatorIntentChanged(name, OperatorIntent.None));
        }
        return refusal;
    }

    private string? Apply(PoolSettings settings)
    {
        var change = ConfigurationChange.Between(services.Configured, settings, services.Settings, [.. RunningSettings]);
        services.Configured = settings;
        services.Settings = change.After;
        if (change.ForConnections)
            servers.RenewConnector();
        router.Tell(new SettingsChanged(change.After));
        if (change.IsOfRouting)
            changes.Share(new RoutingChanged(PoolRouting.Of(change.After)));
        string?[] refusals =
        [
            .. change.Removed.Select(name => Try(name, () => TakeOut(name))),
            .. change.Replaced.Select(server => Try(server.Name, () => Define(server, servers.Update))),
            .. change.Rebuilt.Select(name => Try(name, () => servers.Rebuild(name))),
            .. change.Added.Select(server => Try(server.Name, () => Define(server, servers.Add))),
        ];
        if (!change.IsNothing)
            Publish(change.ToEvent(clock.WallTime), "The configuration changed: {Change}");
        var refused = string.Join("; ", refusals.OfType<string>());
        return refused.Length == 0 ? null : $"the configuration is applied but for these servers: {refused}";
    }

    // Changes from other nodes

    private string? Adopt(KnownServer known)
    {
        var name = known.Settings.Name;
        _refused.Remove(name);
        if (services.Node?.RefusalOf(known.Settings, services.Settings.Servers.Concat(RunningSettings)) is { } refusal)
        {
            _refused[name] = known;
            return refusal;
        }
        return !servers.Registry.TryFind(name, out var server) ? servers.Add(known)
            : server.Latest.Revision == known.Revision ? null
            : servers.Update(known);
    }

    private string? Adopt(ServerTakenOut gone)
    {
        _refused.Remove(gone.Server);
        return servers.Registry.TryFind(gone.Server, out _) ? servers.Remove(gone.Server) : null;
    }

    private string? Adopt(string name, OperatorIntent intent)
    {
        var before = servers.IntentOf(name);
        if (intent == OperatorIntent.None)
            services.OperatorIntents.Remove(name);
        else
            services.OperatorIntents[name] = intent;
        if (before == intent || !servers.Registry.TryFind(name, out var server))
            return null;
        if (servers.IsShared(server))
        {
            // The node where the operator was has sent the command to the one connection.
            PoolServers.Command(server, intent);
            return null;
        }
        foreach (var command in intent.CommandsAfter(before))
            PoolServers.Command(server, command);
        return null;
    }

    private string? Adopt(PoolRouting routing)
    {
        var settings = routing.ApplyTo(services.Settings);
        var change = ConfigurationChange.Between(services.Settings, settings, services.Settings, []);
        if (change.Keys.Count == 0)
            return null;
        services.Settings = settings;
        router.Tell(new SettingsChanged(settings));
        Publish(new ConfigurationApplied([], [], [], change.Keys, clock.WallTime), "The configuration changed on another node: {Change}");
        return null;
    }

    private IEnumerable<ServerSettings> RunningSettings => servers.Registry.Serving.Select(server => server.Latest.Settings);

    private void Publish(ConfigurationApplied applied, string line)
    {
        log.Info(line, applied.Describe());
        services.Subscribers.Tell(applied);
    }
}
