using System.Text.Json;
using McpActors.Host.Presentation;

namespace McpActors.Host.Dashboard.Calling;

/// <summary>How a part of a result is shown.</summary>
public enum ResultPartKind
{
    /// <summary>Text as it is.</summary>
    Text,

    /// <summary>JSON, indented.</summary>
    Json,

    /// <summary>A picture, as a data URI.</summary>
    Image,

    /// <summary>A sound, as a data URI.</summary>
    Audio,

    /// <summary>A description of content that is not shown.</summary>
    Note,
}

/// <summary>A part of a tool's result, ready to be shown.</summary>
/// <param name="Kind">How it is shown.</param>
/// <param name="Content">The text, or the data URI.</param>
/// <param name="Label">The heading above it.</param>
public sealed record ResultPart(ResultPartKind Kind, string Content, string Label)
{
    /// <summary>Longer text is cut: it makes a browser slow, and nobody reads it.</summary>
    public const int MostText = 200_000;

    /// <summary>More parts are counted only.</summary>
    public const int MostParts = 100;

    /// <summary>Whether the tool reports that it failed.</summary>
    public static bool IsError(JsonElement result) => ToolResult.Read(result).IsError;

    /// <summary>The parts of a tool's result; any other result is one part, the whole as JSON.</summary>
    public static IReadOnlyList<ResultPart> Of(JsonElement result)
    {
        var (_, blocks, structured) = ToolResult.Read(result);
        var parts = new List<ResultPart>();
        if (structured is { } json)
            parts.Add(new(ResultPartKind.Json, Indent(json), "JSON"));
        var shown = 0;
        foreach (var block in (blocks ?? []).TakeWhile(_ => parts.Count < MostParts && parts.Sum(TextLength) < MostText))
        {
            shown++;
            if (!Repeats(block, structured))
                parts.Add(OfBlock(block));
        }
        if (blocks is not null && shown < blocks.Count)
        {
            var note = $"{blocks.Count - shown:#,0} more parts are not shown; the HTTP API returns them all";
            parts.Add(new(ResultPartKind.Note, note, "More"));
        }
        return parts.Count > 0 ? parts : [new(ResultPartKind.Json, Indent(result), "JSON")];
    }

    private static int TextLength(ResultPart part) => part.Kind is ResultPartKind.Text or ResultPartKind.Json ? part.Content.Length : 0;

    /// <summary>JSON on several lines.</summary>
    public static string Indent(JsonElement json) => Cut(ReadableJson.Indent(json));

    /// <summary>Tools that answer with structured content repeat it as text, for older clients.</summary>
    private static bool Repeats(ResultBlock block, JsonElement? structured) =>
        structured is { } json && block.Kind == BlockKind.Text && Parse(block.Text) is { } text && JsonElement.DeepEquals(text, json);

    private static ResultPart OfBlock(ResultBlock block) => block.Kind switch
    {
        BlockKind.Text => OfText(block.Text ?? "", "Text"),
        BlockKind.Image => OfData(block, "image/", ResultPartKind.Image, "Image"),
        BlockKind.Audio => OfData(block, "audio/", ResultPartKind.Audio, "Sound"),
        BlockKind.Link => new(ResultPartKind.Text, $"{block.Title}\n{block.Uri}".Trim(), "Link to a resource"),
        BlockKind.Resource => OfResource(block),
        _ => new(ResultPartKind.Json, Indent(block.Json), "JSON"),
    };

    private static ResultPart OfText(string text, string label) =>
        Parse(text) is { ValueKind: JsonValueKind.Object or JsonValueKind.Array } json
            ? new(ResultPartKind.Json, Indent(json), "JSON")
            : new(ResultPartKind.Text, Cut(text), label);

    private static ResultPart OfResource(ResultBlock resource)
    {
        var uri = resource.Uri ?? "resource";
        if (resource.Text is { } text)
            return OfText(text, uri);
        return resource.MimeType?.StartsWith("image/", StringComparison.OrdinalIgnoreCase) == true
            ? OfData(resource, "image/", ResultPartKind.Image, uri)
            : new(ResultPartKind.Note, $"{resource.MimeType ?? "data"}, {resource.Data?.Length ?? 0:#,0} characters of base64", uri);
    }

    private static ResultPart OfData(ResultBlock block, string type, ResultPartKind kind, string label)
    {
        // Both become part of a URI, so they may hold nothing but a media type and base64.
        var isSafe = block.MimeType is { } mimeType && mimeType.StartsWith(type, StringComparison.OrdinalIgnoreCase)
            && mimeType.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '+' or '-' or '.')
            && block.Data is { } data && data.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '=');
        return isSafe
            ? new(kind, $"data:{block.MimeType};base64,{block.Data}", $"{label} ({block.MimeType})")
            : new(ResultPartKind.Note, $"cannot be shown: its media type is {block.MimeType ?? "missing"}", label);
    }

    private static string Cut(string text) =>
        text.Length <= MostText ? text : $"{text[..MostText]}\n… {text.Length - MostText:#,0} more characters";

    private static JsonElement? Parse(string? text)
    {
        if (text is null || text.AsSpan().TrimStart() is not ['{' or '[', ..])
            return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // It only looks like JSON.
            return null;
        }
    }
}
