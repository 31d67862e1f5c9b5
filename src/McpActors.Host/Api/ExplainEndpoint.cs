using McpActors.Host.Api.Contract;
using McpActors.Pool;

namespace McpActors.Host.Api;

/// <summary><c>POST /api/explain</c>: what would be done with a call now, and why, without sending it.</summary>
internal static class ExplainEndpoint
{
    public static void MapExplain(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/explain", ExplainAsync)
            .WithName("explain")
            .WithTags("Calls")
            .WithSummary("What would be done with a call, and why, without sending it")
            .WithDescription("Takes what /api/execute takes: which route matches, which servers are candidates, and why each of the others is out.")
            .Accepts<ExecuteRequest>("application/json", "*/*")
            .Produces<ExplainReply>()
            .ProducesErrors(StatusCodes.Status400BadRequest, StatusCodes.Status413PayloadTooLarge);

    private static async Task<IResult> ExplainAsync(HttpContext context, IMcpPool pool)
    {
        try
        {
            var request = await RequestBody.ReadCallAsync(context);
            return Results.Json(ExplainReply.From(await pool.ExplainAsync(request.ToCall(), context.RequestAborted)), ApiJson.Strict.ExplainReply);
        }
        catch (InvalidBodyException e)
        {
            return Results.Json(ErrorReply.Of(nameof(PoolErrorKind.InvalidRequest), e.Message), ApiJson.Strict.ErrorReply, statusCode: e.Status);
        }
    }
}
