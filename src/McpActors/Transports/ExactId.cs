using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// Ids of requests of a server that the SDK cannot hold: numbers beyond 64 bits, with a fraction, or written as no integer is. They go
/// through the SDK as a text with a mark, and back to the server as they came. Pure.
/// </summary>
internal static class ExactId
{
    private const string Mark = "mcp-actors-number:";

    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = JsonDepth.Most };

    /// <summary>The id that a JSON number is; null when the text is none.</summary>
    public static RequestId? Of(string number)
    {
        if (!IsNumber(number))
            return null;
        return long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value.ToString(CultureInfo.InvariantCulture) == number ? new RequestId(value) : new RequestId(Mark + number);
    }

    /// <summary>The number that an id stands for; null for any id that the SDK can hold.</summary>
    public static string? NumberIn(RequestId id) =>
        id.Id is string text && text.StartsWith(Mark, StringComparison.Ordinal) && IsNumber(text[Mark.Length..])
            ? text[Mark.Length..]
            : null;

    /// <summary>The message as it is sent: an answer has the id of its request.</summary>
    /// <param name="message">The message.</param>
    /// <param name="json">Its JSON, as the SDK writes it.</param>
    public static byte[] Written(JsonRpcMessage message, byte[] json)
    {
        if (message is not (JsonRpcResponse or JsonRpcError) || NumberIn(((JsonRpcMessageWithId)message).Id) is not { } number)
            return json;
        var answer = JsonNode.Parse(json, null, Deep)!;
        answer["id"] = JsonNode.Parse(number);
        return Encoding.UTF8.GetBytes(answer.ToJsonString(McpJson.Options));
    }

    private static bool IsNumber(string text)
    {
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
            return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.BytesConsumed == text.Length;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
