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

/// <summary>
/// Asks for the entries of each group, apart from those of the others: the pool answers with <see cref="GroupList"/>.
/// </summary>
public sealed record ListGroups
{
    /// <summary>The one value of this type.</summary>
    public static ListGroups Instance { get; } = new();
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

/// <summary>The entries of each group.</summary>
/// <param name="Groups">The groups, in the order in which the configuration names them first.</param>
/// <param name="Pending">
/// The servers that connect or list their entries for the first time, in configured order: their entries are still missing.
/// </param>
public sealed record GroupList(IReadOnlyList<GroupCatalogue> Groups, IReadOnlyList<string> Pending);

/// <summary>The entries of one group; those of a server that is down are the last ones that it listed.</summary>
/// <param name="Group">The group.</param>
/// <param name="Tools">Its tools, ordered by name.</param>
/// <param name="Resources">Its resources, ordered by URI.</param>
/// <param name="Templates">Its resource templates, ordered by URI template.</param>
/// <param name="Prompts">Its prompts, ordered by name.</param>
public sealed record GroupCatalogue(
    string Group,
    IReadOnlyList<CatalogueEntry> Tools,
    IReadOnlyList<CatalogueEntry> Resources,
    IReadOnlyList<CatalogueEntry> Templates,
    IReadOnlyList<CatalogueEntry> Prompts);

/// <summary>One tool, resource, template or prompt, and the servers that have it.</summary>
/// <param name="Name">The name of a tool or prompt; the URI of a resource or template.</param>
/// <param name="Definition">
/// The entry as MCP writes it. In a <see cref="GroupList"/> as most servers of the group describe it; if two descriptions are equally
/// frequent, as the first of these servers does. In the other lists as the first server of <paramref name="Servers"/> describes it.
/// </param>
/// <param name="Servers">The servers that have it, in configured order.</param>
public sealed record CatalogueEntry(string Name, JsonElement Definition, IReadOnlyList<string> Servers)
{
    /// <summary>
    /// In a <see cref="GroupList"/> the servers that describe it in another way than <see cref="Definition"/>, in configured order; in the
    /// other lists empty.
    /// </summary>
    public IReadOnlyList<string> Differing { get; init; } = [];
}
