using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;

namespace McpActors.Gateway;

/// <summary>
/// How a call without a result reaches a client. A tool's is a result that the model reads, because it is the model that would repeat the
/// call; all others are errors of JSON-RPC. Errors of servers keep code, message and data. Pure.
/// </summary>
internal static class GatewayErrors
{
    /// <summary>The key of <c>_meta</c> and of <c>error.data</c> that has the error for programs.</summary>
    public const string Key = "mcp-actors/error";

    private const int InvalidParams = -32602;

    // Outside of the range that JSON-RPC reserves; the kinds have stable numbers.
    private const int FirstOwnCode = 1000;

    /// <summary>The result of a tool that the pool could not run to its end; null when the server itself answered with an error.</summary>
    public static JsonObject? ToolResult(CallFailed failed) => IsOfServer(failed.Error) || failed.Error.Kind == PoolErrorKind.InvalidRequest
        ? null
        : new JsonObject
        {
            ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = WordsOf(failed.Error) }),
            ["isError"] = true,
            ["_meta"] = new JsonObject { [Key] = DetailsOf(failed) },
        };

    /// <summary>The error of JSON-RPC.</summary>
    public static JsonRpcErrorDetail Detail(CallFailed failed, Era era)
    {
        var error = failed.Error;
        return IsOfServer(error)
            ? new JsonRpcErrorDetail
            {
                Code = EraShaping.CodeFor(error.Code!.Value, era),
                Message = error.ServerMessage ?? error.Message,
                Data = error.Data is { } data ? data : null,
            }
            : new JsonRpcErrorDetail
            {
                Code = error.Kind == PoolErrorKind.InvalidRequest ? InvalidParams : FirstOwnCode + (int)error.Kind,
                Message = error.Message,
                Data = JsonSerializer.SerializeToElement(new JsonObject { [Key] = DetailsOf(failed) }),
            };
    }

    /// <summary>An error of the gateway's own.</summary>
    public static JsonRpcErrorDetail Invalid(string message) => new() { Code = InvalidParams, Message = message };

    // Once a call has failed on several servers, the code is that of the last one, and the error is the pool's.
    private static bool IsOfServer(PoolError error) =>
        error is { Kind: PoolErrorKind.Rejected or PoolErrorKind.ServerError, Code: not null };

    // It is the model that would repeat the call, so it learns whether it may.
    private static string WordsOf(PoolError error)
    {
        var words = error.Message.EndsWith('.') ? error.Message : error.Message + ".";
        return error switch
        {
            { MayHaveRun: false } => words + " The call did not run.",
            // The words of these say it already.
            { Kind: PoolErrorKind.OutcomeUnknown or PoolErrorKind.Rejected or PoolErrorKind.DeadlineExceeded } => words,
            _ => words + " The call may have run; repeating it is safe.",
        };
    }

    private static JsonObject DetailsOf(CallFailed failed)
    {
        var details = new JsonObject
        {
            ["kind"] = failed.Error.Kind.ToString(),
            ["mayHaveRun"] = failed.Error.MayHaveRun,
            ["attempts"] = failed.Attempts.Count,
        };
        if (failed.Error.Server is { } server)
            details["server"] = server;
        if (failed.Error.RetryAfter is { } wait)
            details["retryAfterMs"] = (long)Math.Ceiling(wait.TotalMilliseconds);
        return details;
    }
}
