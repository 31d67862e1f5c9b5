using McpActors.Configuration.Hocon;

namespace McpActors.Configuration;

/// <summary>Checks the settings of one server.</summary>
internal static class ServerRules
{
    private const int LongestName = 128;

    private static readonly string[] Schemes = ["http", "https", "ws", "wss", "memory"];
    private static readonly string[] Revisions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];

    public static void Check(ServerSettings server, List<SettingsProblem> problems)
    {
        var path = KeyPath.Of(KeyPath.Servers, server.Name);
        if (NameProblem(server.Name) is { } name)
            problems.Add(new(path, name));
        if (NameProblem(server.Group) is { } group)
            problems.Add(new(path + ".group", group));

        CheckEndpoint(server, path, problems);
        CheckSecrets(server, path, problems);

        var checks = new Checks(path, problems);
        checks.Range("priority", server.Priority, 0, 1_000_000);
        checks.Range("weight", server.Weight, 1, 1000);
        if (server.MaxInFlight is { } inFlight)
            checks.Range("max-in-flight", inFlight, 1, 1_000_000);
        if (server.MaxQueue is { } queue)
            checks.Range("max-queue", queue, 0, 1_000_000);
        if (server.ProtocolVersion is { } version && !Revisions.Contains(version))
        {
            problems.Add(new(path + ".protocol-version",
                $"`{version}` is not a known MCP revision{Suggestion.End(version, Revisions)} Known: {string.Join(", ", Revisions)}"));
        }
    }

    /// <summary>The problem of the name of a server or group; null for a valid name.</summary>
    public static string? NameProblem(string name) =>
        name.Length is 0 or > LongestName ? $"a name has 1 to {LongestName} characters; this one has {name.Length}"
        : name.FirstOrDefault(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')) is var wrong and not '\0'
            ? $"a name cannot have the character `{wrong}`; use letters, digits, - _ and ."
        : name == "router" ? "the pool's own router has this name; choose another"
        : null;

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
            OnlyWith("command", server.Args.Count > 0, "args");
            OnlyWith("command", server.WorkingDirectory is not null, "cwd");
            OnlyWith("command", server.Environment.Count > 0, "env");
            OnlyWith("command", server.InheritEnvironment, "inherit-environment");
        }
        else
        {
            if (string.IsNullOrWhiteSpace(server.Command))
                problems.Add(new(path + ".command", "is empty; write the program to start, such as npx"));
            OnlyWith("uri", server.Token is not null, "auth");
            OnlyWith("uri", server.Headers.Count > 0, "headers");
        }

        void OnlyWith(string needed, bool present, string key)
        {
            if (present)
            {
                problems.Add(new($"{path}.{key}", needed == "command"
                    ? "has no effect on a server with a uri; it is for one that is started by command"
                    : "has no effect on a server that is started by command; pass a program its secrets by env"));
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

    private static void CheckSecrets(ServerSettings server, string path, List<SettingsProblem> problems)
    {
        if (server.Token is { } token)
        {
            var key = token.Key.Length == 0 ? "token" : $"token-{token.Key}";
            CheckSent(token, $"{path}.auth.{key}", problems);
        }
        foreach (var (name, header) in server.Headers)
        {
            var key = KeyPath.Of(path + ".headers", name);
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal)))
                problems.Add(new(key, "is not a valid name of an HTTP header; use letters, digits and -"));
            else if (name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) && server.Token is not null)
                problems.Add(new(key, "is also what auth sets; keep one of the two"));
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
            TryResolve(variable, variable.Key.Length == 0 ? key : $"{key}.{variable.Key}", problems);
        }
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
