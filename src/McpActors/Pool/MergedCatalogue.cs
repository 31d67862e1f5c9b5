using System.Text.Json;
using McpActors.Connections;

namespace McpActors.Pool;

/// <summary>The catalogues of all servers as one: a name that several have is one entry with all of them. Pure.</summary>
internal sealed class MergedCatalogue
{
    private MergedCatalogue(ToolList tools, ResourceList resources, PromptList prompts) =>
        (Tools, Resources, Prompts) = (tools, resources, prompts);

    public ToolList Tools { get; }

    public ResourceList Resources { get; }

    public PromptList Prompts { get; }

    /// <param name="servers">The servers' names and catalogues, in configured order; a server without a catalogue adds nothing.</param>
    public static MergedCatalogue Of(IReadOnlyCollection<(string Server, ServerCatalogue? Catalogue)> servers) => new(
        new ToolList(Merge(servers, catalogue => catalogue.Tools?.Select(tool => KeyValuePair.Create(tool.Key, tool.Value.Definition)))),
        new ResourceList(Merge(servers, catalogue => catalogue.Resources), Merge(servers, catalogue => catalogue.Templates)),
        new PromptList(Merge(servers, catalogue => catalogue.Prompts)));

    private static IReadOnlyList<CatalogueEntry> Merge(
        IEnumerable<(string Server, ServerCatalogue? Catalogue)> servers,
        Func<ServerCatalogue, IEnumerable<KeyValuePair<string, JsonElement>>?> entriesOf)
    {
        var merged = new SortedDictionary<string, (JsonElement Definition, List<string> Servers)>(StringComparer.Ordinal);
        foreach (var (server, catalogue) in servers)
        {
            foreach (var (name, definition) in (catalogue is null ? null : entriesOf(catalogue)) ?? [])
            {
                if (!merged.TryGetValue(name, out var entry))
                    merged.Add(name, entry = (definition, []));
                entry.Servers.Add(server);
            }
        }
        return [.. merged.Select(entry => new CatalogueEntry(entry.Key, entry.Value.Definition, entry.Value.Servers))];
    }
}
