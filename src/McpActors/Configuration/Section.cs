using System.Globalization;

using McpActors.Configuration.Hocon;

namespace McpActors.Configuration;

/// <summary>
/// A block of a configuration. A reader asks for each key with its default; a value that is not valid is reported and read as the default.
/// <see cref="End"/> reports the keys that no reader asked for. The block may have several layers, one for each source: where more than one
/// has a key, the first wins, and blocks are merged.
/// </summary>
internal sealed class Section
{
    private readonly IReadOnlyList<ObjectNode> _layers;
    private readonly bool _names;
    private HashSet<string> _asked = [];

    public Section(ObjectNode node, string path, Findings findings) : this([node], path, findings, names: false)
    {
    }

    /// <param name="layers">The block in each source, at least one; the first wins.</param>
    /// <param name="path">The block's path.</param>
    /// <param name="findings">Where problems go.</param>
    /// <param name="names">Whether its keys are names that the user chose, such as those of servers, which have one spelling only.</param>
    public Section(IReadOnlyList<ObjectNode> layers, string path, Findings findings, bool names = false)
    {
        _layers = layers;
        _names = names;
        Path = path;
        Findings = findings;
        if (Place is { } place)
            findings.Places[path] = place;
    }

    public string Path { get; }

    public Findings Findings { get; }

    private Place? Place => _layers.Select(layer => layer.Place).FirstOrDefault(place => place is not null);

    /// <summary>The keys that have a value, in the order written.</summary>
    public IEnumerable<string> Keys => _layers.SelectMany(layer => layer.Items.Keys).Distinct().Where(Has);

    public string PathOf(string key) => KeyPath.Of(Path, key);

    public bool Has(string key) => Find(key).Count > 0;

    public void Problem(string key, string message) => Findings.Add(PathOf(key), message, Find(key).FirstOrDefault()?.Place ?? Place);

    /// <summary>The same block with another layer before its own.</summary>
    public Section Under(ObjectNode layer) => new([layer, .. _layers], Path, Findings, _names) { _asked = _asked };

    /// <summary>The same block with another layer after its own.</summary>
    public Section Over(ObjectNode layer) => new([.. _layers, layer], Path, Findings, _names) { _asked = _asked };

    public string? Text(string key) => Value(key) switch
    {
        null => null,
        TextNode text => Fitting(key, text.Text.Trim()),
        EmptyNode => "",
        _ => Wrong<string>(key, "must be a text"),
    };

