using Akka.Actor;
using Akka.Hosting;
using McpActors.Configuration;
using McpActors.Pool;
using Microsoft.Extensions.Configuration;

namespace McpActors.Hosting;

/// <summary>
/// Puts a pool into the actor system of an Akka.NET service. The pool is the actor <c>/user/mcp-pool</c>, is registered under
/// <see cref="PoolActorKey"/>, and is drained when the system shuts down. <see cref="McpPoolServiceCollectionExtensions.AddMcpPoolClient"/>
/// adds the <see cref="IMcpPool"/> for it.
/// </summary>
public static class McpPoolAkkaExtensions
{
    /// <summary>Starts a pool from the HOCON section <c>mcp-actors.pool</c> of the actor system's configuration.</summary>
    /// <param name="builder">The actor system.</param>
    /// <param name="configure">Strategies, memory servers and a seed, which a file cannot hold; null: none.</param>
    /// <exception cref="InvalidSettingsException">
    /// When the system starts: the settings have problems; the exception has all of them.
    /// </exception>
    public static AkkaConfigurationBuilder WithMcpPool(this AkkaConfigurationBuilder builder, Action<McpPoolOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = McpPoolOptions.From(configure);
        return builder
            .WithPoolDefaults()
            .StartActors((system, registry, resolver) => PoolStart.Run(
                system, registry, resolver, PoolConfiguration.Read(system.Settings.Config, null, [.. options.Strategies.Keys]), options));
    }

    /// <summary>Starts a pool with these settings.</summary>
    /// <param name="builder">The actor system.</param>
    /// <param name="settings">The pool's settings.</param>
    /// <param name="configure">Strategies, memory servers and a seed, which a file cannot hold; null: none.</param>
    /// <exception cref="InvalidSettingsException">The settings have problems; the exception has all of them.</exception>
    public static AkkaConfigurationBuilder WithMcpPool(
        this AkkaConfigurationBuilder builder, PoolSettings settings, Action<McpPoolOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(settings);
        var options = McpPoolOptions.From(configure);
        PoolStart.Check(settings, options);
        return builder
            .WithPoolDefaults()
            .StartActors((system, registry, resolver) => PoolStart.Run(system, registry, resolver, settings, options));
    }

    /// <summary>
    /// Starts a pool from a section of the service's configuration (<c>appsettings.json</c>, environment variables, user secrets), with the
    /// keys of HOCON. When the configuration reloads, the running pool takes over what changed; a configuration with problems changes
    /// nothing and is logged.
    /// </summary>
    /// <param name="builder">The actor system.</param>
    /// <param name="section">The section with the pool's keys, such as <c>configuration.GetSection("McpPool")</c>.</param>
    /// <param name="configure">Strategies, memory servers and a seed, which a file cannot hold; null: none.</param>
    /// <exception cref="InvalidSettingsException">
    /// When the system starts: the settings have problems; the exception has all of them.
    /// </exception>
    public static AkkaConfigurationBuilder WithMcpPool(
        this AkkaConfigurationBuilder builder, IConfiguration section, Action<McpPoolOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(section);
        var options = McpPoolOptions.From(configure);
        return builder
            .WithPoolDefaults()
            .StartActors((system, registry, resolver) =>
            {
                string[] strategies = [.. options.Strategies.Keys];
                var settings = PoolConfiguration.Read(section, strategies);
                var pool = PoolStart.Run(system, registry, resolver, settings, options);
                system.ActorOf(SectionWatcher.Props(section, strategies, pool, settings), SectionWatcher.Name);
            });
    }

    private static AkkaConfigurationBuilder WithPoolDefaults(this AkkaConfigurationBuilder builder) => builder
        .AddHocon(PoolStart.ShutdownDefaults, HoconAddMode.Append)
        .WithCustomSerializer("mcp-pool-refused", RefusingSerializer.Messages, system => new RefusingSerializer(system));

    /// <summary>
    /// Sends Akka's log to the service's <c>ILoggerFactory</c>, each event under the name of the class that logs it as its category
    /// (<c>McpActors.Pool.PoolActor</c>). In place of Akka.Hosting's <c>AddLoggerFactory</c>, which has one category for all.
    /// </summary>
    /// <param name="loggers">The loggers of the actor system.</param>
    public static LoggerConfigBuilder AddCategoryLogger(this LoggerConfigBuilder loggers)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        // Adds the factory to the system's setup; its logger gives way to the one with categories.
        loggers.AddLoggerFactory();
        loggers.ClearLoggers();
        return loggers.AddLogger<CategoryLogger>();
    }

    /// <summary>
    /// The <see cref="IMcpPool"/> of a pool's actor, for programs without dependency injection; also of a pool in another process.
    /// </summary>
    /// <param name="pool">The pool's actor.</param>
    /// <param name="system">The caller's own actor system.</param>
    public static IMcpPool ToMcpPool(this IActorRef pool, ActorSystem system) => new McpPool(system, pool);
}

/// <summary>The key of the pool's actor in the <see cref="ActorRegistry"/>: <c>registry.Get&lt;PoolActorKey&gt;()</c>.</summary>
public sealed class PoolActorKey;
