using McpActors.Host.Api.Contract;
using McpActors.Hosting;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace McpActors.Host.Health;

/// <summary>
/// <c>/health/live</c>: the pool answers. <c>/health/ready</c>: it can serve calls (<see cref="McpPoolHealthExtensions"/>).
/// </summary>
internal static class PoolHealth
{
    public static void MapPoolHealth(this IEndpointRouteBuilder routes)
    {
        Map("/health/live", McpPoolHealthExtensions.LiveTag);
        Map("/health/ready", McpPoolHealthExtensions.ReadyTag);

        void Map(string path, string tag) => routes.MapHealthChecks(path, new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(tag),
            ResponseWriter = WriteAsync,
        }).AllowAnonymous();
    }

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var checks = report.Entries.ToDictionary(e => e.Key, e => e.Value.Description ?? e.Value.Status.ToString());
        return context.Response.WriteAsJsonAsync(new HealthReply(report.Status.ToString(), checks), ApiJson.Strict.HealthReply);
    }
}
