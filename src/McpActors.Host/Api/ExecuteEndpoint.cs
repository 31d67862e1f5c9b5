using System.Globalization;
using McpActors.Host.Api.Contract;
using McpActors.Pool;

namespace McpActors.Host.Api;

/// <summary><c>POST /api/execute</c>: runs a method on one server of the pool.</summary>
internal static class ExecuteEndpoint
{
    public static void MapExecute(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/execute", ExecuteAsync)
            .WithName("execute")
            .WithTags("Calls")
            .WithSummary("Run a method or a tool on one server of the pool")
            .WithDescription(
                "The pool chooses a server, moves the call to another one when that is safe, and answers once. " +
                "Closing the connection cancels the call. Every error has mayHaveRun; 409 and 424 mean: check before you repeat the call.")
            // Any content type: `curl -d` sends form-urlencoded. BrowserGuard, not the content type, protects against pages of other sites.
            .Accepts<ExecuteRequest>("application/json", "*/*")
            .Produces<ExecuteReply>()
            .ProducesErrors(
                StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound, StatusCodes.Status409Conflict,
                StatusCodes.Status413PayloadTooLarge, StatusCodes.Status422UnprocessableEntity, StatusCodes.Status424FailedDependency,
                StatusCodes.Status429TooManyRequests, StatusCodes.Status502BadGateway, StatusCodes.Status503ServiceUnavailable,
                StatusCodes.Status504GatewayTimeout);

    private static async Task<IResult> ExecuteAsync(HttpContext context, IMcpPool pool, Answers answers)
    {
        if (answers.Problem() is { } full)
            return Failure(context, new CallFailed(full, [], TimeSpan.Zero));
        ExecuteRequest request;
        try
        {
            request = await RequestBody.ReadCallAsync(context);
        }
        catch (InvalidBodyException e)
        {
            var error = new ErrorBody(nameof(PoolErrorKind.InvalidRequest), e.Message) { MayHaveRun = false };
            return Json(new ErrorReply(error, [], 0), e.Status);
        }

        return await pool.SendAsync(request.ToCall(), context.RequestAborted) switch
        {
            CallCompleted executed => answers.Result(ExecuteReply.From(executed)),
            CallFailed failed => Failure(context, failed),
            var reply => throw new InvalidOperationException($"The pool answered a call with the unexpected type {reply.GetType()}."),
        };
    }

    private static IResult Failure(HttpContext context, CallFailed failed)
    {
        if (failed.Error.RetryAfter is { } wait)
            context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

        return Json(ErrorReply.From(failed), ErrorStatus.Of(failed.Error.Kind));
    }

    private static IResult Json(ErrorReply reply, int status) => Results.Json(reply, ApiJson.Strict.ErrorReply, statusCode: status);
}
