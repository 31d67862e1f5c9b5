using System.Text.Encodings.Web;
using System.Text.Json;

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

    /// <summary>A few words about what is not shown.</summary>
    Note,
}

/// <summary>A part of what a tool answered.</summary>
/// <param name="Kind">How it is shown.</param>
/// <param name="Content">The text, or the data URI.</param>
/// <param name="Label">What stands above it.</param>
public sealed record ResultPart(ResultPartKind Kind, string Content, string Label)
{
    /// <summary>More text than this is cut: a browser gets slow, and nobody reads it.</summary>
    public const int MostText = 200_000;

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether the tool says that it failed.</summary>
    public static bool IsError(JsonElement result) => result.Flag("isError") == true;

    /// <summary>The parts of a tool's result; of another result the whole as JSON.</summary>
    public static IReadOnlyList<ResultPart> Of(JsonElement result)
    {
        var structured = result.Member("structuredContent");
        var parts = new List<ResultPart>();
        if (result.Member("content") is { ValueKind: JsonValueKind.Array } content)
            parts.AddRange(content.EnumerateArray().Where(block => !Repeats(block, structured)).Select(OfBlock));
        if (structured.ValueKind is not JsonValueKind.Undefined)
            parts.Insert(0, new(ResultPartKind.Json, Indent(structured), "JSON"));
        return parts.Count > 0 ? parts : [new(ResultPartKind.Json, Indent(result), "JSON")];
    }

    /// <summary>JSON on several lines.</summary>
    public static string Indent(JsonElement json) => Cut(JsonSerializer.Serialize(json, Readable));

    /// <summary>Tools that answer with structured content also write it as text, for older clients.</summary>
    private static bool Repeats(JsonElement block, JsonElement structured) =>
        structured.ValueKind is not JsonValueKind.Undefined
        && Parse(block.Text("text")) is { } json
        && JsonElement.DeepEquals(json, structured);

    private static ResultPart OfBlock(JsonElement block) => block.Text("type") switch
    {
        "text" => OfText(block.Text("text") ?? "", "Text"),
        "image" => OfData(block, "image/", ResultPartKind.Image, "Image"),
        "audio" => OfData(block, "audio/", ResultPartKind.Audio, "Sound"),
        "resource_link" => new(ResultPartKind.Text, $"{block.Text("title") ?? block.Text("name")}\n{block.Text("uri")}".Trim(), "Link to a resource"),
        "resource" => OfResource(block.Member("resource")),
        _ => new(ResultPartKind.Json, Indent(block), "JSON"),
    };

    private static ResultPart OfText(string text, string label) =>
        Parse(text) is { ValueKind: JsonValueKind.Object or JsonValueKind.Array } json
            ? new(ResultPartKind.Json, Indent(json), "JSON")
            : new(ResultPartKind.Text, Cut(text), label);

    private static ResultPart OfResource(JsonElement resource)
    {
        var uri = resource.Text("uri") ?? "resource";
        if (resource.Text("text") is { } text)
            return OfText(text, uri);
        return resource.Text("mimeType")?.StartsWith("image/", StringComparison.OrdinalIgnoreCase) == true
            ? OfData(resource, "image/", ResultPartKind.Image, uri, "blob")
            : new(ResultPartKind.Note, $"{resource.Text("mimeType") ?? "data"}, {resource.Text("blob")?.Length ?? 0:#,0} characters of base64", uri);
    }

    private static ResultPart OfData(JsonElement block, string type, ResultPartKind kind, string label, string member = "data")
    {
        var (mimeType, data) = (block.Text("mimeType"), block.Text(member));
        // It becomes part of an address: nothing but a type and base64 may be in it.
        var isSound = mimeType is not null && mimeType.StartsWith(type, StringComparison.OrdinalIgnoreCase)
            && mimeType.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '+' or '-' or '.')
            && data is not null && data.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '=');
        return isSound
            ? new(kind, $"data:{mimeType};base64,{data}", $"{label} ({mimeType})")
            : new(ResultPartKind.Note, $"cannot be shown: it says that it is {mimeType ?? "nothing"}", label);
    }

    private static string Cut(string text) => text.Length <= MostText ? text : $"{text[..MostText]}\n… {text.Length - MostText:#,0} more characters";

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
            // It only looked like JSON.
            return null;
        }
    }
}
