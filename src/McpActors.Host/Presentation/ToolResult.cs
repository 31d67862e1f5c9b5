using System.Text.Json;

namespace McpActors.Host.Presentation;

/// <summary>The result of a tool call, read once for the command line and the dashboard.</summary>
/// <param name="IsError">Whether the tool reports that it failed.</param>
/// <param name="Blocks">Its content blocks in order; null when the result has no content, as the result of another method.</param>
/// <param name="Structured">Its structured content; null when there is none.</param>
internal sealed record ToolResult(bool IsError, IReadOnlyList<ResultBlock>? Blocks, JsonElement? Structured)
{
    public static ToolResult Read(JsonElement result) => new(
        result.Flag("isError") == true,
        result.Find("content") is { ValueKind: JsonValueKind.Array } ? [.. result.Items("content").Select(ResultBlock.Read)] : null,
        result.Find("structuredContent"));
}

/// <summary>What a content block holds.</summary>
internal enum BlockKind
{
    Text,

    Image,

    Audio,

    /// <summary>A link to a resource.</summary>
    Link,

    /// <summary>A resource with its content: text, or data in base64.</summary>
    Resource,

    /// <summary>A type this program does not know.</summary>
    Unknown,
}

/// <summary>One content block of a tool's result.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Json">The block as the server sent it.</param>
internal sealed record ResultBlock(BlockKind Kind, JsonElement Json)
{
    /// <summary>The text of a text block or of an embedded resource.</summary>
    public string? Text { get; private init; }

    /// <summary>The base64 data of an image, a sound or an embedded resource.</summary>
    public string? Data { get; private init; }

    /// <summary>The media type of <see cref="Data"/>.</summary>
    public string? MimeType { get; private init; }

    /// <summary>The URI of a link or an embedded resource.</summary>
    public string? Uri { get; private init; }

    /// <summary>The title of a link, else its name.</summary>
    public string? Title { get; private init; }

    public static ResultBlock Read(JsonElement block)
    {
        switch (block.Text("type"))
        {
            case "text":
                return new(BlockKind.Text, block) { Text = block.Text("text") ?? "" };
            case "image":
                return new(BlockKind.Image, block) { Data = block.Text("data"), MimeType = block.Text("mimeType") };
            case "audio":
                return new(BlockKind.Audio, block) { Data = block.Text("data"), MimeType = block.Text("mimeType") };
            case "resource_link":
                return new(BlockKind.Link, block) { Uri = block.Text("uri"), Title = block.Text("title") ?? block.Text("name") };
            case "resource":
                var resource = block.Member("resource");
                return new(BlockKind.Resource, block)
                {
                    Text = resource.Text("text"),
                    Data = resource.Text("blob"),
                    MimeType = resource.Text("mimeType"),
                    Uri = resource.Text("uri"),
                };
            default:
                return new(BlockKind.Unknown, block);
        }
    }
}
