using System.Globalization;

namespace McpActors.Configuration.Hocon;

/// <summary>
/// The rules by which HOCON joins values: blocks are merged, any other value replaces the one before, substitutions are resolved at the
/// end.
/// </summary>
internal static class HoconTree
{
    private const int MaxText = 1_000_000;

    /// <summary>Gives a key of a block a value; reports when the same file has given it one before.</summary>
    /// <param name="target">The block.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    /// <param name="path">The key's path.</param>
    /// <param name="problems">Where problems go; null when repetition is intended, as after an include.</param>
    public static void Set(ObjectNode target, string key, ConfigNode value, string path, List<SettingsProblem>? problems)
    {
        var existing = target.Items.GetValueOrDefault(key);
        if (existing is not null && problems is not null && IsRepetition(existing, value, path))
        {
            problems.Add(new(path, IsServer(path)
                ? $"the server `{key}` is written twice ({existing.Place} and {value.Place}),"
                    + " and HOCON would mix the two into one; rename one of them"
                : $"is written twice ({existing.Place} and {value.Place}), and the second would silently win; remove one of them"));
            return;
        }
        switch (existing, value)
        {
            case (ObjectNode into, ObjectNode from):
                into.Written |= from.Written;
                Merge(into, from, path, problems);
                break;
            case (PendingNode, ObjectNode block):
                target.Items[key] = new PendingNode(existing, [block], path, block.Place);
                break;
            case ({ } previous, PendingNode pending):
                target.Items[key] = pending.After(previous);
                break;
            default:
                target.Items[key] = value;
                break;
        }
    }

    /// <summary>Merges a block into another; where both have a value the second wins.</summary>
    public static void Merge(ObjectNode into, ObjectNode from, string path, List<SettingsProblem>? problems)
    {
        foreach (var (key, value) in from.Items)
            Set(into, key, value, KeyPath.Of(path, key), problems);
    }

    /// <summary>One value from what was written after a key.</summary>
    public static ConfigNode Join(IReadOnlyList<ConfigNode> pieces, string path, Place? place, List<SettingsProblem> problems)
    {
        var first = pieces.TakeWhile(p => p is BlankNode).Count();
        var last = pieces.Count - pieces.Reverse().TakeWhile(p => p is BlankNode).Count();
        List<ConfigNode> trimmed = [.. pieces.Skip(first).Take(last - first)];
        if (trimmed.Exists(p => p is SubstitutionNode))
            return new PendingNode(null, trimmed, path, place);
        if (trimmed.Count == 1)
            return trimmed[0];
        if (trimmed.Exists(p => p is BrokenNode))
            return new BrokenNode(place);
        if (trimmed.TrueForAll(p => p is TextNode or BlankNode or NullNode))
            return JoinTexts(trimmed, path, place, problems);

        trimmed.RemoveAll(p => p is BlankNode);
        if (trimmed.TrueForAll(p => p is ArrayNode))
            return new ArrayNode([.. trimmed.SelectMany(p => ((ArrayNode)p).Items)], place);
        if (trimmed.TrueForAll(p => p is ObjectNode))
        {
            var merged = new ObjectNode(place);
            foreach (var block in trimmed)
                Merge(merged, (ObjectNode)block, path, null);
            return merged;
        }
        problems.Add(new(path,
            $"puts a block or a list and something else into one value; separate them with a comma or a new line{At(place)}"));
        return new BrokenNode(place);
    }

    private static ConfigNode JoinTexts(List<ConfigNode> pieces, string path, Place? place, List<SettingsProblem> problems)
    {
        string[] texts = [.. pieces.Select(piece =>
            piece switch { TextNode text => text.Text, BlankNode blank => blank.Text, _ => "null" })];
        if (texts.Sum(text => (long)text.Length) <= MaxText)
            return new TextNode(string.Concat(texts), place);
        problems.Add(new(path, $"is longer than {MaxText} characters{At(place)}"));
        return new BrokenNode(place);
    }

    /// <summary>
    /// The entries of a list, each with its value in every layer that has it. A block whose keys are whole numbers counts as a list, as
    /// HOCON and <c>IConfiguration</c> have it, and is merged into a list below it. Null when the value is not a list.
    /// </summary>
    public static List<List<ConfigNode>>? Entries(IReadOnlyList<ConfigNode> layers)
    {
        if (layers[0] is ArrayNode list)
            return [.. list.Items.Select(item => new List<ConfigNode> { item })];
        var entries = new SortedDictionary<int, List<ConfigNode>>();
        foreach (var layer in layers)
        {
            if (Numbered(layer) is not { Count: > 0 } numbered)
                break;
            foreach (var (index, value) in numbered)
            {
                if (!entries.TryAdd(index, [value]))
                    entries[index].Add(value);
            }
            if (layer is ArrayNode)
                break;
        }
        return entries.Count > 0 ? [.. entries.Values] : null;
    }

    private static List<(int Index, ConfigNode Value)>? Numbered(ConfigNode node) => node switch
    {
        ArrayNode list => [.. list.Items.Select((item, index) => (index, item))],
        ObjectNode block when block.Items.Keys.All(IsIndex) => [.. block.Items.Select(item => (Index(item.Key), item.Value))],
        _ => null,
    };

    // With leading zeros, two keys could be the same number.
    private static bool IsIndex(string key) =>
        int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out _) && (key.Length == 1 || key[0] != '0');

    private static int Index(string key) => int.Parse(key, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>" (file, line n)", or nothing when the place is not known.</summary>
    public static string At(Place? place) => place is null or { Source: "" } ? "" : $" ({place})";

    // Akka's own sections keep Akka's rules. A `${…}` after a value is HOCON's way to let an environment variable override it.
    private static bool IsRepetition(ConfigNode existing, ConfigNode value, string path)
    {
        if (!path.StartsWith("mcp-actors.", StringComparison.Ordinal) || existing.Place?.Source != value.Place?.Source)
            return false;
        return (existing, value) switch
        {
            (ObjectNode a, ObjectNode b) => a.Written && b.Written && IsServer(path),
            (TextNode or ArrayNode, TextNode or ArrayNode or NullNode) => true,
            _ => false,
        };
    }

    private static bool IsServer(string path) =>
        path.StartsWith(KeyPath.Servers + ".", StringComparison.Ordinal)
        && (path[KeyPath.Servers.Length + 1] == '"' ? path[^1] == '"' : !path.AsSpan(KeyPath.Servers.Length + 1).Contains('.'));
}
