using System.Buffers;
using McpActors.Configuration.Hocon;

namespace McpActors.Configuration;

/// <summary>Checks the settings of one server.</summary>
internal static class ServerRules
{
    private const int LongestName = 128;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>The problem of any other proxy, for an error message.</summary>
    public const string ProxyProblem =
        "is not a proxy; write none, or an address such as \"http://proxy.example:3128\" (http, https, socks4, socks4a or socks5)";

    private static readonly string[] Schemes = ["http", "https", "ws", "wss", "memory"];

    /// <summary>Adds the problems of a server; one that is known to be misconfigured has none more.</summary>
    /// <param name="server">The server.</param>
    /// <param name="problems">Where problems go.</param>
    /// <param name="withSources">Whether secrets are read from their variables and files.</param>
    public static void Check(ServerSettings server, List<SettingsProblem> problems, bool withSources = true)
    {
        if (server.Misconfigured is not null)
            return;
        var path = KeyPath.OfServer(server.Name);
        if (NameProblem(server.Name) is { } name)
            problems.Add(new(path, name));
        if (NameProblem(server.Group) is { } group)
            problems.Add(new(path + ".group", group));

        CheckEndpoint(server, path, problems);
        CheckSecrets(server, path, problems, withSources);

        var checks = new Checks(path, problems);
        checks.Range("priority", server.Priority, 0, 1_000_000);
        checks.Range("weight", server.Weight, 1, 1000);
        if (server.MaxInFlight is { } inFlight)
            checks.Range("max-in-flight", inFlight, 1, 1_000_000);
        if (server.MaxQueue is { } queue)
            checks.Range("max-queue", queue, 0, 1_000_000);
        if (server.ProtocolVersion is { } version && !Revisions.All.Contains(version))
        {
            problems.Add(new(path + ".protocol-version",
                $"`{version}` is not a known MCP revision{Suggestion.End(version, Revisions.All)} "
                    + $"Known: {string.Join(", ", Revisions.All)}"));
        }
    }

