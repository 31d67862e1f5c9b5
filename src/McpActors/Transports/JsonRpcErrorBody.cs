using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// Reads the JSON-RPC error in the body of an HTTP error. Its id does not matter: a server that cannot read a request answers with the id
/// null or with none.
/// </summary>
internal static class JsonRpcErrorBody
{
    private const int MostWords = 1000;

    // The code says what became of the call, however deep the data are.
    private static readonly JsonDocumentOptions AnyDepth = new() { MaxDepth = int.MaxValue };

    /// <summary>The error; null when the body is anything else.</summary>
    /// <param name="body">The body, without halves of surrogate pairs.</param>
    public static JsonRpcErrorDetail? TryRead(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, AnyDepth);
            return document.RootElement is { ValueKind: JsonValueKind.Object } json
                && json.TryGetProperty("error"u8, out var error)
                && error.ValueKind == JsonValueKind.Object
                && error.TryGetProperty("code"u8, out var code)
                && code.ValueKind == JsonValueKind.Number
                && code.TryGetInt32(out var number)
                    ? new JsonRpcErrorDetail { Code = number, Message = MessageOf(error), Data = DataOf(error) }
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The beginning of a body that is not a JSON-RPC error.</summary>
    public static string Words(byte[] body)
    {
        var text = Encoding.UTF8.GetString(body);
        return (text.Length > MostWords ? text[..MostWords] + "…" : text).Trim();
    }

    private static string MessageOf(JsonElement error) =>
        error.TryGetProperty("message"u8, out var message) && message.ValueKind == JsonValueKind.String ? JsonText.Read(message) : "";

    private static JsonElement? DataOf(JsonElement error) =>
        error.TryGetProperty("data"u8, out var data)
        && JsonDepth.IsAtMost(JsonMarshal.GetRawUtf8Value(data), IncomingMessage.MostLevels)
            ? data.Clone()
            : null;
}
