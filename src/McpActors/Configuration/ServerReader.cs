using McpActors.Configuration.Hocon;

namespace McpActors.Configuration;

/// <summary>Reads the keys of one server.</summary>
internal static class ServerReader
{
    private const int LongestPlaceholder = 60;

    /// <summary>The words of the key <c>transport</c>.</summary>
    public static readonly (string Word, HttpTransport Value)[] Transports =
    [
        ("auto", HttpTransport.Auto), ("streamable-http", HttpTransport.StreamableHttp), ("sse", HttpTransport.Sse),
    ];

    private static readonly string[] TokenKeys = ["token", "token-env", "token-file"];

    /// <summary>Reads the server of a block.</summary>
    /// <param name="section">The block.</param>
    /// <param name="basis">The settings of keys that are not written: the defaults, or the imported server that the block adds to.</param>
    /// <param name="baseDirectory">Relative paths start from here.</param>
    public static ServerSettings Read(Section section, ServerSettings basis, string baseDirectory)
    {
        var settings = basis with
        {
            Uri = ReadUri(section) ?? basis.Uri,
            Command = section.Text("command") ?? basis.Command,
            Args = section.Value("args") is null ? basis.Args : section.Texts("args"),
            WorkingDirectory = ReadWorkingDirectory(section, baseDirectory) ?? basis.WorkingDirectory,
            Environment = ReadSecrets(section, "env", basis.Environment, baseDirectory),
            InheritEnvironment = section.Flag("inherit-environment", basis.InheritEnvironment),
            StartTimeout = section.OptionalDuration("start-timeout", null, basis.StartTimeout),
            Token = ReadAuth(section, baseDirectory) ?? basis.Token,
            Headers = ReadSecrets(section, "headers", basis.Headers, baseDirectory),
            Transport = section.Choice("transport", basis.Transport, Transports),
            Proxy = ReadEntry(section, "proxy", baseDirectory) ?? basis.Proxy,
            Group = section.Text("group") ?? basis.Group,
            Priority = section.Int("priority", basis.Priority),
            Weight = section.Int("weight", basis.Weight),
            MaxInFlight = section.OptionalInt("max-in-flight") ?? basis.MaxInFlight,
            MaxQueue = section.OptionalInt("max-queue") ?? basis.MaxQueue,
            TrustAnnotations = section.Flag("trust-annotations", basis.TrustAnnotations),
            Stateful = section.Flag("stateful", basis.Stateful),
            Placement = section.Choice("placement", basis.Placement, ("every-node", ServerPlacement.EveryNode),
                ("one-node", ServerPlacement.OneNode)),
            ProtocolVersion = section.Text("protocol-version") ?? basis.ProtocolVersion,
        };
        NotePlaceholders(section);
        section.End((key, value) => value is ObjectNode
            ? $"; if `{basis.Name}.{key}` is the server's name, put it in double quotes, \"{basis.Name}.{key}\":"
                + " in HOCON a dot opens a block within a block"
            : Array.Find(TokenKeys, token => Spelling.Same(token, key)) is not { } token ? ""
            : Spelling.IsPascal(key) ? $"; did you mean `Auth:{Spelling.Pascal(token)}`?"
            : $"; did you mean `auth.{token}`?");
        return settings;
    }

    // HOCON fills in `${NAME}` outside of double quotes only, which is easily overlooked; a shell's own is meant to stay.
    private static void NotePlaceholders(Section section)
    {
        if (section.Findings.Files.Count == 0)
            return;
        var texts = new List<(string Path, string Text)>();
        foreach (var key in (string[])["command", "cwd"])
            texts.Add((section.PathOf(key), section.Text(key) ?? ""));
        if (section.Value("args") is not null)
            texts.AddRange(section.Texts("args").Select((text, i) => (KeyPath.Item(section.PathOf("args"), i), text)));
        foreach (var key in (string[])["env", "headers"])
        {
            if (section.Value(key) is ObjectNode block)
            {
                texts.AddRange(block.Items.Select(
                    item => (KeyPath.Of(section.PathOf(key), item.Key), (item.Value as TextNode)?.Text ?? "")));
            }
        }
        foreach (var (path, text) in texts)
        {
            if (text.IndexOf("${", StringComparison.Ordinal) is var start and >= 0 && text.IndexOf('}', start) is var end and > 0)
            {
                var placeholder = end - start < LongestPlaceholder ? text[start..(end + 1)] : "${…}";
                section.Findings.Notes.Add(new(
                    path,
                    $"`{placeholder}` is handed on as it is written, because it is in double quotes; outside of them HOCON fills it in"));
            }
        }
    }

