using System.Collections.Frozen;
using System.Text.Json;

namespace McpActors.Connections;

/// <summary>The tools, resources and prompts of one server. Immutable.</summary>
/// <param name="Tools">Its tools by name.</param>
/// <param name="Resources">Its resources by URI.</param>
/// <param name="Templates">Its resource templates by URI template.</param>
/// <param name="Prompts">Its prompts by name.</param>
internal sealed record ServerCatalogue(
    FrozenDictionary<string, CatalogueTool> Tools,
    FrozenDictionary<string, JsonElement> Resources,
    FrozenDictionary<string, JsonElement> Templates,
    FrozenDictionary<string, JsonElement> Prompts)
{
    /// <summary>Whether the other has equal entries.</summary>
    public bool SameAs(ServerCatalogue? other) =>
        other is not null
        && Same(Tools, other.Tools, (a, b) => Equal(a.Definition, b.Definition))
        && Same(Resources, other.Resources, Equal)
        && Same(Templates, other.Templates, Equal)
        && Same(Prompts, other.Prompts, Equal);

    private static bool Same<T>(FrozenDictionary<string, T> left, FrozenDictionary<string, T> right, Func<T, T, bool> equal) =>
        left.Count == right.Count && left.All(entry => right.TryGetValue(entry.Key, out var value) && equal(entry.Value, value));

    private static bool Equal(JsonElement left, JsonElement right) => JsonElement.DeepEquals(left, right);
}

/// <summary>A tool of one server.</summary>
/// <param name="Definition">The MCP definition.</param>
/// <param name="Repeatable">The server marks it <c>readOnlyHint</c> or <c>idempotentHint</c>; a missing hint means false.</param>
internal sealed record CatalogueTool(JsonElement Definition, bool Repeatable);
