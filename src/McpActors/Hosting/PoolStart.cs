using System.Collections.Frozen;
using Akka.Actor;
using Akka.Configuration;
using Akka.DependencyInjection;
using Akka.Hosting;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Transports;
using Microsoft.Extensions.Logging;

namespace McpActors.Hosting;

/// <summary>Starts the pool of an actor system and ties it to the system's shutdown.</summary>
internal static class PoolStart
{
    private const string ActorName = "mcp-pool";

    /// <summary>Defaults that the service's own configuration may override.</summary>
    public static Config ShutdownDefaults { get; } = ConfigurationFactory.ParseString("""
        akka.coordinated-shutdown {
          # Akka's five seconds for a phase would cut the drain short. The pool's own settings bound how long it takes, so this is more
          # than they can be.
          phases.service-requests-done.timeout = 5d
          # The hook would drain inside the handler of SIGTERM, while the host still accepts requests;
          # Akka.Hosting ends the actor system with the host all the same.
          run-by-clr-shutdown-hook = off
        }
        """);

    /// <exception cref="InvalidSettingsException">The settings have problems.</exception>
    public static void Check(PoolSettings settings, McpPoolOptions options)
    {
        var problems = SettingsValidator.Validate(settings, [.. options.Strategies.Keys]);
        if (problems.Count > 0)
            throw new InvalidSettingsException(problems);
    }

    public static IActorRef Run(
        ActorSystem system, IActorRegistry registry, IDependencyResolver resolver, PoolSettings settings, McpPoolOptions options)
    {
        settings = settings.Own();
        Check(settings, options);
        var logs = resolver.GetService<ILoggerFactory>();
        var guard = new TargetGuard(new AllowedTargets(options.AllowedTargets));
        var services = new PoolServices(
            settings,
            current => new Connector(
                current, new TransportFactory(options.MemoryServers, current, logs, guard: guard), logs, PoolClock.Of(system)),
            options.Strategies.ToFrozenDictionary(StringComparer.Ordinal),
            options.RandomSeed ?? new Random().Next());
        services.ServesOtherProcesses = RefusingSerializer.IsReplaced(system);
        var cluster = system.Settings.Setup.Get<PoolNodeSetup>();
        services.Node = cluster.HasValue ? cluster.Value.Join(system, services) : null;
        services.RefusesCommandsOf = cluster.HasValue
            ? sender => cluster.Value.RefusesCommandsOf(system, sender)
            : sender => OtherSystems.Sent(system, sender);
        var pool = system.ActorOf(PoolActor.Props(services), ActorName);
        registry.Register<PoolActorKey>(pool);
        if (cluster.HasValue)
            cluster.Value.Offer(system, pool);
        LostCalls.For(system);
        CoordinatedShutdown.Get(system).AddTask(
            CoordinatedShutdown.PhaseServiceRequestsDone,
            "close-mcp-pool",
            async () =>
            {
                var limit = services.Settings.DrainTimeout + (services.Settings.CloseTimeout * 3);
                await pool.Ask<PoolClosed>(new ClosePool(), limit).ConfigureAwait(false);
                return Akka.Done.Instance;
            });
        return pool;
    }
}
