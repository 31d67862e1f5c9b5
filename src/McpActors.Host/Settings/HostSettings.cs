using System.Net;
using McpActors.Configuration;
using McpActors.Configuration.Hocon;

namespace McpActors.Host.Settings;

/// <summary>The settings of the worker itself, beside the pool: the block <c>mcp-actors.host</c> of the configuration file.</summary>
internal sealed record HostSettings
{
    /// <summary>The environment variable of the access token when the configuration names none.</summary>
    public const string AccessTokenVariable = "MCP_ACTORS_ACCESS_TOKEN";

    /// <summary>The environment variable of the log format when the configuration has none.</summary>
    public const string LogFormatVariable = "MCP_ACTORS_LOG_FORMAT";

    /// <summary>The fewest characters of an access token; a shorter one can be guessed.</summary>
    public const int ShortestAccessToken = 16;

    /// <summary>The entry of <c>trusted-proxies</c> for a proxy that connects through a Unix socket, which has no address.</summary>
    public const string ProxyOnUnixSocket = "unix";

    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(10);

    /// <summary>The token that every request must carry; null: none, which is only allowed on loopback addresses.</summary>
    public Secret? AccessToken { get; init; }

    /// <summary>Names that this host answers to, beside loopback names and addresses (<c>allowed-hosts</c>).</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>
    /// The addresses at which people reach this host through a proxy, with its path if it has one there. Default: none
    /// (<c>public-url</c>).
    /// </summary>
    public IReadOnlyList<Uri> PublicUrls { get; init; } = [];

    /// <summary>
    /// Where servers that are added through the API may be: host names with <c>*</c>, addresses or networks. Default: anywhere
    /// (<c>allowed-targets</c>).
    /// </summary>
    public IReadOnlyList<string> AllowedTargets { get; init; } = ["*"];

    /// <summary>
    /// The most servers that the pool may have beside those of its configuration file before another one may be added through the API, 0 to
    /// 100000. Default: 1000 (<c>max-added-servers</c>).
    /// </summary>
    public int MaxAddedServers { get; init; } = 1000;

    /// <summary>
    /// The proxies whose <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c> are believed: addresses, networks, or <c>unix</c> for those
    /// that connect through a Unix socket. Default: none (<c>trusted-proxies</c>).
    /// </summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>
    /// Requests a second from one address, with bursts of twice as many; 0: no limit. Default: 1000 (<c>requests-per-second</c>).
    /// </summary>
    public int RequestsPerSecond { get; init; } = 1000;

    /// <summary>
    /// Groups of which a server must be connected for <c>/health/ready</c>; none (default): any one server (<c>required-groups</c>).
    /// </summary>
    public IReadOnlyList<string> RequiredGroups { get; init; } = [];

    /// <summary>
    /// How long the worker goes on serving, no longer ready, after a request to stop; up to 10 minutes. Default: 0 (<c>shutdown-delay</c>).
    /// </summary>
    public TimeSpan ShutdownDelay { get; init; }

    /// <summary>
    /// How the log is written: for people (<c>text</c>, default) or one JSON object a line (<c>json</c>) (<c>log-format</c>).
    /// </summary>
    public LogFormat LogFormat { get; init; }

    /// <summary>How the pool is offered to MCP clients (<c>mcp</c>).</summary>
    public McpSettings Mcp { get; init; } = new();

    /// <summary>Reads the block; problems go to the section's findings.</summary>
    /// <param name="host">The block.</param>
    /// <param name="folder">Relative paths start from here.</param>
    /// <param name="environment">The environment.</param>
    public static HostSettings Read(Section host, string folder, Func<string, string?> environment)
    {
        var none = new HostSettings();
        var settings = new HostSettings
        {
            AccessToken = ReadToken(host, folder, environment),
            AllowedHosts = host.Value("allowed-hosts") is null ? none.AllowedHosts : host.Texts("allowed-hosts"),
            PublicUrls = ReadPublicUrls(host),
            AllowedTargets = host.Value("allowed-targets") is null ? none.AllowedTargets : host.Texts("allowed-targets"),
            MaxAddedServers = host.Int("max-added-servers", none.MaxAddedServers),
            TrustedProxies = ReadProxies(host),
            RequestsPerSecond = ReadRequestsPerSecond(host, none.RequestsPerSecond),
            RequiredGroups = host.Texts("required-groups"),
            ShutdownDelay = host.Duration("shutdown-delay", none.ShutdownDelay),
            LogFormat = ReadLogFormat(host, environment),
            Mcp = McpSettings.Read(host.Child("mcp"), folder),
        };
        host.End();
        var checks = new Checks(host.Path, host.Findings);
        checks.Range("max-added-servers", settings.MaxAddedServers, 0, 100_000);
        checks.Duration("shutdown-delay", settings.ShutdownDelay, LongestDelay, zero: true);
        return settings;
    }

