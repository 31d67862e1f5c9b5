using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// How messages are written as JSON: as the SDK does, but without escapes that JSON does not need, which make a text of other scripts, of
/// markup or of JSON several times as long. So a size is that of the message and not of its escapes. Deep nesting is read and written.
/// </summary>
internal static class McpJson
{
    public static JsonSerializerOptions Options { get; } = CreateOptions();

    public static JsonTypeInfo<JsonRpcMessage> MessageType { get; } =
        (JsonTypeInfo<JsonRpcMessage>)Options.GetTypeInfo(typeof(JsonRpcMessage));

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions(McpJsonUtilities.DefaultOptions)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            MaxDepth = IncomingMessage.MostLevels,
        };
        options.MakeReadOnly();
        return options;
    }
}
