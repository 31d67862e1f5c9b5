using McpActors.Host.Api.Contract;
using McpActors.Pool;

namespace McpActors.Host.Api;

/// <summary><c>POST /api/explain</c>: how the pool would route a call now, without sending it.</summary>
internal static class ExplainEndpoint
{
    public static void MapExplain(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/explain", ExplainAsync)
            .WithName("explain")
            .WithTags("Calls")
            .WithSummary("How the pool would route a call, without sending it")
            .WithDescription("Same body as /api/execute. Returns the matching route and, for each server, whether and why it is available.")
            .Accepts<ExecuteRequest>("application/json", "*/*")
            .Produces<ExplainReply>()
            .ProducesErrors(StatusCodes.Status400BadRequest, StatusCodes.Status413PayloadTooLarge);

    private static async Task<IResult> ExplainAsync(HttpContext context, IMcpPool pool)
    {
        try
        {
            var request = await RequestBody.ReadCallAsync(context);
            var explanation = await pool.ExplainAsync(request.ToCall(), context.RequestAborted);
            return Results.Json(ExplainReply.From(explanation), ApiJson.Strict.ExplainReply);
        }
        catch (InvalidBodyException e)
        {
            var reply = ErrorReply.Of(nameof(PoolErrorKind.InvalidRequest), e.Message);
            return Results.Json(reply, ApiJson.Strict.ErrorReply, statusCode: e.Status);
        }
    }
}
