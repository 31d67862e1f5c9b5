using System.Globalization;

using McpActors.Configuration.Hocon;

namespace McpActors.Configuration;

/// <summary>What is found while a configuration is read.</summary>
internal sealed class Findings
{
    /// <summary>Everything that is wrong, in the order it was met.</summary>
    public List<SettingsProblem> Problems { get; } = [];

    /// <summary>Where each key that was read is written, by its path.</summary>
    public Dictionary<string, Place> Places { get; } = [];

    /// <summary>The paths of all keys that were asked for.</summary>
    public HashSet<string> Asked { get; } = [];

    /// <summary>Every file that was to be read.</summary>
    public HashSet<string> Files { get; } = [];

    /// <summary>The file that each imported server comes from, by its name.</summary>
    public Dictionary<string, string> Imported { get; } = [];

    /// <summary>Whether servers are missing because what names them could not be read, so that nothing should be said of who refers to them.</summary>
    public bool ServersIncomplete { get; set; }

    public void Add(string path, string message, Place? place) => Problems.Add(new(path, message + HoconTree.At(place)));

    /// <summary>Where the key, or the nearest block around it, is written; null when that is not known.</summary>
    public Place? PlaceOf(string path)
    {
        while (true)
        {
            if (Places.TryGetValue(path, out var place))
                return place;
            var end = path.LastIndexOfAny(['.', '[']);
            if (end < 0)
                return null;
            path = path[..end];
        }
    }
}

/// <summary>
/// A block of a configuration. Each key is asked for with what it is when it is not written; a value that cannot be used is reported, and read
/// as if it were not written. <see cref="End"/> reports the keys that nobody asked for.
/// </summary>
internal sealed class Section
{
    private readonly ObjectNode _node;
    private readonly HashSet<string> _asked = [];

    public Section(ObjectNode node, string path, Findings findings)
    {
        _node = node;
        Path = path;
        Findings = findings;
        if (node.Place is { } place)
            findings.Places[path] = place;
    }

    public string Path { get; }

    public Findings Findings { get; }

    public IEnumerable<string> Keys => _node.Items.Keys;

    public string PathOf(string key) => KeyPath.Of(Path, key);

    public bool Has(string key) => _node.Items.ContainsKey(key);

    public void Problem(string key, string message) => Findings.Add(PathOf(key), message, _node.Items.GetValueOrDefault(key)?.Place ?? _node.Place);

    /// <summary>The key's value, whatever it is; null when it is not written or already known to be broken.</summary>
    public ConfigNode? Node(string key)
    {
        _asked.Add(key);
        Findings.Asked.Add(PathOf(key));
        if (!_node.Items.TryGetValue(key, out var node))
            return null;
        if (node.Place is { } place)
            Findings.Places[PathOf(key)] = place;
        return node is BrokenNode ? null : node;
    }

    public string? Text(string key) => Node(key) switch
    {
        null => null,
        TextNode text => text.Text.Trim(),
        _ => Wrong<string>(key, "must be a text"),
    };

    public bool Flag(string key, bool otherwise) => Text(key)?.ToLowerInvariant() switch
    {
        null => otherwise,
        "on" or "true" or "yes" => true,
        "off" or "false" or "no" => false,
        var other => Unusable(key, other, "on or off", otherwise),
    };

    public int Int(string key, int otherwise) => OptionalInt(key) ?? otherwise;

    public int? OptionalInt(string key) => Text(key) is not { } text ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : Unusable(key, text, "a whole number", (int?)null);

    public double Number(string key, double otherwise) => OptionalNumber(key, null, otherwise) ?? otherwise;

    /// <summary>A number, or the word that stands for none.</summary>
    public double? OptionalNumber(string key, string? none, double? otherwise) => Text(key) is not { } text ? otherwise
        : text == none ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
        : Unusable(key, text, none is null ? "a number such as 0.2" : $"a number such as 0.2, or {none}", otherwise);

    public TimeSpan Duration(string key, TimeSpan otherwise) => OptionalDuration(key, null, otherwise) ?? otherwise;

    /// <summary>A duration, or the word that stands for none.</summary>
    public TimeSpan? OptionalDuration(string key, string? none, TimeSpan? otherwise)
    {
        if (Text(key) is not { } text)
            return otherwise;
        if (text == none)
            return null;
        if (Units.TryDuration(text, out var duration))
            return duration;
        return Unusable(key, text, "a duration with its unit, such as 500ms, 30s, 5 min or 1h" + (none is null ? "" : $", or {none}"), otherwise);
    }

    /// <summary>A number of bytes.</summary>
    public long Size(string key, long otherwise) => Text(key) is not { } text ? otherwise
        : Units.TrySize(text, out var size) ? size
        : Unusable(key, text, "a size such as 65536, 512 KiB or 4 MiB", otherwise);

    public IReadOnlyList<string> Texts(string key)
    {
        if (Items(key) is not { } items)
            return [];
        var texts = new List<string>();
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is TextNode text)
                texts.Add(text.Text);
            else if (items[i] is not BrokenNode)
                Findings.Add(KeyPath.Item(PathOf(key), i), "must be a text", items[i].Place);
        }
        return texts;
    }

    /// <summary>The blocks of a list, each with the path of its entry.</summary>
    public IEnumerable<Section> Sections(string key)
    {
        var items = Items(key) ?? [];
        for (var i = 0; i < items.Count; i++)
        {
            var path = KeyPath.Item(PathOf(key), i);
            if (items[i] is ObjectNode block)
                yield return new Section(block, path, Findings);
            else if (items[i] is not BrokenNode)
                Findings.Add(path, "must be a block, { … }", items[i].Place);
        }
    }

    /// <summary>The block of a key, empty when it is not written.</summary>
    public Section Child(string key) => Block(key) ?? new Section(new ObjectNode(null), PathOf(key), Findings);

    /// <summary>The block of a key; null when it is not written, or is no block.</summary>
    public Section? Block(string key) => Node(key) switch
    {
        null => null,
        ObjectNode block => new Section(block, PathOf(key), Findings),
        _ => Wrong<Section>(key, "must be a block, { … }"),
    };

    /// <summary>Reports every key that was not asked for.</summary>
    /// <param name="hint">More to say of such a key, by its name and value; empty for nothing.</param>
    public void End(Func<string, ConfigNode, string>? hint = null)
    {
        foreach (var (key, node) in _node.Items)
        {
            if (_asked.Contains(key) || node is BrokenNode)
            {
                continue;
            }
            var meant = hint?.Invoke(key, node) is { Length: > 0 } more ? more : Suggestion.For(key, _asked);
            if (meant.Length == 0)
            {
                meant = $"; known here: {string.Join(", ", _asked.Order(StringComparer.Ordinal))}";
            }
            Findings.Add(PathOf(key), "is not a known key" + meant, node.Place);
        }
    }

    private List<ConfigNode>? Items(string key) => Node(key) switch
    {
        null => null,
        ArrayNode array => array.Items,
        _ => Wrong<List<ConfigNode>>(key, "must be a list, [ … ]"),
    };

    private T? Wrong<T>(string key, string message) where T : class
    {
        Problem(key, message);
        return null;
    }

    private T Unusable<T>(string key, string text, string right, T otherwise)
    {
        Problem(key, text.Length == 0 ? $"is empty; must be {right}" : $"`{text}` cannot be used; must be {right}");
        return otherwise;
    }
}