    /// <summary>The full path of a file or folder; null when the key has no value or one that is no path.</summary>
    /// <param name="key">The key.</param>
    /// <param name="folder">A relative path starts from here.</param>
    public string? FilePath(string key, string folder)
    {
        if (Text(key) is not { } text)
            return null;
        if (!text.Contains('\0', StringComparison.Ordinal))
            return System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, text));
        Problem(key, "is not a path: it has a NUL character");
        return null;
    }

    public bool Flag(string key, bool otherwise) => Text(key)?.ToLowerInvariant() switch
    {
        null => otherwise,
        "on" or "true" or "yes" => true,
        "off" or "false" or "no" => false,
        var other => Invalid(key, other, "on or off", otherwise),
    };

    public int Int(string key, int otherwise) => OptionalInt(key) ?? otherwise;

    public int? OptionalInt(string key) => Text(key) is not { } text ? null
        : decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && decimal.IsInteger(number) && number is >= int.MinValue and <= int.MaxValue ? (int)number
        : Invalid(key, text, "a whole number", (int?)null);

    public double Number(string key, double otherwise) => OptionalNumber(key, null, otherwise) ?? otherwise;

    /// <summary>A number, or the word that means none.</summary>
    public double? OptionalNumber(string key, string? none, double? otherwise) => Text(key) is not { } text ? otherwise
        : text == none ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
        : Invalid(key, text, none is null ? "a number such as 0.2" : $"a number such as 0.2, or {none}", otherwise);

    public TimeSpan Duration(string key, TimeSpan otherwise) => OptionalDuration(key, null, otherwise) ?? otherwise;

    /// <summary>A duration, or the word that means none.</summary>
    public TimeSpan? OptionalDuration(string key, string? none, TimeSpan? otherwise)
    {
        if (Text(key) is not { } text)
            return otherwise;
        if (text == none)
            return null;
        if (Units.TryDuration(text, out var duration))
            return duration;
        return Invalid(key, text, "a duration with its unit, such as 500ms, 30s, 5 min or 1h" + (none is null ? "" : $", or {none}"),
            otherwise);
    }

    /// <summary>A number of bytes.</summary>
    public long Size(string key, long otherwise) => Text(key) is not { } text ? otherwise
        : Units.TrySize(text, out var size) ? size
        : Invalid(key, text, "a size such as 65536, 512 KiB or 4 MiB", otherwise);

    /// <summary>One of the words that a key may have.</summary>
    public T Choice<T>(string key, T otherwise, params ReadOnlySpan<(string Word, T Value)> choices)
    {
        if (Text(key) is not { } text)
            return otherwise;
        var words = new List<string>();
        foreach (var (word, value) in choices)
        {
            if (text == word)
                return value;
            words.Add(word);
        }
        return Invalid(key, text, string.Join(" or ", words) + Suggestion.For(text, words), otherwise);
    }

    public IReadOnlyList<string> Texts(string key)
    {
        var texts = new List<string>();
        foreach (var (path, layers) in Entries(key))
        {
            if (layers[0] is TextNode text)
                texts.Add(text.Text);
            else if (layers[0] is EmptyNode { IsNull: false })
                texts.Add("");
            else if (layers[0] is not BrokenNode)
                Findings.Add(path, "must be a text", layers[0].Place);
        }
        return texts;
    }

    /// <summary>The blocks of a list, each with the path of its entry.</summary>
    public IEnumerable<Section> Sections(string key)
    {
        foreach (var (path, layers) in Entries(key))
        {
            if (Blocks(layers, path) is { Count: > 0 } blocks)
                yield return new Section(blocks, path, Findings);
            else if (layers[0] is not BrokenNode)
                Findings.Add(path, "must be a block, { … }", layers[0].Place);
        }
    }

    /// <summary>The block of a key, empty when the key is not written.</summary>
    /// <param name="key">The key.</param>
    /// <param name="orText">Whether the key may also have a text, so that a block may override one.</param>
    public Section Child(string key, bool orText = false) => Block(key, orText: orText) ?? Empty(key, names: false);

    /// <summary>The block of a key whose own keys are names, empty when the key is not written.</summary>
    public Section Names(string key) => Block(key, names: true) ?? Empty(key, names: true);

    /// <summary>The block of a key; null when the key is not written, or is not a block.</summary>
    public Section? Block(string key, bool names = false, bool orText = false)
    {
        if (Value(key) is not { } value)
            return null;
        var layers = Find(key);
        if (names && layers.Find(IsUnnamed) is { } list)
        {
            Findings.Add(PathOf(key), "must be a block, { … }, with a name as the key of each entry; a list has no names", list.Place);
            return Empty(key, names);
        }
        return Blocks(layers, PathOf(key), orText) is { Count: > 0 } blocks ? new Section(blocks, PathOf(key), Findings, names)
            : value is EmptyNode ? Empty(key, names)
            : Wrong<Section>(key, "must be a block, { … }");
    }

    /// <summary>The key's value, of any kind; null when the key is not written or has a problem already.</summary>
    public ConfigNode? Value(string key)
    {
        _asked.Add(key);
        Findings.Asked.Add(PathOf(key));
        if (Find(key) is not [var node, ..])
            return null;
        if (node.Place is { } place)
            Findings.Places[PathOf(key)] = place;
        return node is BrokenNode ? null : node;
    }

    /// <summary>Reports every key that no reader asked for, and every key that one source has in two spellings.</summary>
    /// <param name="hint">More about such a key, from its name and value; empty for nothing.</param>
    public void End(Func<string, ConfigNode, string>? hint = null)
    {
        foreach (var layer in _layers)
        {
            foreach (var (key, node) in layer.Items)
            {
                if (node is not BrokenNode && !_asked.Any(asked => IsSpelled(layer, key, asked)))
                    Findings.Add(PathOf(key), "is not a known key" + Meant(layer, key, node), node.Place);
            }
            foreach (var asked in layer.AnySpelling && !_names ? _asked : [])
            {
                if (layer.Items.Keys.Where(key => IsSpelled(layer, key, asked)).ToList() is { Count: > 1 } spellings)
                {
                    Findings.Add(PathOf(asked),
                        $"is written in more than one spelling ({string.Join(", ", spellings)}); use the same in every source",
                        layer.Place);
                }
            }
        }

        string Meant(ObjectNode layer, string key, ConfigNode node)
        {
            if (hint?.Invoke(key, node) is { Length: > 0 } more)
                return more;
            string[] known = [.. layer.AnySpelling && Spelling.IsPascal(key) ? _asked.Select(Spelling.Pascal) : _asked];
            return Suggestion.For(key, known) is { Length: > 0 } meant ? meant
                : $"; known here: {string.Join(", ", known.Order(StringComparer.Ordinal))}";
        }
    }

    /// <summary>Reports the keys here that belong into one of the blocks here, once that block has been read.</summary>
    public void ReportMisplaced(string block)
    {
        foreach (var key in Keys.Where(key => Findings.Asked.Contains(KeyPath.Of(PathOf(block), key))))
        {
            _asked.Add(key);
            Problem(key, $"belongs to the block {block}; move it to {KeyPath.Of(PathOf(block), key)}");
        }
    }

    // The key's value in each layer that has it; empty when the key has no value.
    private List<ConfigNode> Find(string key)
    {
        var values = _layers.Select(layer => Find(layer, key)).OfType<ConfigNode>().ToList();
        return values is [NullNode, ..] || (values is [EmptyNode { IsNull: true }] && !_names) ? [] : values;
    }

    private ConfigNode? Find(ObjectNode layer, string key) =>
        layer.Items.TryGetValue(key, out var exact) ? exact
        : layer.AnySpelling && !_names ? layer.Items.FirstOrDefault(item => Spelling.Same(item.Key, key)).Value
        : null;

    private bool IsSpelled(ObjectNode layer, string written, string key) =>
        written == key || (layer.AnySpelling && !_names && Spelling.Same(written, key));

    private List<(string Path, List<ConfigNode> Layers)> Entries(string key)
    {
        var value = Value(key);
        if (value is not (null or EmptyNode) && HoconTree.Entries(Find(key)) is { } entries)
        {
            ReportOthers(Find(key), layer => HoconTree.Entries([layer]) is not null, PathOf(key), "must be a list, [ … ]");
            return [.. entries.Select((layers, index) => (KeyPath.Item(PathOf(key), index), layers))];
        }
        if (value is not (null or EmptyNode))
            Problem(key, "must be a list, [ … ]");
        return [];
    }

    private Section Empty(string key, bool names) => new([new ObjectNode(null)], PathOf(key), Findings, names);

    // The block of each layer, as far as they are blocks.
    private List<ObjectNode> Blocks(List<ConfigNode> layers, string path, bool orText = false)
    {
        List<ObjectNode> blocks = [.. layers.TakeWhile(layer => layer is ObjectNode).Cast<ObjectNode>()];
        if (blocks.Count > 0)
            ReportOthers(layers, layer => layer is ObjectNode || (orText && layer is TextNode), path, "must be a block, { … }");
        return blocks;
    }

    private string Fitting(string key, string text)
    {
        ReportOthers(Find(key), layer => layer is TextNode, PathOf(key), "must be a text");
        return text;
    }

    // A value of another kind in a lower layer would have no effect, without a word.
    private void ReportOthers(List<ConfigNode> layers, Predicate<ConfigNode> fits, string path, string message)
    {
        foreach (var layer in layers.Skip(1).Where(layer => layer is not (BrokenNode or EmptyNode or NullNode) && !fits(layer)))
        {
            var problem = new SettingsProblem(path, message + HoconTree.At(layer.Place));
            if (!Findings.Problems.Contains(problem))
                Findings.Problems.Add(problem);
        }
    }

    // An IConfiguration has a list as a block whose keys are 0, 1, 2, …
    private static bool IsUnnamed(ConfigNode node) =>
        node is ObjectNode { AnySpelling: true, Items.Count: > 0 } block
        && Enumerable.Range(0, block.Items.Count).All(i => block.Items.ContainsKey(i.ToString(CultureInfo.InvariantCulture)));

    private T? Wrong<T>(string key, string message) where T : class
    {
        Problem(key, message);
        return null;
    }

    private T Invalid<T>(string key, string text, string expected, T otherwise)
    {
        Problem(key, text.Length == 0 ? $"is empty; expected {expected}" : $"`{text}` is not valid; expected {expected}");
        return otherwise;
    }
}
