using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// Looks into the objects that the SDK reads in its message loop. They are parsed when they are first looked into, and what fails there,
/// such as a repeated name or half a surrogate pair in one, would end the loop without a word: no later answer would be read. Of members
/// with the same name the last one counts.
/// </summary>
internal static class MessageCheck
{
    private const string Meta = "_meta";

    /// <summary>The levels that somebody looks into: the parameters or the result, and the members of those.</summary>
    private const int Levels = 2;

    /// <summary>
    /// The message if the SDK can look into it. Otherwise an error in place of an answer, or the message without its parameters.
    /// </summary>
    public static JsonRpcMessage Readable(JsonRpcMessage message)
    {
        try
        {
            return HasRepeatedName(message) ? With(message, RepeatedNames.LastCounts(BodyOf(message), Levels)) : message;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return message is JsonRpcResponse response
                ? StandIn.For(response.Id, StandIn.Unreadable, $"the result cannot be read: {e.Message}")
                : With(message, null);
        }
    }

    private static bool HasRepeatedName(JsonRpcMessage message)
    {
        try
        {
            LookInto(BodyOf(message));
            return false;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    private static JsonNode? BodyOf(JsonRpcMessage message) => message switch
    {
        JsonRpcResponse response => response.Result,
        JsonRpcRequest request => request.Params,
        JsonRpcNotification notification => notification.Params,
        _ => null,
    };

    /// <summary>The message with another result or other parameters; an error as it is.</summary>
    public static JsonRpcMessage With(JsonRpcMessage message, JsonNode? body) => message switch
    {
        JsonRpcResponse response => new JsonRpcResponse { Id = response.Id, Result = body, Context = response.Context },
        JsonRpcRequest request =>
            new JsonRpcRequest { Id = request.Id, Method = request.Method, Params = body, Context = request.Context },
        JsonRpcNotification notification =>
            new JsonRpcNotification { Method = notification.Method, Params = body, Context = notification.Context },
        _ => message,
    };

    private static void LookInto(JsonNode? node)
    {
        if (node is JsonObject members && members.TryGetPropertyValue(Meta, out var meta))
            _ = (meta as JsonObject)?.Count;
    }
}
