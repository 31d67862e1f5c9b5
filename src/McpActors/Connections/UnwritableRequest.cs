using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Transports;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>
/// Finds out, after a request failed for no clear reason, whether it could not be written: then no server received it, and none would.
/// Asked after failures only, so that a request that can be written costs nothing.
/// </summary>
internal static class UnwritableRequest
{
    /// <summary>Why the request cannot be written; null when it can, or could have been when it was sent.</summary>
    public static string? ProblemOf(JsonRpcRequest request)
    {
        try
        {
            LookInto(request.Params);
            JsonSerializer.Serialize(Stream.Null, request, McpJson.MessageType);
            return null;
        }
        catch (ObjectDisposedException)
        {
            // Its document may have been disposed after the request was written.
            return null;
        }
        catch (Exception e)
        {
            return Words(e);
        }
    }

    /// <summary>The problem, for an error message.</summary>
    public static string Words(Exception problem) => $"the request cannot be written as JSON: {FailureClassifier.Words(problem)}";

    // A name that occurs twice shows in what the pool, the SDK and the transports look into. A value further inside is written as it is.
    private static void LookInto(JsonNode? parameters)
    {
        if (parameters is not JsonObject json)
            return;
        LookAt(json["_meta"]);
        LookAt(json["arguments"]);
    }

    // Counting reads the names of an object that has not been looked into yet.
    private static void LookAt(JsonNode? node) => _ = node is JsonObject json ? json.Count : 0;
}
