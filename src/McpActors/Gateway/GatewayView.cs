using System.Collections.Frozen;
using System.Text.Json;
using McpActors.Connections;

namespace McpActors.Gateway;

/// <summary>One entry as the gateway offers it.</summary>
/// <param name="Name">The name, or the URI, that clients use.</param>
/// <param name="Group">The group that has it.</param>
/// <param name="Original">Its name, or URI, on the servers.</param>
/// <param name="Definition">Its definition under the original name.</param>
internal sealed record GatewayEntry(string Name, string Group, string Original, JsonElement Definition);

/// <summary>A name that several groups have and that none of them gets.</summary>
/// <param name="Kind">The kind of the entries.</param>
/// <param name="Name">The name that they would have.</param>
/// <param name="Groups">The groups.</param>
internal sealed record NameConflict(EntryKind Kind, string Name, IReadOnlyList<string> Groups);

/// <summary>The entries of one kind.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Entries">The entries, in the order of their names.</param>
internal sealed record EntryList(EntryKind Kind, IReadOnlyList<GatewayEntry> Entries)
{
    private readonly FrozenDictionary<string, GatewayEntry> _byName =
        Entries.ToFrozenDictionary(entry => entry.Name, StringComparer.Ordinal);

    /// <summary>The entry of a name; null for none.</summary>
    public GatewayEntry? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Whether a client sees a difference between the two lists.</summary>
    public bool IsSeenAs(EntryList other) => Entries.Count == other.Entries.Count && Entries.Zip(other.Entries).All(
        pair => pair.First.Name == pair.Second.Name && JsonElement.DeepEquals(pair.First.Definition, pair.Second.Definition));
}

/// <summary>
/// What clients see and may name: one list for each kind, a function of the options and of the groups' catalogues. Immutable and pure.
/// </summary>
internal sealed class GatewayView
{
    private readonly NameMap _names;
    private readonly FrozenSet<string> _groups;
    private readonly (string Group, UriTemplate Template)[] _templates;

    private GatewayView(NameMap names, GatewayOptions options, GroupList catalogue)
    {
        _names = names;
        _groups = catalogue.Groups.Select(group => group.Group).ToFrozenSet(StringComparer.Ordinal);
        IsComplete = catalogue.Pending.Count == 0;
        var conflicts = new List<NameConflict>();
        Tools = ListOf(EntryKind.Tool, group => group.Tools);
        Prompts = ListOf(EntryKind.Prompt, group => group.Prompts);
        Resources = ListOf(EntryKind.Resource, group => group.Resources);
        Templates = ListOf(EntryKind.Template, group => group.Templates);
        Conflicts = conflicts;
        _templates =
        [
            .. catalogue.Groups.SelectMany(group => group.Templates.Select(entry => (group.Group, new UriTemplate(entry.Name)))),
        ];

        EntryList ListOf(EntryKind kind, Func<GroupCatalogue, IReadOnlyList<CatalogueEntry>> part) =>
            new(kind, Offer(kind, names, options.Prefer, catalogue.Groups, part, conflicts));
    }

    public EntryList Tools { get; }

    public EntryList Prompts { get; }

    public EntryList Resources { get; }

    public EntryList Templates { get; }

    /// <summary>The names that no group gets.</summary>
    public IReadOnlyList<NameConflict> Conflicts { get; }

    /// <summary>No server connects or lists its entries for the first time.</summary>
    public bool IsComplete { get; }

    public static GatewayView Of(GatewayOptions options, GroupList catalogue) => new(new NameMap(options), options, catalogue);

    /// <summary>The groups that can have a resource, and its URI there. A listed resource has one group; else templates decide.</summary>
    public (IReadOnlyList<string> Groups, string Original) OwnersOf(string uri)
    {
        if (Resources.Find(uri) is { } listed)
            return ([listed.Group], listed.Original);
        if (Conflicts.FirstOrDefault(conflict => conflict.Kind == EntryKind.Resource && conflict.Name == uri) is { } conflict)
            return (conflict.Groups, uri);
        if (_names.OriginalOf(uri) is not { } found)
            return ([], uri);
        if (found.Group is { } group)
            return (_groups.Contains(group) ? [group] : [], found.Original);
        string[] matching =
        [
            .. _templates
                .Where(entry => entry.Template.Matches(found.Original))
                .Select(entry => entry.Group)
                .Distinct(StringComparer.Ordinal),
        ];
        // Servers may have resources that they do not list. With one group there is no doubt where one would be.
        return (matching.Length == 0 && _groups.Count == 1 ? [.. _groups] : matching, found.Original);
    }

    /// <summary>The groups that would have a name if it were no conflict; empty when it is none.</summary>
    public IReadOnlyList<string> GroupsInConflict(EntryKind kind, string name) =>
        Conflicts.FirstOrDefault(conflict => conflict.Kind == kind && conflict.Name == name)?.Groups ?? [];

    private static List<GatewayEntry> Offer(
        EntryKind kind,
        NameMap names,
        IReadOnlyList<string> prefer,
        IReadOnlyList<GroupCatalogue> groups,
        Func<GroupCatalogue, IReadOnlyList<CatalogueEntry>> part,
        List<NameConflict> conflicts)
    {
        var offered = new List<GatewayEntry>();
        var candidates = groups
            .SelectMany(
                part, (group, entry) => (group.Group, Entry: entry, As: names.NameOf(kind, group.Group, entry.Name)))
            .GroupBy(candidate => candidate.As.Name, StringComparer.Ordinal)
            .OrderBy(same => same.Key, StringComparer.Ordinal);
        foreach (var same in candidates)
        {
            // An alias is the operator's own word for this one entry.
            var all = same.ToList();
            var winner = all.Count == 1 ? 0 : all.FindIndex(candidate => candidate.As.IsAlias);
            for (var rank = 0; winner < 0 && rank < prefer.Count; rank++)
                winner = all.FindIndex(candidate => candidate.Group == prefer[rank]);
            if (winner >= 0)
                offered.Add(new GatewayEntry(same.Key, all[winner].Group, all[winner].Entry.Name, all[winner].Entry.Definition));
            else
                conflicts.Add(new NameConflict(kind, same.Key, [.. all.Select(candidate => candidate.Group)]));
        }
        return offered;
    }
}
