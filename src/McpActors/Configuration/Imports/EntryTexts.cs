using System.Text.Json;
using McpActors.Configuration.Hocon;

namespace McpActors.Configuration.Imports;

/// <summary>The texts of one entry of a client's file. A value that is no text is a problem of its key.</summary>
/// <param name="entry">The entry.</param>
/// <param name="path">The path of the server in the pool.</param>
/// <param name="findings">Where problems and notes go.</param>
internal sealed class EntryTexts(ImportedEntry entry, string path, Findings findings)
{
    private static readonly string[] NameKeys = ["name", "key", "header"];

    /// <summary>
    /// The text of a value; null: it has none. Numbers and switches are common among arguments and variables; like a shell, the pool
    /// passes their text.
    /// </summary>
    public string? Of(string key, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return value.GetString();
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                return value.GetRawText();
            default:
                Problem(key, "must be a text");
                return null;
        }
    }

    /// <summary>The text of a value as a list of one, or none.</summary>
    public string[] OneOf(string key, JsonElement value) => Of(key, value) is { } text ? [text] : [];

    /// <summary>The texts of a list.</summary>
    public List<string> ListOf(string key, JsonElement list)
    {
        var texts = new List<string>();
        foreach (var (index, item) in list.EnumerateArray().Index())
            texts.AddRange(OneOf(KeyPath.Item(key, index), item));
        return texts;
    }

    /// <summary>
    /// Texts by name: <c>{ "A": "b" }</c>, or a list of <c>"A=b"</c>, of <c>{ "name": "A", "value": "b" }</c>, or of <c>{ "A": "b" }</c>.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="block">Its value.</param>
    /// <param name="areHeaders">
    /// Whether a text of a list may be <c>"A: b"</c> too. Otherwise it may be the name of a variable of this process alone.
    /// </param>
    public Dictionary<string, string> ByName(string key, JsonElement block, bool areHeaders)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (block.ValueKind == JsonValueKind.Object)
        {
            AddBlock(texts, key, block);
        }
        else if (block.ValueKind == JsonValueKind.Array)
        {
            foreach (var (index, item) in block.EnumerateArray().Index())
                AddItem(texts, KeyPath.Item(key, index), item, areHeaders);
        }
        else
        {
            Problem(key, "must be an object of texts, { … }");
        }
        return texts;
    }

    private void AddBlock(Dictionary<string, string> texts, string key, JsonElement block)
    {
        foreach (var property in block.EnumerateObject())
        {
            if (Of(KeyPath.Of(key, property.Name), property.Value) is { } text)
                texts[property.Name] = text;
        }
    }

    private void AddItem(Dictionary<string, string> texts, string key, JsonElement item, bool areHeaders)
    {
        if (item.ValueKind == JsonValueKind.String)
            AddPair(texts, key, item.GetString()!, areHeaders);
        else if (item.ValueKind != JsonValueKind.Object)
            Problem(key, $"must be a text, such as \"{Example(areHeaders)}\", or {{ \"name\": …, \"value\": … }}");
        else if (Member(item, NameKeys) is not { ValueKind: JsonValueKind.String } name || Member(item, ["value"]) is not { } value)
            AddBlock(texts, key, item);
        else if (Of(key, value) is { } text)
            texts[name.GetString()!] = text;
    }

    private void AddPair(Dictionary<string, string> texts, string key, string pair, bool areHeaders)
    {
        var at = areHeaders ? pair.AsSpan().IndexOfAny('=', ':') : pair.IndexOf('=', StringComparison.Ordinal);
        if (at > 0)
            texts[pair[..at].Trim()] = areHeaders ? pair[(at + 1)..].Trim() : pair[(at + 1)..];
        else if (at < 0 && !areHeaders && EnvironmentTemplate.Variables($"${{{pair.Trim()}}}").Any())
            texts[pair.Trim()] = $"${{{pair.Trim()}}}";
        else
            Problem(key, $"has no name; write it as \"{Example(areHeaders)}\"");
    }

    private static string Example(bool areHeaders) => areHeaders ? "NAME: VALUE" : "NAME=VALUE";

    private static JsonElement? Member(JsonElement block, string[] keys)
    {
        foreach (var property in block.EnumerateObject())
        {
            if (keys.Contains(FoldedKey.Of(property.Name)))
                return property.Value;
        }
        return null;
    }

    public void Problem(string key, string message) => findings.Add(PathOf(key), message, new Place(entry.FileName));

    public void Note(string key, string message) =>
        findings.Notes.Add(new SettingsProblem(PathOf(key), message + HoconTree.At(new Place(entry.FileName))));

    private string PathOf(string key) => key.Length == 0 ? path : key[0] is '[' ? path + key : $"{path}.{key}";
}
