using System.Text.Json;
using McpActors.Configuration.Hocon;

namespace McpActors.Configuration.Imports;

/// <summary>Reads one entry of a client's file as a server. Problems and entries without effect go to the findings.</summary>
internal sealed class ImportedServerReader
{
    private static readonly string[] ProgramTypes = ["stdio", "local", "process", "command", "program"];
    private static readonly string[] AddressTypes =
        ["http", "https", "sse", "streamablehttp", "streaminghttp", "httpstream", "streamable", "remote", "ws", "wss", "websocket", "url"];

    // Of Goose: what it brings itself.
    private static readonly string[] OfClientTypes = ["builtin", "platform", "frontend", "inlinepython"];

    private const string KnownTypes = "known are stdio (or local), http (or remote, streamable-http), sse and ws";

    private readonly Findings _findings;
    private readonly EntryTexts _texts;
    private readonly string _folder;
    private readonly Dictionary<string, string> _fixedValues;
    private readonly List<string> _remarks = [];

    private ImportedServerReader(ImportedEntry entry, string name, Findings findings)
    {
        _findings = findings;
        var path = KeyPath.OfServer(name);
        _texts = new EntryTexts(entry, path, findings);
        _folder = Workspace.FolderOf(entry.File);
        _fixedValues = Workspace.ValuesOf(entry);
        findings.Places[path] = new Place(entry.FileName);
    }

    /// <summary>The server of an entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="name">The name that the server has in the pool.</param>
    /// <param name="basis">The settings of keys that are not written.</param>
    /// <param name="callTimeout">How long a call may take in the pool.</param>
    /// <param name="findings">Where problems and notes go.</param>
    public static ServerSettings Read(
        ImportedEntry entry, string name, ServerSettings basis, TimeSpan callTimeout, Findings findings)
    {
        var reader = new ImportedServerReader(entry, name, findings);
        var server = basis with { Name = name, DisplayName = entry.Name == name ? null : entry.Name };
        if (server.DisplayName is not null)
            reader._texts.Note("", $"its name there, \"{entry.Name}\", is not one that the pool can use; here it is {name}");
        try
        {
            if (entry.Value.ValueKind == JsonValueKind.Object)
                return reader.Read(server, new EntryKeys(entry.Value), callTimeout);
            reader._texts.Problem("", "must be an object, { … }");
        }
        catch (InvalidOperationException)
        {
            reader._texts.Problem("", "has half of a surrogate pair in a text, such as \\ud800, which is not a character");
        }
        return server;
    }

    private ServerSettings Read(ServerSettings server, EntryKeys keys, TimeSpan callTimeout)
    {
        var env = ReadEnvironment(keys);
        var placeholders = new Placeholders(
            env, _fixedValues, _folder, Environment.GetEnvironmentVariable, _findings.Expansion);
        var filled = Read(server, keys, env, placeholders, callTimeout);
        if (placeholders.IsTooMuch)
        {
            _texts.Problem("", "its placeholders multiply to more than 1000000 characters, or those of all entries to more than"
                + $" {ExpansionBudget.Most}; write their values");
        }
        return filled with { FileTexts = [.. placeholders.FileTexts], Remarks = _remarks };
    }

