using System.ComponentModel;
using McpActors.Host.Api.Contract;
using McpActors.Pool;
using Microsoft.AspNetCore.Mvc;

namespace McpActors.Host.Api;

/// <summary><c>GET /api/cluster</c>: the nodes of the cluster, and the servers as each node sees them.</summary>
internal static class ClusterEndpoint
{
    public static void MapCluster(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/cluster", ClusterAsync)
            .WithName("cluster")
            .WithTags("Servers")
            .WithSummary("Every node of the cluster, and its servers as it sees them")
            .Produces<ClusterReply>();

    private static async Task<IResult> ClusterAsync(
        [FromQuery(Name = "server"), Description("Limit the reply to this server; repeatable. Empty lists none, omitted lists all.")]
        string[]? servers,
        IMcpPool pool,
        CancellationToken cancellationToken)
    {
        string[]? listed = servers is { Length: > 0 } ? [.. servers.Where(server => server.Length > 0)] : null;
        return Results.Json(ClusterReply.From(await pool.GetClusterStatusAsync(listed, cancellationToken)), ApiJson.Strict.ClusterReply);
    }
}
