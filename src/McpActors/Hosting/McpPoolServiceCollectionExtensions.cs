using Akka.Hosting;
using McpActors.Configuration;
using McpActors.Pool;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace McpActors.Hosting;

/// <summary>Adds a pool to a .NET service.</summary>
public static class McpPoolServiceCollectionExtensions
{
    /// <summary>
    /// Adds a pool as <see cref="IMcpPool"/>, and an actor system of its own for it, to a service without Akka.NET. The pool logs under the
    /// categories <c>McpActors.*</c>.
    /// </summary>
    /// <param name="services">The service.</param>
    /// <param name="settings">The pool's settings.</param>
    /// <param name="configure">Strategies, memory servers and a seed, which a file cannot hold; null: none.</param>
    /// <exception cref="InvalidSettingsException">The settings have problems; the exception has all of them.</exception>
    public static IServiceCollection AddMcpPool(
        this IServiceCollection services, PoolSettings settings, Action<McpPoolOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddPoolSystem(akka => akka.WithMcpPool(settings, configure));
    }

    /// <summary>
    /// Adds a pool as <see cref="IMcpPool"/>, and an actor system of its own for it, to a service without Akka.NET, from a section of the
    /// service's configuration (<c>appsettings.json</c>, environment variables, user secrets), with the keys of HOCON. The host does not
    /// start when the section has problems. When the configuration reloads, the running pool takes over what changed; a configuration with
    /// problems changes nothing and is logged.
    /// </summary>
    /// <param name="services">The service.</param>
    /// <param name="section">The section with the pool's keys, such as <c>builder.Configuration.GetSection("McpPool")</c>.</param>
    /// <param name="configure">Strategies, memory servers and a seed, which a file cannot hold; null: none.</param>
    /// <exception cref="OptionsValidationException">
    /// When the host starts: the section has problems; the message has all of them.
    /// </exception>
    public static IServiceCollection AddMcpPool(
        this IServiceCollection services, IConfiguration section, Action<McpPoolOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        var strategies = McpPoolOptions.From(configure).Strategies.Keys.ToArray();
        services.AddOptions<PoolSection>().ValidateOnStart();
        services.AddSingleton<IValidateOptions<PoolSection>>(new PoolSectionValidator(section, strategies));
        return services.AddPoolSystem(akka => akka.WithMcpPool(section, configure));
    }

    /// <summary>
    /// Adds the <see cref="IMcpPool"/> of the pool that <c>WithMcpPool</c> starts in this service's actor system. It can be injected
    /// anywhere, also before the host runs: a call that comes before the pool has started waits for it.
    /// </summary>
    /// <param name="services">The service.</param>
    public static IServiceCollection AddMcpPoolClient(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<IMcpPool>(provider => new HostedMcpPool(provider));
        return services;
    }

    private static IServiceCollection AddPoolSystem(this IServiceCollection services, Action<AkkaConfigurationBuilder> withPool)
    {
        services.AddAkka("mcp-actors", akka =>
        {
            // Standard output belongs to the service: a command may write JSON to it.
            akka.AddHocon("akka.stdout-loglevel = OFF", HoconAddMode.Prepend);
            akka.ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddCategoryLogger();
            });
            withPool(akka);
        });
        return services.AddMcpPoolClient();
    }

    /// <summary>Stands for the pool's section of the configuration among the options that are validated at start.</summary>
    private sealed class PoolSection;

    private sealed class PoolSectionValidator(IConfiguration section, string[] strategies) : IValidateOptions<PoolSection>
    {
        public ValidateOptionsResult Validate(string? name, PoolSection options)
        {
            try
            {
                PoolConfiguration.Read(section, strategies);
                return ValidateOptionsResult.Success;
            }
            catch (InvalidSettingsException e)
            {
                return ValidateOptionsResult.Fail(e.Message);
            }
        }
    }
}
