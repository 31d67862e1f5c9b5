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
    public static JsonObject? ToolResult(CallFailed failed) =>
        failed.Error.Code is null && failed.Error.Kind != PoolErrorKind.InvalidRequest
            ? new JsonObject
            {
                ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = WordsOf(failed.Error) }),
                ["isError"] = true,
                ["_meta"] = new JsonObject { [Key] = DetailsOf(failed) },
            }
            : null;

    /// <summary>The error of JSON-RPC.</summary>
    public static JsonRpcErrorDetail Detail(CallFailed failed, Era era)
    {
        var error = failed.Error;
        return error.Code is { } code
            ? new JsonRpcErrorDetail
            {
                Code = EraShaping.CodeFor(code, era),
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

    // The words of the pool say it for people who read a log; a model has to act on them.
    private static string WordsOf(PoolError error) => error.MayHaveRun
        ? $"{error.Message} The call may have run: look for its effect before you repeat it."
        : $"{error.Message} The call did not run.";

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
