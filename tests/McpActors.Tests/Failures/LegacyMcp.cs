using System.Text.Json.Nodes;

namespace McpActors.Tests.Failures;

/// <summary>
/// The messages of a correct server of revision 2025-11-25 up to the first call, for servers that fail only where a test wants it.
/// </summary>
internal static class LegacyMcp
{
    /// <summary>The tool of the faulty servers; each test scripts its answer.</summary>
    public const string Tool = "act";

    /// <summary>The reply to a message of the handshake, the catalogue or a probe; null for everything else.</summary>
    public static JsonObject? Answer(JsonNode message) => (string?)message["method"] switch
    {
        "initialize" => Result(message, new JsonObject
        {
            ["protocolVersion"] = "2025-11-25",
            ["capabilities"] = new JsonObject { ["tools"] = new JsonObject() },
            ["serverInfo"] = new JsonObject { ["name"] = "scripted", ["version"] = "1.0.0" },
        }),
        "tools/list" => Result(message, new JsonObject
        {
            ["tools"] = new JsonArray(
                new JsonObject { ["name"] = Tool, ["inputSchema"] = new JsonObject { ["type"] = "object" } }),
        }),
        "ping" => Result(message, []),
        "server/discover" => Error(message, -32601, "Method not found"),
        _ => null,
    };

    /// <summary>A tool's result with this text.</summary>
    public static JsonObject ToolResult(JsonNode request, string text, bool isError = false) => Result(request, new JsonObject
    {
        ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }),
        ["isError"] = isError,
    });

    /// <summary>The text of a message with the id of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="rest">The members after the id: the result, the error.</param>
    public static string Message(JsonNode request, string rest) =>
        $"{{\"jsonrpc\":\"2.0\",\"id\":{request["id"]!.ToJsonString()},{rest.Trim()}}}";

    public static JsonObject Error(JsonNode request, int code, string text) => new()
    {
        ["jsonrpc"] = "2.0",
        ["id"] = request["id"]?.DeepClone(),
        ["error"] = new JsonObject { ["code"] = code, ["message"] = text },
    };

    private static JsonObject Result(JsonNode request, JsonObject result) =>
        new() { ["jsonrpc"] = "2.0", ["id"] = request["id"]?.DeepClone(), ["result"] = result };
}
