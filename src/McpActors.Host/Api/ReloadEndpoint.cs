using McpActors.Host.Api.Contract;
using McpActors.Host.Reloading;

namespace McpActors.Host.Api;

/// <summary><c>POST /api/reload</c>: reads the configuration file again.</summary>
internal static class ReloadEndpoint
{
    public static void MapReload(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/reload", ReloadAsync)
            .WithName("reload")
            .WithTags("Configuration")
            .WithSummary("Reload the configuration file")
            .WithDescription("Replies once the change has begun; servers are added, replaced and drained in the background. " +
                "An invalid file changes nothing.")
            .Produces<DoneReply>()
            .ProducesErrors(StatusCodes.Status409Conflict, StatusCodes.Status422UnprocessableEntity);

    private static async Task<IResult> ReloadAsync(ConfigurationReloader reloader, CancellationToken cancellation)
    {
        if (reloader.Files.Count == 0)
            return Refuse((await reloader.ReloadAsync(cancellation)).Problem!, StatusCodes.Status409Conflict);
        var outcome = await reloader.ReloadAsync(cancellation);
        return outcome.Problem is { } problem
            ? Refuse(problem, StatusCodes.Status422UnprocessableEntity)
            : Results.Json(
                new DoneReply(true) { AtNextStart = outcome.AtNextStart is { Count: > 0 } blocks ? blocks : null },
                ApiJson.Strict.DoneReply);
    }

    private static IResult Refuse(string problem, int status) =>
        Results.Json(ErrorReply.Of(ErrorBody.Refused, problem), ApiJson.Strict.ErrorReply, statusCode: status);
}
