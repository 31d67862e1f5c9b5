using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using McpActors.Configuration.Hocon;

namespace McpActors.Configuration.Imports;

/// <summary>One entry of a client's file.</summary>
/// <param name="File">The file's full path.</param>
/// <param name="Name">The name of the server there.</param>
/// <param name="Value">What the file says about it.</param>
/// <param name="Inputs">The defaults of the file's <c>inputs</c>, by id.</param>
internal sealed record ImportedEntry(string File, string Name, JsonElement Value, IReadOnlyDictionary<string, string> Inputs)
{
    /// <summary>The file's name, for messages.</summary>
    public string FileName => Path.GetFileName(File);

    /// <summary>Whether both say the same about a server.</summary>
    public bool IsLike(ImportedEntry other)
    {
        try
        {
            return JsonElement.DeepEquals(Value, other.Value);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, which the reader of the entry reports.
            return false;
        }
    }
}

/// <summary>
/// Finds the servers in the file of an MCP client: <c>mcp.json</c> and its like. Each client has a top of its own for them:
/// <c>mcpServers</c>, <c>servers</c>, <c>mcp.servers</c>, <c>mcp</c>, <c>context_servers</c>, <c>mcp_servers</c>, <c>extensions</c>.
/// Entries that are switched off are left out.
/// </summary>
internal sealed class McpJsonFile
{
    private const string Tops = "mcpServers, servers, mcp.servers, mcp, context_servers, mcp_servers and extensions";

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
    private static readonly string[] Endings = [".json", ".jsonc", ".json5", ".toml", ".yaml", ".yml"];
    private static readonly string[] Blocks = [KeyPath.Top, "akka"];
    private static readonly string[] Lists = ["mcpservers", "servers", "contextservers", "amp.mcpservers", "mcp.servers"];
    private static readonly string[] OffLists =
        ["excluded", "excludemcpservers", "disabledmcpservers", "disabledmcpjsonservers", "disabledservers"];
    private static readonly string[] OnLists = ["allowed", "allowmcpservers"];

    private readonly string _file;
    private readonly string _path;
    private readonly Findings _findings;
    private readonly List<ImportedEntry> _entries;

    private McpJsonFile(string file, string path, List<ImportedEntry> entries, Findings findings)
    {
        _file = file;
        _path = path;
        _entries = entries;
        _findings = findings;
    }

    /// <summary>Adds the entries of a file to a list.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">The path of the key that imports it.</param>
    /// <param name="entries">The list.</param>
    /// <param name="findings">Where problems go.</param>
    public static void Read(string file, string path, List<ImportedEntry> entries, Findings findings)
    {
        if (!file.Contains('\0', StringComparison.Ordinal))
            findings.Files.Add(Path.GetFullPath(file));
        new McpJsonFile(file, path, entries, findings).Read();
    }

    /// <summary>
    /// The file of a client as a configuration that imports it and has nothing else; null when the file is another one.
    /// </summary>
    public static ObjectNode? AsConfiguration(string file)
    {
        if (!Endings.Contains(Path.GetExtension(file)) || !IsOfClient(file))
            return null;
        var place = new Place(Path.GetFileName(file), 1);
        var (root, top, pool) = (new ObjectNode(place), new ObjectNode(place), new ObjectNode(place));
        pool.Items["import"] = new ArrayNode([new TextNode(Path.GetFullPath(file), place)], place);
        top.Items["pool"] = pool;
        root.Items[KeyPath.Top] = top;
        return root;
    }