    private ServerSettings Read(
        ServerSettings server, EntryKeys keys, Dictionary<string, string> env, Placeholders placeholders, TimeSpan callTimeout)
    {
        var isProgram = IsProgram(keys);
        foreach (var (unused, note) in keys.WithoutEffect())
            _texts.Note(unused, note);
        NoteTimeout(keys, callTimeout);

        if (isProgram)
        {
            NoteUnused(keys, "has no effect on a program; pass it its secrets by env",
                EntryKeys.Headers, EntryKeys.HeaderVariables, EntryKeys.TokenVariable);
            NoteUnused(keys, "has no effect on a program", EntryKeys.Proxy, EntryKeys.Url);
            var (command, args) = ReadCommand(keys, placeholders);
            return server with
            {
                Command = command,
                Args = args,
                WorkingDirectory = Path(keys, EntryKeys.Directory, placeholders),
                Environment = Secrets(env, "env", placeholders, mustBeWhole: false),
                StartTimeout = StartTimeoutOf(keys) ?? server.StartTimeout,
            };
        }
        NoteUnused(keys, "has no effect on a server with an address; connect-timeout limits how long it may take", EntryKeys.StartTimeout);
        NoteUnused(keys, "has no effect on a server with an address", EntryKeys.Command, EntryKeys.Args, EntryKeys.Directory);
        var uri = ReadUri(keys, placeholders);
        return server with
        {
            Uri = uri,
            // The other words leave it to the server which of the two it speaks.
            Transport = uri?.Scheme is "http" or "https" && FoldedKey.Of(TypeOf(keys) ?? "") == "sse"
                ? HttpTransport.Sse
                : server.Transport,
            Proxy = keys.Value(EntryKeys.Proxy) is var (proxyKey, proxy) && _texts.Of(proxyKey, proxy) is { } proxyText
                ? placeholders.ToSecret(proxyText, mustBeWhole: true, out _)
                : server.Proxy,
            Headers = ReadHeaders(keys, placeholders),
            Token = keys.Value(EntryKeys.TokenVariable) is var (key, value) && _texts.Of(key, value) is { } variable
                ? Secret.FromEnvironment(variable)
                : null,
        };
    }

    // Whether it runs here as a program. The type decides for an entry that has both.
    private bool IsProgram(EntryKeys keys)
    {
        var written = TypeOf(keys);
        var type = written is null ? null : FoldedKey.Of(written);
        var (command, url) = (keys.Value(EntryKeys.Command), keys.Value(EntryKeys.Url));
        var (isProgramType, isAddressType) = (ProgramTypes.Contains(type), AddressTypes.Contains(type));
        var isUnknown = type is not null && !isProgramType && !isAddressType;
        if (command is null && url is null)
        {
            _texts.Problem("", keys.Folded.Contains("source") || OfClientTypes.Contains(type)
                ? "has neither command nor url: it is an extension of its client, which only that client can start"
                : "has neither url nor command; write url for a server that is running, or command for one to be started here");
        }
        else if (command is not null && url is not null && (type is null || isUnknown))
        {
            _texts.Problem("", "has both url and command; keep url for a server that is running, or command for one to be started here");
        }
        else if (isUnknown && command is null)
        {
            _texts.Problem("type", $"`{written}` is not supported; {KnownTypes}");
        }
        else if (isUnknown)
        {
            _texts.Note("type", $"`{written}` is not known and has no effect: the command of the entry is started here; {KnownTypes}");
        }
        return command is not null && (url is null || !isAddressType);
    }

    private static string? TypeOf(EntryKeys keys) =>
        keys.Values(EntryKeys.Type).Select(type => type.Value).LastOrDefault(type => type.ValueKind == JsonValueKind.String)
            is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private (string? Command, IReadOnlyList<string> Args) ReadCommand(EntryKeys keys, Placeholders placeholders)
    {
        var words = new List<string>();
        if (keys.Value(EntryKeys.Command) is var (key, value))
        {
            if (value.ValueKind == JsonValueKind.Array)
                words.AddRange(_texts.ListOf(key, value));
            else if (value.ValueKind != JsonValueKind.Object)
                words.AddRange(_texts.Of(key, value) is { } text ? [text] : []);
            else if (keys.Value(["path"]) is var (pathKey, path))
                words.AddRange(_texts.Of(pathKey, path) is { } text ? [text] : []);
            if (words.Count == 0)
            {
                _texts.Problem(key, "has no program; write the program to start, such as npx");
                return (null, []);
            }
        }
        var isList = words.Count > 1;
        if (keys.Value(EntryKeys.Args) is var (argsKey, args))
        {
            if (args.ValueKind == JsonValueKind.Array)
                words.AddRange(_texts.ListOf(argsKey, args));
            else
                _texts.Problem(argsKey, "must be a list of texts, [ … ]");
        }
        var isShell = words.Count > 0 && ForeignPlaceholders.AreOf(words[0]);
        if (words.Count == 0 || Whole("command", words[0], placeholders, isShell) is not { } command)
            return (null, []);
        command = HomeFolder.Expanded(command);
        List<string> filled =
            [.. words.Skip(1).Select((word, index) => Known(KeyPath.Item("args", index), word, placeholders, isShell))];
        // Split as it is written: blanks in the value of a placeholder separate nothing.
        var split = isList || !words[0].Any(char.IsWhiteSpace) ? [] : CommandLineText.Split(words[0]);
        if (split.Count < 2 || CommandLineText.IsProgram(command, _folder, Environment.GetEnvironmentVariable("PATH")))
            return (command, filled);
        _texts.Note("command", $"is a whole command line; it is taken as the program {split[0]} with arguments."
            + " Write the program in command and each argument in args");
        string[] parts = [.. split.Select(word => placeholders.Fill(word).Text)];
        return (HomeFolder.Expanded(parts[0]), [.. parts.Skip(1), .. filled]);
    }

