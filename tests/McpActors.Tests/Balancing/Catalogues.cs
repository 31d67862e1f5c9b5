using System.Collections.Frozen;
using System.Text.Json;
using McpActors.Connections;

namespace McpActors.Tests.Balancing;

/// <summary>Catalogues of servers that have one kind of entry and nothing else.</summary>
internal static class Catalogues
{
    public static ServerCatalogue WithTool(string name, bool repeatable = false) =>
        WithTools(new Dictionary<string, CatalogueTool> { [name] = new(JsonSerializer.SerializeToElement(new { name }), repeatable) });

    public static ServerCatalogue WithPrompt(string name) => WithTools([]) with { Prompts = Entry(name) };

    public static ServerCatalogue WithResource(string uri) => WithTools([]) with { Resources = Entry(uri) };

    public static ServerCatalogue WithTemplate(string template) => WithTools([]) with { Templates = Entry(template) };

    public static ServerCatalogue WithTools(Dictionary<string, CatalogueTool> tools) => new(
        tools.ToFrozenDictionary(),
        FrozenDictionary<string, JsonElement>.Empty,
        FrozenDictionary<string, JsonElement>.Empty,
        FrozenDictionary<string, JsonElement>.Empty);

    private static FrozenDictionary<string, JsonElement> Entry(string name) =>
        new Dictionary<string, JsonElement> { [name] = JsonSerializer.SerializeToElement(new { name }) }.ToFrozenDictionary();
}
