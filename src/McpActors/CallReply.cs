using System.Text.Json;
using System.Text.Json.Serialization;

namespace McpActors;

/// <summary>
/// The pool's one reply to a <see cref="PoolCall"/>: <see cref="CallCompleted"/> or <see cref="CallFailed"/>, never another kind.
/// </summary>
/// <param name="Attempts">Every attempt in order.</param>
/// <param name="Elapsed">From the pool's receipt of the call to this reply.</param>
public abstract record CallReply(IReadOnlyList<Attempt> Attempts, TimeSpan Elapsed)
{
    /// <exception cref="McpPoolException">The call failed.</exception>
    internal abstract CallCompleted OrThrow();
}

/// <summary>A server answered the call. A tool's own error (<c>isError: true</c>) is an answer too, see <see cref="IsError"/>.</summary>
/// <param name="Result">The JSON-RPC result as the server sent it.</param>
/// <param name="Server">The server that answered.</param>
/// <param name="Attempts">Every attempt, in the order in which they ended; the last one answered.</param>
/// <param name="Elapsed">From the pool's receipt of the call to this reply.</param>
public sealed record CallCompleted(JsonElement Result, string Server, IReadOnlyList<Attempt> Attempts, TimeSpan Elapsed)
    : CallReply(Attempts, Elapsed)
{
    /// <summary>True: the tool itself reports an error (<c>isError</c>); <see cref="Text"/> usually says which.</summary>
    [JsonIgnore]
    public bool IsError => Property("isError") is { ValueKind: JsonValueKind.True };

    /// <summary>The structured result of a tool (<c>structuredContent</c>); null when it gives none.</summary>
    [JsonIgnore]
    public JsonElement? StructuredContent => Property("structuredContent");

    /// <summary>
    /// The text of the result, blocks separated by line breaks: text blocks of a tool (<c>content</c>), text contents of a resource
    /// (<c>contents</c>), text of a prompt's messages (<c>messages</c>); empty when there is none.
    /// </summary>
    [JsonIgnore]
    public string Text => string.Join('\n', Blocks().SelectMany(TextsOf));

    private IEnumerable<JsonElement> Blocks()
    {
        foreach (var name in (string[])["content", "contents", "messages"])
        {
            if (Property(name) is not { ValueKind: JsonValueKind.Array } list)
                continue;
            foreach (var block in list.EnumerateArray())
                yield return block;
            yield break;
        }
    }

    // A block of text, a text resource without a type, or a message whose content is one block or several.
    private static IEnumerable<string> TextsOf(JsonElement block)
    {
        if (block.ValueKind != JsonValueKind.Object)
            return [];
        if (block.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String)
            return !block.TryGetProperty("type", out var type) || type.ValueEquals("text"u8) ? [JsonText.Read(text)] : [];
        if (!block.TryGetProperty("content", out var content))
            return [];
        return content.ValueKind == JsonValueKind.Array ? content.EnumerateArray().SelectMany(TextsOf) : TextsOf(content);
    }

    private JsonElement? Property(string name) =>
        Result.ValueKind == JsonValueKind.Object && Result.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    internal override CallCompleted OrThrow() => this;
}

/// <summary>The call has no result. The error gives the reason, and whether the call may have run.</summary>
/// <param name="Error">What happened, to which server, and what to do.</param>
/// <param name="Attempts">Every attempt in order.</param>
/// <param name="Elapsed">From the pool's receipt of the call to this reply.</param>
public sealed record CallFailed(PoolError Error, IReadOnlyList<Attempt> Attempts, TimeSpan Elapsed) : CallReply(Attempts, Elapsed)
{
    internal override CallCompleted OrThrow() => throw new McpPoolException(this);
}

/// <summary>One attempt to run a call on one server.</summary>
/// <param name="Server">The server.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Error">The reason of the failure; null when it succeeded.</param>
/// <param name="Elapsed">From its start until it ended.</param>
public sealed record Attempt(string Server, AttemptOutcome Outcome, string? Error, TimeSpan Elapsed);

/// <summary>How an attempt ended. It decides whether the call may go to another server.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AttemptOutcome>))]
public enum AttemptOutcome
{
    /// <summary>The server answered with a result.</summary>
    Succeeded,

    /// <summary>The server never received the request: always safe to run elsewhere.</summary>
    NotSent,

    /// <summary>
    /// The server refused the request before it ran it (HTTP 401, 403, 429, 503 with Retry-After, a lost session): always safe to run
    /// elsewhere.
    /// </summary>
    Refused,

    /// <summary>The request itself is wrong, and every server would reject it.</summary>
    Rejected,

    /// <summary>This server does not have the method or tool; another may.</summary>
    NotSupported,

    /// <summary>The server answered with a JSON-RPC error.</summary>
    ServerError,

    /// <summary>The tool answered with <c>isError: true</c>: an answer, not a failure of the server.</summary>
    ToolError,

    /// <summary>The request was sent and no answer came: the call may have run.</summary>
    Lost,

    /// <summary>The caller cancelled.</summary>
    Cancelled,
}