    /// <summary>Whether a text is the proxy of a server: <c>none</c> or an address.</summary>
    public static bool IsProxy(string text) =>
        text == "none"
        || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0
            && uri.Scheme is "http" or "https" or "socks4" or "socks4a" or "socks5");

    /// <summary>The problem of the name of a server or group; null for a valid name.</summary>
    public static string? NameProblem(string name) =>
        name.Length is 0 or > LongestName ? $"a name has 1 to {LongestName} characters; this one has {name.Length}"
        : name.AsSpan().IndexOfAnyExcept(NameCharacters) is var wrong and >= 0
            ? $"a name cannot have the character {Written(name[wrong])}; use letters, digits, `-`, `_` and `.`"
        : name is "." or ".." ? $"a name cannot be {name}, which addresses read as a folder; choose another"
        : name == "router" ? "the pool's own router has this name; choose another"
        : null;

    private static string Written(char character) =>
        char.IsControl(character) || char.IsSurrogate(character) ? $"U+{(int)character:X4}" : $"`{character}`";

    private static void CheckEndpoint(ServerSettings server, string path, List<SettingsProblem> problems)
    {
        if (server.Uri is null == server.Command is null)
        {
            problems.Add(new(path, server.Uri is null
                ? "has neither uri nor command; write uri = \"…\" for a server that is running, or command = … for one to be started here"
                : "has both uri and command; keep uri for a server that is running, or command for one to be started here"));
        }
        else if (server.Uri is { } uri)
        {
            CheckUri(uri, path + ".uri", problems);
            OnlyOver("http", server.Transport != HttpTransport.Auto, "transport");
            OnlyOver("ws", server.Proxy is not null, "proxy");
            OnlyWith("command", server.Args.Count > 0, "args");
            OnlyWith("command", server.WorkingDirectory is not null, "cwd");
            OnlyWith("command", server.Environment.Count > 0, "env");
            OnlyWith("command", server.InheritEnvironment, "inherit-environment");
            OnlyWith("command", server.StartTimeout is not null, "start-timeout");
        }
        else
        {
            if (string.IsNullOrWhiteSpace(server.Command))
                problems.Add(new(path + ".command", "is empty; write the program to start, such as npx"));
            CheckHandedOn(server.Command!, path + ".command", problems);
            for (var i = 0; i < server.Args.Count; i++)
                CheckHandedOn(server.Args[i], KeyPath.Item(path + ".args", i), problems);
            if (server.WorkingDirectory is { } folder)
                CheckHandedOn(folder, path + ".cwd", problems);
            if (server.StartTimeout is { } start)
                new Checks(path, problems).Duration("start-timeout", start, SettingsValidator.Longest);
            OnlyWith("uri", server.Token is not null, "auth");
            OnlyWith("uri", server.Headers.Count > 0, "headers");
            OnlyWith("uri", server.Transport != HttpTransport.Auto, "transport");
            OnlyWith("uri", server.Proxy is not null, "proxy");
        }

        void OnlyOver(string scheme, bool present, string key)
        {
            if (present && server.Uri is { IsAbsoluteUri: true, Scheme: var given } && given is not ("http" or "https")
                && (scheme == "http" || given is not ("ws" or "wss")))
            {
                problems.Add(new($"{path}.{key}", $"has no effect on a server at {given}://; remove it"));
            }
        }

        void OnlyWith(string needed, bool present, string key)
        {
            if (present)
            {
                problems.Add(new($"{path}.{key}", needed == "command"
                    ? "has no effect on a server with a uri; it is for one that is started by command"
                    : key is "auth" or "headers"
                        ? "has no effect on a server that is started by command; pass a program its secrets by env"
                        : "has no effect on a server that is started by command; remove it"));
            }
        }
    }

    private static void CheckUri(Uri uri, string path, List<SettingsProblem> problems)
    {
        if (!uri.IsAbsoluteUri)
        {
            problems.Add(new(path, "is not an absolute address; write one such as \"https://host/mcp\" or \"ws://host:3000\""));
        }
        else if (!Schemes.Contains(uri.Scheme))
        {
            problems.Add(new(path, $"`{uri.Scheme}:` is not supported{Suggestion.End(uri.Scheme, Schemes)}"
                + " Supported: http, https, ws, wss and memory; a program is started by command"));
        }
        else if (uri.Host.Length == 0)
        {
            problems.Add(new(path, uri.Scheme == "memory"
                ? "has no name; write \"memory://name\""
                : $"has no host; write \"{uri.Scheme}://host:port/path\""));
        }
        else if (uri.UserInfo.Length > 0)
        {
            problems.Add(new(path, "contains a user or password, which would not be sent;"
                + " write auth { type = token, token-env = NAME } or headers { Authorization { env = NAME } }"));
        }
    }

    private static void CheckSecrets(ServerSettings server, string path, List<SettingsProblem> problems, bool withSources)
    {
        bool IsRead(Secret secret) => withSources || secret.IsLiteral;
        if (server.Token is { } token && IsRead(token))
        {
            var key = token.Key.Length == 0 ? "token" : $"token-{token.Key}";
            CheckSent(token, $"{path}.auth.{key}", problems);
        }
        if (server.Proxy is { } proxy && IsRead(proxy))
        {
            var key = proxy.Key.Length == 0 ? $"{path}.proxy" : $"{path}.proxy.{proxy.Key}";
            if (TryResolve(proxy, key, problems) is { } address && !IsProxy(address))
                problems.Add(new(key, ProxyProblem));
        }
        foreach (var (name, header) in server.Headers)
        {
            var key = KeyPath.Of(path + ".headers", name);
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal)))
                problems.Add(new(key, "is not a valid name of an HTTP header; use letters, digits and -"));
            else if (name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) && server.Token is not null)
                problems.Add(new(key, "is also what auth sets; keep one of the two"));
            if (IsRead(header))
                CheckSent(header, header.Key.Length == 0 ? key : $"{key}.{header.Key}", problems);
        }
        foreach (var name in server.Headers.Keys.GroupBy(h => h, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
        {
            problems.Add(new(KeyPath.Of(path + ".headers", name.First()),
                $"is written {name.Count()} times in different case, which header names ignore; keep one"));
        }
        foreach (var (name, variable) in server.Environment)
        {
            var key = KeyPath.Of(path + ".env", name);
            if (name.Length == 0 || name.AsSpan().ContainsAny('=', '\0'))
                problems.Add(new(key, "is not a valid name of an environment variable; it must not be empty or contain ="));
            var source = variable.Key.Length == 0 ? key : $"{key}.{variable.Key}";
            if (IsRead(variable) && TryResolve(variable, source, problems) is { } value)
                CheckHandedOn(value, source, problems);
        }
    }

    private static void CheckHandedOn(string text, string path, List<SettingsProblem> problems)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            problems.Add(new(path, "has a NUL character, which no program can be given; remove it"));
        else if (Utf16.HasHalfPair(text))
            problems.Add(new(path, "has half of a surrogate pair, which is no text; remove it or add the other half"));
    }

    private static void CheckSent(Secret secret, string path, List<SettingsProblem> problems)
    {
        if (TryResolve(secret, path, problems) is not { } value)
            return;
        if (value.Length == 0)
        {
            problems.Add(new(path,
                "is empty; give it a value, or name where it comes from (token-env, token-file, { env = NAME }, { file = \"path\" })"));
        }
        else if (value.Any(c => char.IsControl(c) && c != '\t'))
        {
            problems.Add(new(path, $"has a line break or another control character, which a header cannot contain{Source(secret)}"));
        }
        else if (!HeaderText.CanBeSent(value))
        {
            problems.Add(new(path, $"{HeaderText.Problem}{Source(secret)}"));
        }
    }

    // A literal has no source that could be named.
    private static string Source(Secret secret) => secret.IsLiteral ? "" : $"; look at its source: {secret.ToString()["*** (".Length..^1]}";

    private static string? TryResolve(Secret secret, string path, List<SettingsProblem> problems)
    {
        try
        {
            return secret.Resolve();
        }
        catch (SecretUnavailableException e)
        {
            problems.Add(new(path, e.Message + secret.Key switch
            {
                "env" => "; set it before starting, or correct the name",
                "file" => "; create it before starting, or correct the path",
                _ => "",
            }));
            return null;
        }
    }
}
