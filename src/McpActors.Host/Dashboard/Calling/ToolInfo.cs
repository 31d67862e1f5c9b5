using System.Text.Json;
using McpActors.Host.Presentation;

namespace McpActors.Host.Dashboard.Calling;

/// <summary>A tool of the catalogue, for the pages.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Title">Its title; null for none.</param>
/// <param name="Description">Its description.</param>
/// <param name="Servers">The servers that have it.</param>
/// <param name="ReadOnly">Its <c>readOnlyHint</c>; null: not declared.</param>
/// <param name="Idempotent">Its <c>idempotentHint</c>.</param>
/// <param name="Destructive">Its <c>destructiveHint</c>.</param>
/// <param name="InputSchema">The schema of its arguments.</param>
public sealed record ToolInfo(
    string Name, string? Title, string? Description, IReadOnlyList<string> Servers, bool? ReadOnly, bool? Idempotent, bool? Destructive,
    JsonElement InputSchema)
{
    /// <summary>The servers, abbreviated.</summary>
    public string Where => Some(Servers);

    /// <summary>Up to three names, else their number.</summary>
    public static string Some(IReadOnlyList<string> servers) =>
        servers.Count <= 3 ? string.Join(", ", servers) : $"{servers.Count} servers";

    /// <summary>Reads an entry of the catalogue.</summary>
    public static ToolInfo Of(CatalogueEntry entry)
    {
        var annotations = ToolAnnotations.Read(entry.Definition);
        return new(
            entry.Name,
            entry.Definition.Text("title") ?? annotations.Title,
            entry.Definition.Text("description"),
            entry.Servers,
            annotations.ReadOnly,
            annotations.Idempotent,
            annotations.Destructive,
            entry.Definition.Member("inputSchema"));
    }
}