    private static bool IsOfClient(string file)
    {
        string? text = null;
        try
        {
            text = ConfigurationText.Read(file, mustBeRegular: true, out _);
            if (text is null)
                return false;
            using var document = JsonDocument.Parse(text, Lenient);
            var root = document.RootElement;
            return root.ValueKind != JsonValueKind.Object
                ? root.ValueKind == JsonValueKind.Array
                : Property(root, KeyPath.Top) is null
                    && (TopsOf(root).Count > 0
                        || (root.EnumerateObject().Any() && !root.EnumerateObject().Any(property => IsOfPool(NameOf(property)))));
        }
        catch (JsonException)
        {
            return IsMeantForClient(text, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    // Also by mistake: such a key is reported as one of a configuration.
    private static bool IsOfPool(string key) => key.StartsWith(KeyPath.Top, StringComparison.Ordinal)
        || key is "include" or "pool" or "host" or "cluster"
        || Suggestion.For(key, Blocks).Length > 0;

    // A mistake in the JSON of a client is reported as one; read as HOCON the same file would give other, misleading problems.
    private static bool IsMeantForClient(string? text, string file) => text is not null
        && (OtherFormats.AdviceFor(file) is not null || text.AsSpan().TrimStart() is [('{' or '[' or '/'), ..])
        && !text.Contains(KeyPath.Top, StringComparison.Ordinal);

    private void Read()
    {
        try
        {
            if (ConfigurationText.Read(_file, mustBeRegular: true, out var refusal) is not { } text)
            {
                Unusable($"{_file} cannot be read: {refusal}");
                return;
            }
            using var document = JsonDocument.Parse(text, Lenient);
            var root = document.RootElement.Clone();
            var (entries, off) = (_entries.Count, _findings.SwitchedOff.Count);
            if (!TryReadTops(root))
                Unusable($"{_file} has no servers at its top; known are {Tops}, each with {{ name: {{ … }} }}{Elsewhere(root)}");
            else if (_entries.Count == entries && _findings.SwitchedOff.Count == off)
                Note($"{_file} has no server under {Tops}{Elsewhere(root)}");
            else if (_entries.Count == entries)
                Note($"every server of {_file} is switched off there, and none is started");
        }
        catch (JsonException e)
        {
            Unusable(
                OtherFormats.AdviceFor(_file)
                ?? $"{_file} is not valid JSON in line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1} of it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            Unusable(e is FileNotFoundException or DirectoryNotFoundException
                ? $"there is no file {_file}; a relative path starts from the folder of the configuration file"
                : $"{_file} cannot be read: {e.Message}");
        }
    }

    private bool TryReadTops(JsonElement root)
    {
        var isObject = root.ValueKind == JsonValueKind.Object;
        var inputs = isObject ? InputsOf(root) : [];
        Func<string, bool> isOff = isObject ? OffByList(root) : _ => false;
        var tops = isObject ? TopsOf(root)
            : root.ValueKind == JsonValueKind.Array && root.EnumerateArray().Any(IsServer) ? [root]
            : [];
        foreach (var top in tops)
        {
            foreach (var (name, value) in EntriesOf(top))
            {
                if (isOff(name) || IsSwitchedOff(name, value))
                    _findings.SwitchedOff.Add(name);
                else
                    _entries.Add(new ImportedEntry(Path.GetFullPath(_file), name, value, inputs));
            }
        }
        return tops.Count > 0;
    }

    private static List<JsonElement> TopsOf(JsonElement root)
    {
        var tops = root.EnumerateObject().SelectMany(TopsOf).ToList();
        // Some files, and what a server's page says to paste, have the entries themselves at the top.
        if (tops.Count == 0 && root.EnumerateObject().Any() && root.EnumerateObject().All(property => IsServer(property.Value)))
            tops.Add(root);
        return tops;
    }

    private static IEnumerable<JsonElement> TopsOf(JsonProperty property)
    {
        var key = FoldedKey.Of(NameOf(property));
        if (Lists.Contains(key) && property.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            return [property.Value];
        // Goose; other clients have extensions of another kind.
        if (key == "extensions" && property.Value.ValueKind == JsonValueKind.Object)
            return property.Value.EnumerateObject().Any(p => IsServer(p.Value)) ? [property.Value] : [];
        if (key != "mcp" || property.Value.ValueKind != JsonValueKind.Object)
            return [];
        JsonElement[] inner = [.. property.Value.EnumerateObject()
            .Where(p => Lists.Contains(FoldedKey.Of(NameOf(p))) && p.Value.ValueKind == JsonValueKind.Object && !IsServer(p.Value))
            .Select(p => p.Value)];
        return inner.Length > 0 ? inner
            : property.Value.EnumerateObject().Any(p => IsServer(p.Value)) ? [property.Value]
            : [];
    }

    // A list has the name inside of each entry.
    private static IEnumerable<(string Name, JsonElement Value)> EntriesOf(JsonElement top) => top.ValueKind == JsonValueKind.Object
        ? top.EnumerateObject().Select(property => (NameOf(property), property.Value))
        : top.EnumerateArray().Select((entry, index) => (TextOf(entry, "name") ?? TextOf(entry, "id") ?? $"server-{index + 1}", entry));

    private static bool IsServer(JsonElement value) => value.ValueKind == JsonValueKind.Object
        && value.EnumerateObject().Any(property => EntryKeys.IsEndpoint(NameOf(property)));

    // What cannot be read is not known to be off, and is not started: reading the entry reports it.
    private static bool IsSwitchedOff(string name, JsonElement value)
    {
        try
        {
            // A common way to leave an entry in a file that has no comments.
            return name.StartsWith("//", StringComparison.Ordinal) || name.StartsWith('#') || SwitchedOff.IsSwitchedOff(value);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    // Gemini CLI and Claude Code name the servers that are off, or the only ones that are not, in lists.
    private static Func<string, bool> OffByList(JsonElement root)
    {
        var blocks = root.EnumerateObject()
            .Where(property => property.Value.ValueKind == JsonValueKind.Object && FoldedKey.Of(NameOf(property)) == "mcp")
            .Select(property => property.Value).Append(root).ToList();
        var off = NamesIn(blocks, OffLists);
        var on = NamesIn(blocks, OnLists);
        return name => off.Contains(name) || (on.Count > 0 && !on.Contains(name));
    }

    private static HashSet<string> NamesIn(IEnumerable<JsonElement> blocks, string[] keys) => blocks
        .SelectMany(block => block.EnumerateObject())
        .Where(property => keys.Contains(FoldedKey.Of(NameOf(property))) && property.Value.ValueKind == JsonValueKind.Array)
        .SelectMany(property => property.Value.EnumerateArray())
        .Select(TextOf)
        .OfType<string>()
        .ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static Dictionary<string, string> InputsOf(JsonElement root)
    {
        var defaults = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Property(root, "inputs") is not { ValueKind: JsonValueKind.Array } inputs)
            return defaults;
        foreach (var input in inputs.EnumerateArray())
        {
            if (TextOf(input, "id") is { } id && TextOf(input, "default") is { Length: > 0 } text)
                defaults[id] = text;
        }
        return defaults;
    }

    private static string? TextOf(JsonElement block, string key) =>
        block.ValueKind == JsonValueKind.Object && Property(block, key) is { } value ? TextOf(value) : null;

    // The last one counts, as for TryGetProperty, which throws when another name in the block has half of a surrogate pair.
    private static JsonElement? Property(JsonElement block, string key)
    {
        JsonElement? found = null;
        foreach (var property in block.EnumerateObject().Where(property => NameOf(property) == key))
            found = property.Value;
        return found;
    }

    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    // Half of a surrogate pair is no text; as the file writes it, it still is a name.
    private static string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(property));
        }
    }

    private static string Elsewhere(JsonElement root) => ServersElsewhere.PathIn(root, IsServer, NameOf) is { } path
        ? $". Under {path} is what looks like servers: put them under mcpServers"
        : "";

    private void Note(string message) =>
        _findings.Notes.Add(new SettingsProblem(_path, message + HoconTree.At(_findings.PlaceOf(_path))));

    private void Unusable(string message)
    {
        _findings.ServersIncomplete = true;
        _findings.Add(_path, message, _findings.PlaceOf(_path));
    }
}
