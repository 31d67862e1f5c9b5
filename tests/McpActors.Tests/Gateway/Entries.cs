using System.Text.Json;

namespace McpActors.Tests.Gateway;

/// <summary>Catalogues of groups for tests.</summary>
internal static class Entries
{
    public static GroupList Of(params GroupCatalogue[] groups) => new(groups, []);

    public static GroupCatalogue Tools(string group, params string[] names) => new(group, [.. names.Select(Entry)], [], [], []);

    public static GroupCatalogue Prompts(string group, params string[] names) => new(group, [], [], [], [.. names.Select(Entry)]);

    public static GroupCatalogue Resources(string group, string[] uris, params string[] templates) =>
        new(group, [], [.. uris.Select(Resource)], [.. templates.Select(Resource)], []);

    public static CatalogueEntry Entry(string name) => new(name, JsonSerializer.SerializeToElement(new { name }), ["server"]);

    private static CatalogueEntry Resource(string uri) => new(uri, JsonSerializer.SerializeToElement(new { uri }), ["server"]);
}
