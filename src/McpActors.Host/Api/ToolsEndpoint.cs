using McpActors.Host.Api.Contract;
using McpActors.Pool;

namespace McpActors.Host.Api;

/// <summary><c>GET /api/tools</c>: the pool's merged tools.</summary>
internal static class ToolsEndpoint
{
    public static void MapTools(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/tools", ToolsAsync)
            .WithName("tools")
            .WithTags("Calls")
            .WithSummary("Every tool of the pool, and the servers that have it")
            .Produces<ToolsReply>();

    private static async Task<IResult> ToolsAsync(IMcpPool pool, CancellationToken cancellationToken) =>
        Results.Json(ToolsReply.From(await pool.ListToolsAsync(cancellationToken)), ApiJson.Strict.ToolsReply);
}
