using Akka.Hosting;
using McpActors.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace McpActors.Hosting;

/// <summary>Puts a pool into an Akka.NET service, or into any .NET service.</summary>
public static class McpPoolHostingExtensions
{
    /// <summary>Starts a pool from the HOCON section <c>mcp-actors.pool</c> of the actor system's configuration.</summary>
    /// <exception cref="InvalidSettingsException">When the system starts: something is wrong with the settings.</exception>
    public static AkkaConfigurationBuilder WithMcpPool(this AkkaConfigurationBuilder builder, Action<McpPoolOptions>? configure = null) =>
        throw new NotImplementedException();

    /// <summary>Starts a pool with these settings at <c>/user/mcp-pool</c> and registers it under <see cref="PoolActorKey"/> and as <see cref="Pool.IMcpPool"/>.</summary>
    /// <exception cref="InvalidSettingsException">Something is wrong with the settings.</exception>
    public static AkkaConfigurationBuilder WithMcpPool(this AkkaConfigurationBuilder builder, PoolSettings settings, Action<McpPoolOptions>? configure = null) =>
        throw new NotImplementedException();

    /// <summary>Adds a pool, and an actor system of its own for it, to a service that has none.</summary>
    /// <exception cref="InvalidSettingsException">Something is wrong with the settings.</exception>
    public static IServiceCollection AddMcpPool(this IServiceCollection services, PoolSettings settings, Action<McpPoolOptions>? configure = null) =>
        throw new NotImplementedException();
}

/// <summary>The key of the <c>PoolActor</c> in the <see cref="ActorRegistry"/>: <c>registry.Get&lt;PoolActorKey&gt;()</c>.</summary>
public sealed class PoolActorKey;