    private Uri? ReadUri(EntryKeys keys, Placeholders placeholders)
    {
        if (keys.Value(EntryKeys.Url) is not var (key, value) || _texts.Of(key, value) is not { } text
            || Whole("url", text, placeholders) is not { } address)
        {
            return null;
        }
        if (!ServerReader.TryUri(address.Trim(), out var uri, out var problem))
            _texts.Problem("uri", "its url " + problem);
        return uri;
    }

    // Variables of a file first: those of the entry itself override them.
    private Dictionary<string, string> ReadEnvironment(EntryKeys keys)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        if (keys.Value(EntryKeys.EnvFile) is var (fileKey, files))
        {
            var fixedOnly = new Placeholders(variables, _fixedValues, _folder, Environment.GetEnvironmentVariable, _findings.Expansion);
            var paths = files.ValueKind == JsonValueKind.Array ? _texts.ListOf(fileKey, files) : [.. _texts.OneOf(fileKey, files)];
            foreach (var file in paths)
                ReadFile(fileKey, HomeFolder.PathOf(Known(fileKey, file, fixedOnly), _folder), variables);
        }
        if (keys.Value(EntryKeys.EnvNames) is var (namesKey, names) && names.ValueKind == JsonValueKind.Array)
        {
            foreach (var name in _texts.ListOf(namesKey, names).Where(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 }))
                variables[name] = $"${{{name}}}";
        }
        foreach (var (key, block) in keys.Values(EntryKeys.Env))
        {
            foreach (var (name, text) in _texts.ByName(key, block, areHeaders: false))
                variables[name] = text;
        }
        return variables;
    }

    private void ReadFile(string key, string file, Dictionary<string, string> variables)
    {
        try
        {
            // It is watched: a file that appears or changes is read again.
            if (!file.Contains('\0', StringComparison.Ordinal))
                _findings.Files.Add(file);
            if (ConfigurationText.Read(file, mustBeRegular: true, out var refusal) is { } text)
            {
                foreach (var (name, value) in DotEnv.Parse(text))
                    variables[name] = value;
            }
            else
            {
                _texts.Problem(key, $"{file} cannot be read: {refusal}");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            _texts.Problem(key, e is FileNotFoundException or DirectoryNotFoundException
                ? $"there is no file {file}; create it, or correct the path"
                : $"{file} cannot be read: {e.Message}");
        }
    }

    private Dictionary<string, Secret> ReadHeaders(EntryKeys keys, Placeholders placeholders)
    {
        var texts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, block) in keys.Values(EntryKeys.Headers))
        {
            // An empty header is none.
            foreach (var (name, text) in _texts.ByName(key, block, areHeaders: true).Where(header => header.Value.Trim().Length > 0))
                texts[name] = text;
        }
        var headers = Secrets(texts, "headers", placeholders, mustBeWhole: true);
        foreach (var (key, block) in keys.Values(EntryKeys.HeaderVariables))
        {
            foreach (var (name, variable) in _texts.ByName(key, block, areHeaders: true))
                headers[name] = Secret.FromEnvironment(variable);
        }
        return headers;
    }

    private Dictionary<string, Secret> Secrets(
        IEnumerable<KeyValuePair<string, string>> texts, string key, Placeholders placeholders, bool mustBeWhole)
    {
        var secrets = new Dictionary<string, Secret>(mustBeWhole ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        foreach (var (name, text) in texts)
        {
            secrets[name] = placeholders.ToSecret(text, mustBeWhole, out var unknown);
            if (!mustBeWhole)
                NoteUnknown(KeyPath.Of(key, name), unknown);
            if (unknown.Count == 0 && !placeholders.IsVariable(text))
                NoteForeign(KeyPath.Of(key, name), text, isOfShell: false);
        }
        return secrets;
    }

    private string? Path(EntryKeys keys, string[] meaning, Placeholders placeholders)
    {
        if (keys.Value(meaning) is not var (key, value) || _texts.Of(key, value) is not { } text)
            return null;
        var path = Known("cwd", text.Trim(), placeholders);
        if (!path.Contains('\0', StringComparison.Ordinal))
            return HomeFolder.PathOf(path, _folder);
        _texts.Problem("cwd", "is not a path: it has a NUL character");
        return null;
    }

    // A text that is no use with an unknown placeholder in it.
    private string? Whole(string key, string text, Placeholders placeholders, bool isOfShell = false)
    {
        var filled = placeholders.Fill(text);
        if (filled.Unknown.Count == 0)
        {
            NoteForeign(key, text, isOfShell);
            return filled.Text;
        }
        _texts.Problem(key, EnvironmentTemplate.ProblemOf(filled.Unknown[0]));
        return null;
    }

    private string Known(string key, string text, Placeholders placeholders, bool isOfShell = false)
    {
        var filled = placeholders.Fill(text);
        NoteUnknown(key, filled.Unknown);
        if (filled.Unknown.Count == 0)
            NoteForeign(key, text, isOfShell);
        return filled.Text;
    }

    private void NoteForeign(string key, string text, bool isOfShell)
    {
        if (!isOfShell && ForeignPlaceholders.NoteOf(text) is { } note)
            NoteUnfilled(key, note);
    }

    private void NoteUnknown(string key, IReadOnlyList<string> unknown)
    {
        if (unknown.Count > 0)
            NoteUnfilled(key, $"{EnvironmentTemplate.ProblemOf(unknown[0])}; it is handed on as it is written");
    }

    // The server may fail for it much later, so its status has it too.
    private void NoteUnfilled(string key, string note)
    {
        _texts.Note(key, note);
        _remarks.Add($"{key} {note}");
    }

    private TimeSpan? StartTimeoutOf(EntryKeys keys)
    {
        if (keys.Value(EntryKeys.StartTimeout) is not var (key, value))
            return null;
        if (ClientTimeout.Of(FoldedKey.Of(key), value, keys.Folded) is { } time && time <= SettingsValidator.Longest)
            return time;
        _texts.Note(key, "is no time and has no effect; write a number of seconds");
        return null;
    }

    private void NoteTimeout(EntryKeys keys, TimeSpan callTimeout)
    {
        var beside = keys.Folded;
        if (keys.Value(EntryKeys.Timeout) is var (key, value)
            && ClientTimeout.Of(FoldedKey.Of(key), value, beside) is { } timeout && timeout > callTimeout)
        {
            _texts.Note(key, $"its `{key}` of {Seconds(timeout)} has no effect: calls end after `call-timeout`, {Seconds(callTimeout)}."
                + " Raise it, or set `timeout` of a route");
        }
    }

    // Empty lists and blocks are in many files by default.
    private void NoteUnused(EntryKeys keys, string note, params string[][] meanings)
    {
        foreach (var (key, value) in meanings.Select(keys.Value).OfType<(string Key, JsonElement Value)>())
        {
            if (value.ValueKind switch
            {
                JsonValueKind.Array => value.GetArrayLength() > 0,
                JsonValueKind.Object => value.EnumerateObject().Any(),
                _ => true,
            })
            {
                _texts.Note(key, note);
            }
        }
    }

    private static string Seconds(TimeSpan time) => FormattableString.Invariant($"{time.TotalSeconds:0.###} s");
}