    /// <summary>Reads an address, or says why the text is not one.</summary>
    public static bool TryUri(string text, out Uri? uri, out string problem)
    {
        problem = "";
        if (Uri.TryCreate(text, UriKind.Absolute, out uri) && text.Contains("://", StringComparison.Ordinal))
            return true;

        // The text is not shown: an address may have a secret in its query.
        uri = null;
        problem = text.Length == 0 ? "is empty"
            : text.EndsWith(':')
                ? $"is cut off after `{text}`; the address must be in double quotes, because HOCON reads what follows // as a comment"
            : "is not an absolute address";
        problem += text.EndsWith(':')
            ? ""
            : "; write one such as \"https://host/mcp\", \"ws://host:3000\" or \"memory://name\", in double quotes";
        return false;
    }

    private static Uri? ReadUri(Section section)
    {
        if (section.Text("uri") is not { } text)
            return null;
        if (!TryUri(text, out var uri, out var problem))
            section.Problem("uri", problem);
        return uri;
    }

    private static string? ReadWorkingDirectory(Section section, string baseDirectory) =>
        section.Text("cwd") is { Length: > 0 } ? section.FilePath("cwd", baseDirectory) : null;

    private static Secret? ReadAuth(Section section, string baseDirectory)
    {
        if (section.Block("auth") is not { } auth)
            return null;

        if (auth.Text("type") is { } type && type != "token")
        {
            auth.Problem("type",
                $"`{type}` is not supported; the one type is token, sent as a bearer token. For another scheme use headers");
        }
        string[] given = [.. TokenKeys.Where(auth.Has)];
        Secret? secret = null;
        if (given.Length > 1)
            section.Problem("auth", $"has the token {given.Length} times, by {string.Join(" and ", given)}; keep one of them");
        else if (given.Length == 0)
            section.Problem("auth", "has no token; write token-env = NAME for an environment variable, or token-file = \"path\"");
        else
            secret = ReadSecret(auth, given[0], given[0], baseDirectory);
        foreach (var key in TokenKeys)
            auth.Value(key);
        auth.End();
        return secret;
    }

    // Each value is a text, or { env = NAME } or { file = "path" }.
    private static Dictionary<string,
        Secret> ReadSecrets(Section section, string key, IReadOnlyDictionary<string, Secret> basis, string baseDirectory)
    {
        var secrets = new Dictionary<string, Secret>(basis);
        if (section.Block(key, names: true) is not { } block)
            return secrets;
        foreach (var name in block.Keys)
        {
            if (ReadEntry(block, name, baseDirectory) is { } secret)
                secrets[name] = secret;
        }
        return secrets;
    }

    private static Secret? ReadEntry(Section block, string name, string baseDirectory)
    {
        switch (block.Value(name))
        {
            case null or EmptyNode { IsNull: true }:
                return null;
            case TextNode text:
                return Secret.FromLiteral(text.Text);
            case EmptyNode:
                return Secret.FromLiteral("");
            case ObjectNode:
                return ReadSource(block.Child(name, orText: true), baseDirectory);
            default:
                block.Problem(name, "must be a text, { env = NAME } or { file = \"path\" }");
                return null;
        }
    }

    private static Secret? ReadSource(Section source, string baseDirectory)
    {
        Secret? secret = null;
        if (source.Has("env") == source.Has("file"))
        {
            source.Findings.Add(source.Path, "must have exactly one of env = NAME and file = \"path\"",
                source.Findings.PlaceOf(source.Path));
        }
        else
        {
            secret = source.Has("env")
                ? ReadSecret(source, "env", "token-env", baseDirectory)
                : ReadSecret(source, "file", "token-file", baseDirectory);
        }
        source.Value("env");
        source.Value("file");
        source.End();
        return secret;
    }

    private static Secret? ReadSecret(Section section, string key, string kind, string baseDirectory)
    {
        if (section.Text(key) is not { } text)
            return null;
        if (text.Length > 0)
        {
            return kind switch
            {
                "token-env" => Secret.FromEnvironment(text),
                "token-file" => section.FilePath(key, baseDirectory) is { } file ? Secret.FromFile(file) : null,
                _ => Secret.FromLiteral(text),
            };
        }

        section.Problem(key, kind == "token"
            ? "is empty; a token from the environment is written as token-env = NAME, which reports a variable that is not set"
            : "is empty; write the name of the " + (kind == "token-env" ? "environment variable" : "file"));
        return null;
    }
}