    /// <summary>The problems of these settings beside those of a pool.</summary>
    /// <param name="pool">The pool's settings.</param>
    /// <param name="serversComplete">False when some servers could not be read.</param>
    public IReadOnlyList<SettingsProblem> Problems(PoolSettings pool, bool serversComplete)
    {
        var problems = new List<SettingsProblem>();
        var groups = SettingsValidator.GroupsOf(pool);
        for (var i = 0; i < RequiredGroups.Count; i++)
        {
            var path = KeyPath.Item(KeyPath.Host + ".required-groups", i);
            SettingsValidator.CheckGroup(path, RequiredGroups[i], groups, serversComplete, problems);
        }
        return problems;
    }

    private static Secret? ReadToken(Section host, string folder, Func<string, string?> environment) =>
        ReadSecret(host, "access-token", folder, ShortestAccessToken, environment(AccessTokenVariable) is { Length: > 0 }
            ? Secret.FromEnvironment(AccessTokenVariable)
            : null);

    /// <summary>Reads a secret from the keys <c>…-env</c> or <c>…-file</c>; problems go to the section's findings.</summary>
    /// <param name="section">The section.</param>
    /// <param name="name">The beginning of the keys.</param>
    /// <param name="folder">Relative paths start from here.</param>
    /// <param name="shortest">A shorter secret is a problem.</param>
    /// <param name="other">The secret when there are no keys.</param>
    internal static Secret? ReadSecret(Section section, string name, string folder, int shortest, Secret? other = null)
    {
        var (env, file) = (name + "-env", name + "-file");
        var variable = section.Text(env);
        var isFile = section.Text(file) is not null;
        if (variable is not null && isFile)
        {
            section.Problem(env, $"is written beside {file}; keep one of the two");
            return null;
        }
        var path = section.FilePath(file, folder);
        if (path is null && isFile)
            return null;
        var (key, secret) = path is not null ? (file, Secret.FromFile(path))
            : variable is not null ? (env, Secret.FromEnvironment(variable))
            : (env, other);
        try
        {
            if (secret?.Resolve() is { } value && value.Length < shortest)
            {
                section.Problem(
                    key, $"is shorter than {shortest} characters, which can be guessed; make one with: openssl rand -base64 32");
            }
        }
        catch (SecretUnavailableException e)
        {
            section.Problem(key, e.Message);
            return null;
        }
        return secret;
    }

    // One, or a list.
    private static Uri[] ReadPublicUrls(Section host)
    {
        const string Key = "public-url";
        IReadOnlyList<string> texts = host.Value(Key) is TextNode { Text: var one } ? [one] : host.Texts(Key);
        for (var i = 0; i < texts.Count; i++)
        {
            if (Settings.PublicUrls.ProblemOf(texts[i]) is { } problem)
                host.Findings.Add(KeyPath.Item(host.PathOf(Key), i), problem, host.Findings.PlaceOf(host.PathOf(Key)));
        }
        return [.. texts.Where(text => Settings.PublicUrls.ProblemOf(text) is null).Select(text => new Uri(text))];
    }

    private static IReadOnlyList<string> ReadProxies(Section host)
    {
        const string Key = "trusted-proxies";
        var proxies = host.Texts(Key);
        for (var i = 0; i < proxies.Count; i++)
        {
            if (ProblemOfProxy(proxies[i]) is { } problem)
                host.Findings.Add(KeyPath.Item(host.PathOf(Key), i), problem, host.Findings.PlaceOf(host.PathOf(Key)));
        }
        return proxies;
    }

    private static string? ProblemOfProxy(string entry) =>
        entry == ProxyOnUnixSocket || IPAddress.TryParse(entry, out _) || IPNetwork.TryParse(entry, out _)
            ? null
            : $"`{entry}` is not valid; expected an address such as 10.0.0.5, a network such as 10.0.0.0/8, or {ProxyOnUnixSocket}";

    private static int ReadRequestsPerSecond(Section host, int none)
    {
        const string Key = "requests-per-second";
        if (host.Text(Key) == "off")
            return 0;
        var number = host.Int(Key, none);
        new Checks(host.Path, host.Findings).Range(Key, number, 1, 1_000_000);
        return number;
    }

    private static LogFormat ReadLogFormat(Section host, Func<string, string?> environment)
    {
        const string Key = "log-format";
        var variable = new ObjectNode(null);
        if (environment(LogFormatVariable) is { Length: > 0 } text)
            variable.Items[Key] = new TextNode(text, new Place($"environment variable {LogFormatVariable}"));
        return host.Over(variable).Choice(Key, LogFormat.Text, ("text", LogFormat.Text), ("json", LogFormat.Json));
    }
}

/// <summary>How the log is written.</summary>
internal enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>Compact JSON, one object a line, for machines.</summary>
    Json,
}
