using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// Reads a message of a server as the server means it. The SDK is strict: an id as text, a number such as <c>7.0</c> or a missing
/// <c>jsonrpc</c> makes it drop an answer without a word. An answer that cannot be read becomes a <see cref="StandIn"/> for its call, so
/// that the call ends at once. Pure.
/// </summary>
internal static class IncomingMessage
{
    /// <summary>The deepest nesting of a message.</summary>
    public const int MostLevels = 512;

    private static readonly JsonReaderOptions Deep = new() { MaxDepth = MostLevels };

    /// <summary>
    /// The messages of a text: mostly one, several in a batch, and none when it is no message and names no call. An answer that cannot be
    /// read is a stand-in.
    /// </summary>
    /// <param name="json">The text.</param>
    /// <param name="asked">The one request that the text can answer; an answer without an id is the answer to it.</param>
    public static IReadOnlyList<JsonRpcMessage> Read(ReadOnlySpan<byte> json, RequestId? asked = null)
    {
        // Programs in other languages write the encoding of their locale.
        if (!Utf8.IsValid(json))
            json = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json));
        json = HalfPairs.Replace(json) ?? json;
        if (ReadStrictly(json) is { } expected)
            return [expected];
        if (MessageTexts.Split(json) is not { } texts)
            return ReadTolerantly(json, asked) is { } message ? [message] : [];
        var messages = new List<JsonRpcMessage>();
        foreach (var text in texts)
        {
            if ((ReadStrictly(json[text]) ?? ReadTolerantly(json[text], asked)) is { } one)
                messages.Add(one);
        }
        return messages;
    }

    private static JsonRpcMessage? ReadStrictly(ReadOnlySpan<byte> json)
    {
        try
        {
            var message = WithNumber(JsonSerializer.Deserialize(json, McpJson.MessageType));
            // The SDK also reads one whose id is null.
            return message is JsonRpcMessageWithId { Id.Id: null } ? null : message;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The integer that an id stands for: <c>7</c>, <c>7.0</c>, <c>7e0</c>; null for any other text.</summary>
    public static RequestId? NumberIn(string id)
    {
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent | NumberStyles.AllowLeadingSign;
        return decimal.TryParse(id, Style, CultureInfo.InvariantCulture, out var number)
            && decimal.IsInteger(number) && number is >= long.MinValue and <= long.MaxValue
                ? new RequestId((long)number)
                : null;
    }

    /// <summary>The JSON as a node, which is parsed when it is first read.</summary>
    public static JsonNode? NodeOf(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(json),
        JsonValueKind.Array => JsonArray.Create(json),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(json),
    };

    // Only in answers: the id of a request is its sender's, and goes back as it came.
    private static JsonRpcMessage? WithNumber(JsonRpcMessage? message)
    {
        if (message is JsonRpcResponse or JsonRpcError
            && message is JsonRpcMessageWithId { Id.Id: string text } answer && NumberIn(text) is { } number)
        {
            answer.Id = number;
        }
        return message;
    }

    private static JsonRpcMessage? ReadTolerantly(ReadOnlySpan<byte> json, RequestId? asked)
    {
        try
        {
            var reader = new Utf8JsonReader(json, Deep);
            using var document = JsonDocument.ParseValue(ref reader);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            if (reader.Read())
                throw new JsonException("text follows the message");
            return MessageOf(document.RootElement.Clone(), asked);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return UnreadableAnswer(json, e.Message);
        }
    }

    private static JsonRpcMessage? MessageOf(JsonElement json, RequestId? asked)
    {
        var hasId = json.TryGetProperty("id"u8, out var given);
        if (json.TryGetProperty("method"u8, out var method) && method.ValueKind == JsonValueKind.String)
        {
            var own = hasId ? ExactIdOf(given) : null;
            var parameters = json.TryGetProperty("params"u8, out var some) ? NodeOf(some) : null;
            return own is { } known
                ? new JsonRpcRequest { Id = known, Method = method.GetString()!, Params = parameters }
                : new JsonRpcNotification { Method = method.GetString()!, Params = parameters };
        }
        var id = hasId ? IdOf(given) : null;
        var hasError = json.TryGetProperty("error"u8, out var error) && error.ValueKind != JsonValueKind.Null;
        var hasResult = json.TryGetProperty("result"u8, out var result);
        // JSON-RPC 2.0 has null for the id of a request that a server cannot read.
        if ((id ?? (hasError || hasResult ? asked : null)) is not { } answered)
            return null;
        if (answered.Id is string text && NumberIn(text) is { } number)
            answered = number;
        if (hasError)
            return new JsonRpcError { Id = answered, Error = ErrorOf(error) };
        if (hasResult)
            return new JsonRpcResponse { Id = answered, Result = NodeOf(result) };
        // Without the mark of JSON-RPC it is anything, such as a line of a log.
        return json.TryGetProperty("jsonrpc"u8, out _)
            ? StandIn.For(answered, StandIn.Broken, "the answer has neither a result nor an error")
            : null;
    }

    private static RequestId? IdOf(JsonElement id) => id.ValueKind switch
    {
        JsonValueKind.Number => NumberIn(id.GetRawText()),
        JsonValueKind.String => new RequestId(id.GetString()!),
        _ => null,
    };

    private static RequestId? ExactIdOf(JsonElement id) => id.ValueKind == JsonValueKind.Number ? ExactId.Of(id.GetRawText()) : IdOf(id);

    private static JsonRpcErrorDetail ErrorOf(JsonElement error)
    {
        if (error.ValueKind != JsonValueKind.Object)
            return new() { Code = (int)McpErrorCode.InternalError, Message = TextOf(error) };
        return new()
        {
            Code = error.TryGetProperty("code"u8, out var code) ? CodeOf(code) : (int)McpErrorCode.InternalError,
            Message = error.TryGetProperty("message"u8, out var message) ? TextOf(message) : error.GetRawText(),
            Data = error.TryGetProperty("data"u8, out var data) ? data : null,
        };
    }

    private static int CodeOf(JsonElement code) =>
        NumberIn(TextOf(code)) is { Id: long and >= int.MinValue and <= int.MaxValue and var number }
            ? (int)number
            : (int)McpErrorCode.InternalError;

    private static string TextOf(JsonElement json) => json.ValueKind == JsonValueKind.String ? JsonText.Read(json) : json.GetRawText();

    private static JsonRpcError? UnreadableAnswer(ReadOnlySpan<byte> json, string problem)
    {
        var envelope = new JsonRpcEnvelope();
        envelope.Read(json);
        if (envelope.AnswerTo is not { } id)
            return null;
        return JsonDepth.IsAtMost(json, int.MaxValue)
            ? StandIn.For(id, StandIn.Unreadable, $"the answer is nested more than {MostLevels} levels deep")
            : StandIn.For(id, StandIn.Broken, $"the answer is not JSON: {problem}");
    }
}
