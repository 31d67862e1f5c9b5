using System.Text.Json;

using McpActors.Configuration.Hocon;

namespace McpActors.Configuration;

/// <summary>
/// Reads the servers of an <c>mcp.json</c>, as desktop MCP clients write it: <c>{ "mcpServers": { name: { command, args, env, cwd } or
/// { type, url, headers } } }</c>. Keys that only concern those clients are ignored, and servers that are <c>disabled</c> are left out.
/// </summary>
internal sealed class McpJsonFile
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly string _file;
    private readonly string _path;
    private readonly bool _trust;
    private readonly Findings _findings;

    private McpJsonFile(string file, string path, bool trust, Findings findings)
    {
        _file = file;
        _path = path;
        _trust = trust;
        _findings = findings;
    }

    private string Name => Path.GetFileName(_file);

    /// <summary>Adds the servers of a file to a list.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">The path of the key that imports it.</param>
    /// <param name="trust">Whether the servers' annotations are trusted.</param>
    /// <param name="servers">The list.</param>
    /// <param name="findings">Where problems go.</param>
    public static void Read(string file, string path, bool trust, List<ServerSettings> servers, Findings findings)
    {
        if (!file.Contains('\0', StringComparison.Ordinal))
            findings.Files.Add(Path.GetFullPath(file));
        new McpJsonFile(file, path, trust, findings).Read(servers);
    }

    private void Read(List<ServerSettings> servers)
    {
        try
        {
            if (ConfigurationText.Read(_file, mustBeRegular: true, out var refusal) is not { } text)
            {
                Unusable($"{_file} cannot be read: {refusal}");
                return;
            }
            using var document = JsonDocument.Parse(text, Lenient);
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("mcpServers", out var all) && all.ValueKind == JsonValueKind.Object)
            {
                foreach (var server in all.EnumerateObject())
                    ReadServer(server.Name, server.Value, servers);
                return;
            }
            Unusable($"{_file} has no \"mcpServers\": {{ … }} at its top, where the servers must be");
        }
        catch (JsonException e)
        {
            Unusable($"{_file} is not valid JSON in line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1} of it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            Unusable(e is FileNotFoundException or DirectoryNotFoundException
                ? $"there is no file {_file}; a relative path starts from the folder of the configuration file"
                : $"{_file} cannot be read: {e.Message}");
        }
    }

    private void ReadServer(string name, JsonElement value, List<ServerSettings> servers)
    {
        var path = KeyPath.Of(KeyPath.Servers, name);
        if (value.ValueKind != JsonValueKind.Object)
        {
            Problem(path, "must be an object, { … }");
            return;
        }
        if (Property(value, "disabled") is { ValueKind: JsonValueKind.True })
            return;
        if (!_findings.Imported.TryAdd(name, Name))
        {
            Problem(path, _findings.Imported[name] == Name
                ? "is written twice in it; rename one of them"
                : $"is also in {_findings.Imported[name]}; rename one of them");
            return;
        }

        _findings.Places[path] = new Place(Name, 0);
        servers.Add(new ServerSettings
        {
            Name = name,
            Uri = ReadUri(path, value),
            Command = Text(path, value, "command"),
            Args = ReadArgs(path, value),
            WorkingDirectory = Text(path, value, "cwd") is { Length: > 0 } directory
                ? Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(_file))!, directory))
                : null,
            Environment = ReadSecrets(path, value, "env"),
            Headers = ReadSecrets(path, value, "headers"),
            TrustAnnotations = _trust,
        });
    }

    private Uri? ReadUri(string path, JsonElement server)
    {
        var type = Text(path, server, "type");
        var text = Text(path, server, "url");
        if (type is not (null or "stdio" or "http" or "sse" or "streamable-http" or "streamableHttp" or "ws" or "websocket"))
            Problem(KeyPath.Of(path, "type"), $"`{type}` is not supported; known are stdio, http, streamable-http, sse and ws");
        if (text is null)
            return null;
        if (!ServerReader.TryUri(text, out var uri, out var problem))
            Problem(KeyPath.Of(path, "uri"), "its url " + problem);
        return uri;
    }

    private List<string> ReadArgs(string path, JsonElement server)
    {
        var args = new List<string>();
        if (Property(server, "args") is not { } list)
            return args;
        if (list.ValueKind != JsonValueKind.Array)
        {
            Problem(KeyPath.Of(path, "args"), "must be a list of texts, [ … ]");
            return args;
        }
        foreach (var (item, index) in list.EnumerateArray().Select((item, index) => (item, index)))
        {
            if (Expanded(KeyPath.Item(KeyPath.Of(path, "args"), index), item) is { } arg)
                args.Add(arg);
        }

        return args;
    }

    private Dictionary<string, Secret> ReadSecrets(string path, JsonElement server, string key)
    {
        var secrets = new Dictionary<string, Secret>();
        if (Property(server, key) is not { } block)
            return secrets;
        path = KeyPath.Of(path, key);
        if (block.ValueKind != JsonValueKind.Object)
        {
            Problem(path, "must be an object of texts, { … }");
            return secrets;
        }
        foreach (var entry in block.EnumerateObject())
        {
            if (Literal(KeyPath.Of(path, entry.Name), entry.Value) is { } text)
                secrets[entry.Name] = EnvironmentTemplate.IsTemplate(text) ? Secret.FromTemplate(text) : Secret.FromLiteral(text);
        }
        return secrets;
    }

    private string? Text(string path, JsonElement server, string key) =>
        Property(server, key) is { } value ? Expanded(KeyPath.Of(path, key), value) : null;

    private string? Expanded(string path, JsonElement value)
    {
        if (Literal(path, value) is not { } text)
            return null;
        try
        {
            return EnvironmentTemplate.Expand(text);
        }
        catch (SecretUnavailableException e)
        {
            Problem(path, e.Message);
            return null;
        }
    }

    // Numbers and switches are common among arguments and variables; like a shell, the pool passes their text.
    private string? Literal(string path, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return value.GetString();
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                return value.GetRawText();
            default:
                Problem(path, "must be a text");
                return null;
        }
    }

    private static JsonElement? Property(JsonElement server, string key) =>
        server.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private void Problem(string path, string message) => _findings.Add(path, message, new Place(Name, 0));

    private void Unusable(string message)
    {
        _findings.ServersIncomplete = true;
        _findings.Add(_path, message, _findings.PlaceOf(_path));
    }
}
