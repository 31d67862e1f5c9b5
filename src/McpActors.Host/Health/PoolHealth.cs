using McpActors.Host.Api;
using McpActors.Pool;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace McpActors.Host.Health;

/// <summary><c>/health/live</c>: the pool's actor answers. <c>/health/ready</c>: at least one server is connected, so a call can be served.</summary>
internal static class PoolHealth
{
    private const string Live = "live";
    private const string Ready = "ready";
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    public static void AddPoolHealth(this IServiceCollection services) =>
        services.AddHealthChecks()
            .AddCheck<PoolAnswers>("pool", tags: [Live], timeout: AnswerWithin)
            .AddCheck<ServerConnected>("servers", tags: [Ready], timeout: AnswerWithin);

    public static void MapPoolHealth(this IEndpointRouteBuilder routes)
    {
        Map("/health/live", Live);
        Map("/health/ready", Ready);

        void Map(string path, string tag) => routes.MapHealthChecks(path, new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(tag),
            ResponseWriter = WriteAsync,
        }).AllowAnonymous();
    }

    private static Task WriteAsync(HttpContext context, HealthReport report) =>
        context.Response.WriteAsJsonAsync(
            new HealthReply(report.Status.ToString(), report.Entries.ToDictionary(e => e.Key, e => e.Value.Description ?? e.Value.Status.ToString())),
            ApiJson.Strict.HealthReply);

    private sealed class PoolAnswers(IMcpPool pool) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            await pool.GetStatusAsync(cancellationToken);
            return HealthCheckResult.Healthy("The pool answers.");
        }
    }

    private sealed class ServerConnected(IMcpPool pool) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var status = await pool.GetStatusAsync(cancellationToken);
            var connected = status.Servers.Count(s => s.Status == ServerStatus.Connected);
            var words = $"{connected} of {status.Servers.Count} servers are connected.";
            return connected > 0 ? HealthCheckResult.Healthy(words) : HealthCheckResult.Unhealthy(words);
        }
    }
}
