using System.Text.Json;

namespace McpActors.Transports;

/// <summary>
/// Finds the messages in a text that holds several: a batch (MCP 2025-03-26), or messages one after another, as of a server that writes a
/// line for each. Pure.
/// </summary>
internal static class MessageTexts
{
    /// <summary>How many beginnings of an object are tried in a line; a log line holds few.</summary>
    private const int MostTries = 16;

    // A batch is one level around its messages.
    private static readonly JsonReaderOptions Several =
        new() { MaxDepth = IncomingMessage.MostLevels + 1, AllowMultipleValues = true };

    /// <summary>
    /// Whether an object can be a message: each has an id or a method. Structured logs mostly have neither, and need not be parsed.
    /// </summary>
    public static bool MayBeMessage(ReadOnlySpan<byte> json) => json.IndexOf("\"id\""u8) >= 0 || json.IndexOf("\"method\""u8) >= 0;

    /// <summary>Where each message is; null when the text is not whole JSON.</summary>
    public static IReadOnlyList<Range>? Split(ReadOnlySpan<byte> json)
    {
        var messages = new List<Range>();
        try
        {
            var reader = new Utf8JsonReader(json, Several);
            while (reader.Read())
            {
                // The brackets of a batch.
                if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray && reader.CurrentDepth == 0)
                    continue;
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                messages.Add(start..(int)reader.BytesConsumed);
            }
            return messages.Count > 0 ? messages : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// Where the answer is that ends a line, after what its program printed without ending that line; null without one. Anything else than
    /// an answer may be quoted in a log.
    /// </summary>
    public static int? AnswerAfterWords(ReadOnlySpan<byte> line)
    {
        // Rules out almost every such line at once.
        if (!line.EndsWith("}"u8) || line.IndexOf("\"jsonrpc\""u8) < 0)
            return null;
        var at = 0;
        for (var tries = 0; tries < MostTries && line[at..].IndexOf("{\""u8) is var next and >= 0; tries++)
        {
            at += next;
            if (Split(line[at..]) is [_])
            {
                var envelope = new JsonRpcEnvelope();
                envelope.Read(line[at..]);
                return envelope.AnswerTo is not null && line[at..].IndexOf("\"jsonrpc\""u8) >= 0 ? at : null;
            }
            at++;
        }
        return null;
    }

    /// <summary>Whether the text is whole and its last message an answer, so that nothing need follow.</summary>
    public static bool EndsWithAnswer(ReadOnlySpan<byte> json)
    {
        if (Split(json) is not [.., var last])
            return false;
        var envelope = new JsonRpcEnvelope();
        envelope.Read(json[last]);
        return !envelope.HasMethod;
    }
}
