using System.Diagnostics;
using System.Security.Claims;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Gateway;

/// <summary>A request of a client, and the forms that an answer to it has.</summary>
/// <param name="Client">The client, by the stream of its request.</param>
/// <param name="Request">The request.</param>
/// <param name="Era">The era of the client.</param>
internal sealed record ClientRequest(McpServer Client, JsonRpcRequest Request, Era Era)
{
    /// <summary>What the service offers beside the pool.</summary>
    public OwnEntries Own { get; } = new(Client.ServerOptions);

    /// <summary>The user that the client is authenticated as, by the claim that the SDK binds sessions to; empty for none.</summary>
    public string User => Request.Context?.User is { Identity.IsAuthenticated: true } user
        ? (user.FindFirst(ClaimTypes.NameIdentifier) ?? user.FindFirst("sub") ?? user.FindFirst(ClaimTypes.Upn))?.Value ?? ""
        : "";

    /// <summary>The trace that the client sends; default for none.</summary>
    public ActivityContext Trace
    {
        get
        {
            var meta = (Request.Params as JsonObject)?["_meta"] as JsonObject;
            return ActivityContext.TryParse(TextIn(meta, "traceparent"), TextIn(meta, "tracestate"), isRemote: true, out var trace)
                ? trace
                : default;
        }
    }

    /// <summary>The client's progress token; null when it wants no progress.</summary>
    public JsonNode? ProgressToken => (Request.Params as JsonObject)?["_meta"] is JsonObject meta ? meta["progressToken"] : null;

    /// <summary>The text of a member of the parameters; null when it has none.</summary>
    public string? Text(string name) => TextIn(Request.Params as JsonObject, name);

    public JsonRpcResponse Answer(JsonObject result)
    {
        EraShaping.Shape(result, Request.Method, Era);
        return new JsonRpcResponse { Id = Request.Id, Result = result };
    }

    public JsonRpcError Refuse(JsonRpcErrorDetail error) => new() { Id = Request.Id, Error = error };

    public JsonRpcError Refuse(string message) => Refuse(GatewayErrors.Invalid(message));

    /// <summary>The text of a member; null when it has none.</summary>
    public static string? TextIn(JsonObject? json, string name) =>
        json?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
