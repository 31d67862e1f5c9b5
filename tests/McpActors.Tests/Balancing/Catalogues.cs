using System.Collections.Frozen;
using System.Text.Json;
using McpActors.Connections;

namespace McpActors.Tests.Balancing;

/// <summary>Catalogues of servers that have tools and nothing else.</summary>
internal static class Catalogues
{
    public static ServerCatalogue WithTool(string name, bool repeatable = false) =>
        WithTools(new Dictionary<string, CatalogueTool> { [name] = new(JsonSerializer.SerializeToElement(new { name }), repeatable) });

    public static ServerCatalogue WithTools(Dictionary<string, CatalogueTool> tools) => new(
        tools.ToFrozenDictionary(),
        FrozenDictionary<string, JsonElement>.Empty,
        FrozenDictionary<string, JsonElement>.Empty,
        FrozenDictionary<string, JsonElement>.Empty);
}
