using McpActors.Host.Presentation;

namespace McpActors.Host.Dashboard.Calling;

/// <summary>The kind of an entry of the catalogue.</summary>
public enum CatalogueKind
{
    Tools,
    Resources,
    Templates,
    Prompts,
}

/// <summary>An entry of the catalogue, for the page.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">The name of a tool or prompt; the URI of a resource or template.</param>
/// <param name="Title">Its title; null if it is missing or equal to the name.</param>
/// <param name="Description">Its description.</param>
/// <param name="Servers">The servers that have it.</param>
/// <param name="Tool">The tool; null for other kinds.</param>
public sealed record CatalogueItem(
    CatalogueKind Kind, string Name, string? Title, string? Description, IReadOnlyList<string> Servers, ToolInfo? Tool)
{
    /// <summary>Unique in the catalogue.</summary>
    public string Key => $"{Kind} {Name}";

    /// <summary>The servers, abbreviated.</summary>
    public string Where => ToolInfo.Some(Servers);

    /// <summary>Whether name, title, description or a server contains the text.</summary>
    public bool Matches(string text) =>
        text.Length == 0 || Servers.Append(Name).Append(Title).Append(Description).Any(part =>
            part?.Contains(text, StringComparison.OrdinalIgnoreCase) == true);

    /// <summary>All entries, as the pool orders them.</summary>
    public static IReadOnlyList<CatalogueItem> Of(ToolList tools, ResourceList resources, PromptList prompts) =>
    [
        .. tools.Tools.Select(ToolInfo.Of).Select(Of),
        .. resources.Resources.Select(entry => Of(CatalogueKind.Resources, entry)),
        .. resources.Templates.Select(entry => Of(CatalogueKind.Templates, entry)),
        .. prompts.Prompts.Select(entry => Of(CatalogueKind.Prompts, entry)),
    ];

    private static CatalogueItem Of(ToolInfo tool) =>
        new(CatalogueKind.Tools, tool.Name, tool.Title, tool.Description, tool.Servers, tool);

    private static CatalogueItem Of(CatalogueKind kind, CatalogueEntry entry)
    {
        var title = entry.Definition.Text("title") ?? entry.Definition.Text("name");
        return new(kind, entry.Name, title == entry.Name ? null : title, entry.Definition.Text("description"), entry.Servers, null);
    }
}
