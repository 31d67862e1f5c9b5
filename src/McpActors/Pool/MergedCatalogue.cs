using System.Text.Json;
using McpActors.Connections;

namespace McpActors.Pool;

/// <summary>The entries of one server.</summary>
/// <param name="Server">The server.</param>
/// <param name="Group">Its group.</param>
/// <param name="Catalogue">Its entries; null: none is known.</param>
/// <param name="IsPending">They are being read for the first time.</param>
internal sealed record CatalogueSource(string Server, string Group, ServerCatalogue? Catalogue, bool IsPending);

/// <summary>
/// The catalogues of all servers as one: a name that several have is one entry with all of them, for the pool and for each group. Pure.
/// </summary>
internal sealed class MergedCatalogue
{
    private delegate IEnumerable<KeyValuePair<string, JsonElement>>? Part(ServerCatalogue catalogue);

    private MergedCatalogue(ToolList tools, ResourceList resources, PromptList prompts, GroupList groups) =>
        (Tools, Resources, Prompts, Groups) = (tools, resources, prompts, groups);

    public ToolList Tools { get; }

    public ResourceList Resources { get; }

    public PromptList Prompts { get; }

    public GroupList Groups { get; }

    /// <param name="sources">The servers, in configured order; one without a catalogue adds no entry.</param>
    public static MergedCatalogue Of(IReadOnlyCollection<CatalogueSource> sources) => new(
        new ToolList(Merge(sources, ToolsOf)),
        new ResourceList(Merge(sources, ResourcesOf), Merge(sources, TemplatesOf)),
        new PromptList(Merge(sources, PromptsOf)),
        new GroupList(
            [.. sources.GroupBy(source => source.Group, StringComparer.Ordinal).Select(GroupOf)],
            [.. sources.Where(source => source.IsPending).Select(source => source.Server)]));

    private static GroupCatalogue GroupOf(IGrouping<string, CatalogueSource> group) => new(
        group.Key,
        MergeByMajority(group, ToolsOf),
        MergeByMajority(group, ResourcesOf),
        MergeByMajority(group, TemplatesOf),
        MergeByMajority(group, PromptsOf));

    private static IReadOnlyList<CatalogueEntry> Merge(IEnumerable<CatalogueSource> sources, Part part) =>
        [.. Collect(sources, part).Select(entry => new CatalogueEntry(
            entry.Key, entry.Value[0].Definition, [.. entry.Value.Select(has => has.Server)]))];

    // While a new version is rolled out, the replicas of a group differ; the one that most of them have is offered.
    private static IReadOnlyList<CatalogueEntry> MergeByMajority(IEnumerable<CatalogueSource> sources, Part part) =>
        [.. Collect(sources, part).Select(entry =>
        {
            var versions = new List<(JsonElement Definition, List<string> Servers)>();
            foreach (var (server, definition) in entry.Value)
            {
                var known = versions.Find(version => JsonElement.DeepEquals(version.Definition, definition));
                if (known.Servers is null)
                    versions.Add((definition, [server]));
                else
                    known.Servers.Add(server);
            }
            // The first of those with the most servers.
            var offered = versions.MaxBy(version => version.Servers.Count);
            return new CatalogueEntry(entry.Key, offered.Definition, [.. entry.Value.Select(has => has.Server)])
            {
                Differing = [.. entry.Value.Select(has => has.Server).Except(offered.Servers, StringComparer.Ordinal)],
            };
        })];

    private static SortedDictionary<string, List<(string Server, JsonElement Definition)>> Collect(
        IEnumerable<CatalogueSource> sources, Part part)
    {
        var entries = new SortedDictionary<string, List<(string Server, JsonElement Definition)>>(StringComparer.Ordinal);
        foreach (var source in sources)
        {
            foreach (var (name, definition) in (source.Catalogue is { } catalogue ? part(catalogue) : null) ?? [])
            {
                if (!entries.TryGetValue(name, out var servers))
                    entries.Add(name, servers = []);
                servers.Add((source.Server, definition));
            }
        }
        return entries;
    }

    private static IEnumerable<KeyValuePair<string, JsonElement>>? ToolsOf(ServerCatalogue catalogue) =>
        catalogue.Tools?.Select(tool => KeyValuePair.Create(tool.Key, tool.Value.Definition));

    private static IEnumerable<KeyValuePair<string, JsonElement>>? ResourcesOf(ServerCatalogue catalogue) => catalogue.Resources;

    private static IEnumerable<KeyValuePair<string, JsonElement>>? TemplatesOf(ServerCatalogue catalogue) => catalogue.Templates;

    private static IEnumerable<KeyValuePair<string, JsonElement>>? PromptsOf(ServerCatalogue catalogue) => catalogue.Prompts;
}
