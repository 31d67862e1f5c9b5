namespace McpActors.Gateway;

/// <summary>The kinds of entries that a client can name.</summary>
internal enum EntryKind
{
    Tool,
    Prompt,
    Resource,
    Template,
}

/// <summary>
/// The name under which an entry of a group is offered, and back: a function of the options and of the entry alone. Pure.
/// </summary>
internal sealed class NameMap
{
    // No name of a group has it.
    private const char UriSeparator = '+';

    private readonly GatewayOptions _options;
    private readonly Dictionary<(string Group, string Name), string> _aliases = [];

    public NameMap(GatewayOptions options)
    {
        _options = options;
        foreach (var (alias, target) in options.Aliases.OrderBy(alias => alias.Key, StringComparer.Ordinal))
        {
            var slash = target.IndexOf('/');
            _aliases.TryAdd((target[..slash], target[(slash + 1)..]), alias);
        }
    }

    private bool IsPlain => _options.Names == GatewayNaming.Plain;

    /// <summary>The offered name of an entry, and whether an alias gives it.</summary>
    public (string Name, bool IsAlias) NameOf(EntryKind kind, string group, string original) => kind switch
    {
        EntryKind.Resource or EntryKind.Template => (UriOf(group, original), false),
        _ when _aliases.TryGetValue((group, original), out var alias) => (alias, true),
        _ => (IsPlain ? original : group + _options.Separator + original, false),
    };

    /// <summary>The offered URI of a resource of a group, listed or not.</summary>
    public string UriOf(string group, string original) => IsPlain ? original : group + UriSeparator + original;

    /// <summary>
    /// The original of an offered URI, and the one group that can have it; null for the group where every group can. Null when the URI
    /// belongs to no group.
    /// </summary>
    public (string? Group, string Original)? OriginalOf(string offered)
    {
        if (IsPlain)
            return (null, offered);
        return offered.IndexOf(UriSeparator) is var at and > 0 ? (offered[..at], offered[(at + 1)..]) : null;
    }
}
