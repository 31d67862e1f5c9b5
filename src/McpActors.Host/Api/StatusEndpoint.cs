using McpActors.Host.Api.Contract;
using McpActors.Pool;

namespace McpActors.Host.Api;

/// <summary><c>GET /api/status</c>: the pool now.</summary>
internal static class StatusEndpoint
{
    public static void MapStatus(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/status", StatusAsync)
            .WithName("status")
            .WithTags("Servers")
            .WithSummary("Every server: its connection, circuit, load and last error")
            .Produces<StatusReply>();

    private static async Task<IResult> StatusAsync(IMcpPool pool, CancellationToken cancellationToken) =>
        Results.Json(StatusReply.From(await pool.GetStatusAsync(cancellationToken)), ApiJson.Strict.StatusReply);
}
