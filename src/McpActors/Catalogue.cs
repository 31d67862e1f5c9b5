using System.Text.Json;

namespace McpActors;

/// <summary>Asks for the pool's merged tools: the pool answers with <see cref="ToolList"/>.</summary>
public sealed record ListTools
{
    /// <summary>The one value of this type.</summary>
    public static ListTools Instance { get; } = new();
}

/// <summary>Asks for the pool's merged resources and resource templates: the pool answers with <see cref="ResourceList"/>.</summary>
public sealed record ListResources
{
    /// <summary>The one value of this type.</summary>
    public static ListResources Instance { get; } = new();
}

/// <summary>Asks for the pool's merged prompts: the pool answers with <see cref="PromptList"/>.</summary>
public sealed record ListPrompts
{
    /// <summary>The one value of this type.</summary>
    public static ListPrompts Instance { get; } = new();
}

/// <summary>The pool's tools, by name; a name that several servers have is one entry.</summary>
/// <param name="Tools">The tools, ordered by name.</param>
public sealed record ToolList(IReadOnlyList<CatalogueEntry> Tools);

/// <summary>The pool's resources and resource templates, by URI.</summary>
/// <param name="Resources">The resources, ordered by URI.</param>
/// <param name="Templates">The resource templates, ordered by URI template.</param>
public sealed record ResourceList(IReadOnlyList<CatalogueEntry> Resources, IReadOnlyList<CatalogueEntry> Templates);

/// <summary>The pool's prompts, by name.</summary>
/// <param name="Prompts">The prompts, ordered by name.</param>
public sealed record PromptList(IReadOnlyList<CatalogueEntry> Prompts);

/// <summary>One tool, resource, template or prompt, and the servers that have it.</summary>
/// <param name="Name">The name of a tool or prompt; the URI of a resource or template.</param>
/// <param name="Definition">The entry as the first server of <paramref name="Servers"/> describes it, as MCP writes it.</param>
/// <param name="Servers">The servers that have it, in configured order.</param>
public sealed record CatalogueEntry(string Name, JsonElement Definition, IReadOnlyList<string> Servers);
