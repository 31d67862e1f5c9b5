using McpActors.Pool;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace McpActors.Hosting;

/// <summary>Health checks for a service that embeds a pool.</summary>
public static class McpPoolHealthExtensions
{
    /// <summary>The tag of the check that the pool's actor answers: while it fails, a restart of the process helps.</summary>
    public const string LiveTag = "live";

    /// <summary>The tag of the check that calls can be served: while it fails, no traffic should come here.</summary>
    public const string ReadyTag = "ready";

    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Adds two checks of the <see cref="IMcpPool"/> of this service: <c>mcp-pool</c> with the tag <see cref="LiveTag"/> (its actor answers
    /// within 5 s) and <c>mcp-servers</c> with the tag <see cref="ReadyTag"/> (at least one server of each required group is connected).
    /// The names of what is missing are in the result's data, not in its description, which may be shown to anybody.
    /// </summary>
    /// <param name="checks">The service's health checks.</param>
    /// <param name="requiredGroups">The groups that must have a connected server; none: one connected server, whichever, is enough.</param>
    public static IHealthChecksBuilder AddMcpPoolChecks(this IHealthChecksBuilder checks, params string[] requiredGroups)
    {
        ArgumentNullException.ThrowIfNull(checks);
        ArgumentNullException.ThrowIfNull(requiredGroups);
        return checks
            .Add(new HealthCheckRegistration("mcp-pool", services => new PoolAnswers(PoolOf(services)), null, [LiveTag], AnswerWithin))
            .Add(new HealthCheckRegistration(
                "mcp-servers", services => new ServersConnected(PoolOf(services), requiredGroups), null, [ReadyTag], AnswerWithin));
    }

    private static IMcpPool PoolOf(IServiceProvider services) => services.GetRequiredService<IMcpPool>();

    private sealed class PoolAnswers(IMcpPool pool) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            // The status comes through the router's mailbox, which may be full, and lists every server.
            if (pool is IPoolDoor door)
                await door.AnswersAsync(cancellationToken).ConfigureAwait(false);
            else
                await pool.GetStatusAsync(cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy("The pool answers.");
        }
    }

    private sealed class ServersConnected(IMcpPool pool, string[] requiredGroups) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var servers = (await pool.GetStatusAsync(cancellationToken).ConfigureAwait(false)).Servers;
            var connected = servers.Where(server => server.Status == ServerStatus.Connected).ToList();
            var missing = requiredGroups.Except(connected.Select(server => server.Group), StringComparer.Ordinal).ToList();
            var words = $"{connected.Count} of {servers.Count} servers are connected"
                + (missing.Count > 0 ? $"; {missing.Count} of {requiredGroups.Length} required groups have none." : ".");
            var isReady = requiredGroups.Length > 0 ? missing.Count == 0 : connected.Count > 0;
            var details = new Dictionary<string, object>
            {
                ["connected"] = connected.Count,
                ["servers"] = servers.Count,
                ["groups-without-server"] = missing,
            };
            return new HealthCheckResult(isReady ? HealthStatus.Healthy : context.Registration.FailureStatus, words, data: details);
        }
    }
}
