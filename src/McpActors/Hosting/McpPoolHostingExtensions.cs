using System.Collections.Frozen;
using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace McpActors.Hosting;

/// <summary>Puts a pool into an Akka.NET service, or into any .NET service.</summary>
public static class McpPoolHostingExtensions
{
    private const string ActorName = "mcp-pool";

    // Defaults that the service's own configuration may override.
    private static readonly Config ShutdownDefaults = ConfigurationFactory.ParseString("""
        akka.coordinated-shutdown {
          # Akka's five seconds for a phase would cut the drain short; how long the pool takes is bounded by its own settings.
          phases.service-requests-done.timeout = 600s
          # The hook would drain inside the handler of SIGTERM, before the host hears of it and while its doors are still open;
          # Akka.Hosting ends the actor system with the host all the same.
          run-by-clr-shutdown-hook = off
        }
        """);

    /// <summary>
    /// Starts a pool from the HOCON section <c>mcp-actors.pool</c> of the actor system's configuration. It stands at <c>/user/mcp-pool</c>, is
    /// registered under <see cref="PoolActorKey"/>, and is drained when the system shuts down.
    /// </summary>
    /// <exception cref="InvalidSettingsException">When the system starts: something is wrong with the settings.</exception>
    public static AkkaConfigurationBuilder WithMcpPool(this AkkaConfigurationBuilder builder, Action<McpPoolOptions>? configure = null)
    {
        var options = OptionsOf(configure);
        return builder
            .AddHocon(ShutdownDefaults, HoconAddMode.Append)
            .StartActors((system, registry, resolver) =>
                Start(system, registry, resolver, PoolConfiguration.Read(system.Settings.Config, null, [.. options.Strategies.Keys]), options));
    }

    /// <summary>
    /// Starts a pool with these settings. It stands at <c>/user/mcp-pool</c>, is registered under <see cref="PoolActorKey"/>, and is drained
    /// when the system shuts down. <see cref="AddMcpPoolClient"/> adds the <see cref="IMcpPool"/> for it.
    /// </summary>
    /// <exception cref="InvalidSettingsException">Something is wrong with the settings.</exception>
    public static AkkaConfigurationBuilder WithMcpPool(this AkkaConfigurationBuilder builder, PoolSettings settings, Action<McpPoolOptions>? configure = null)
    {
        var options = OptionsOf(configure);
        Check(settings, options);
        return builder
            .AddHocon(ShutdownDefaults, HoconAddMode.Append)
            .StartActors((system, registry, resolver) => Start(system, registry, resolver, settings, options));
    }

    /// <summary>Adds <see cref="IMcpPool"/> for the pool that <c>WithMcpPool</c> starts in this service's actor system.</summary>
    public static IServiceCollection AddMcpPoolClient(this IServiceCollection services)
    {
        services.TryAddSingleton<IMcpPool>(provider =>
            new McpPool(provider.GetRequiredService<ActorSystem>(), provider.GetRequiredService<ActorRegistry>().Get<PoolActorKey>()));
        return services;
    }

    /// <summary>Adds a pool as <see cref="IMcpPool"/>, and an actor system of its own for it, to a service that has none.</summary>
    /// <exception cref="InvalidSettingsException">Something is wrong with the settings.</exception>
    public static IServiceCollection AddMcpPool(this IServiceCollection services, PoolSettings settings, Action<McpPoolOptions>? configure = null)
    {
        services.AddAkka("mcp-actors", builder => builder
            .ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
            })
            .WithMcpPool(settings, configure));
        return services.AddMcpPoolClient();
    }

    /// <summary>The <see cref="IMcpPool"/> of a pool's actor, for programs without dependency injection; also one on another node.</summary>
    public static IMcpPool ToMcpPool(this IActorRef pool, ActorSystem system) => new McpPool(system, pool);

    private static McpPoolOptions OptionsOf(Action<McpPoolOptions>? configure)
    {
        var options = new McpPoolOptions();
        configure?.Invoke(options);
        return options;
    }

    private static void Check(PoolSettings settings, McpPoolOptions options)
    {
        var problems = SettingsValidator.Validate(settings, [.. options.Strategies.Keys]);
        if (problems.Count > 0)
            throw new InvalidSettingsException(problems);
    }

    private static void Start(ActorSystem system, IActorRegistry registry, Akka.DependencyInjection.IDependencyResolver resolver, PoolSettings settings, McpPoolOptions options)
    {
        Check(settings, options);
        var logs = resolver.GetService<ILoggerFactory>();
        var services = new PoolServices(
            settings,
            current => new Connector(current, new TransportFactory(options.MemoryServers, current, logs), logs),
            options.Strategies.ToFrozenDictionary(StringComparer.Ordinal),
            options.RandomSeed ?? new Random().Next());
        var cluster = system.Settings.Setup.Get<PoolNodeSetup>();
        services.Node = cluster.HasValue ? cluster.Value.Join(system, services) : null;
        var pool = system.ActorOf(PoolActor.Props(services), ActorName);
        registry.Register<PoolActorKey>(pool);
        if (cluster.HasValue)
            cluster.Value.Offer(system, pool);
        LostCalls.For(system);
        CoordinatedShutdown.Get(system).AddTask(
            CoordinatedShutdown.PhaseServiceRequestsDone,
            "close-mcp-pool",
            () => pool.Ask<PoolClosed>(new ClosePool(), ClosingTime(settings)).ContinueWith(_ => Akka.Done.Instance, TaskScheduler.Default));
    }

    private static TimeSpan ClosingTime(PoolSettings settings) => settings.DrainTimeout + (settings.CloseTimeout * 3);
}

/// <summary>The key of the pool's actor in the <see cref="ActorRegistry"/>: <c>registry.Get&lt;PoolActorKey&gt;()</c>.</summary>
public sealed class PoolActorKey;
