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

    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(10);

    /// <summary>The token that every request must carry; null: none, which is only allowed on loopback addresses.</summary>
    public Secret? AccessToken { get; init; }

    /// <summary>Names that this host answers to, beside loopback names and addresses (<c>allowed-hosts</c>).</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>
    /// Where servers that are added through the API may be: host names with <c>*</c>, addresses or networks. Default: anywhere
    /// (<c>allowed-targets</c>).
    /// </summary>
    public IReadOnlyList<string> AllowedTargets { get; init; } = ["*"];

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
            AllowedTargets = host.Value("allowed-targets") is null ? none.AllowedTargets : host.Texts("allowed-targets"),
            RequestsPerSecond = ReadRequestsPerSecond(host, none.RequestsPerSecond),
            RequiredGroups = host.Texts("required-groups"),
            ShutdownDelay = host.Duration("shutdown-delay", none.ShutdownDelay),
            LogFormat = ReadLogFormat(host, environment),
        };
        host.End();
        new Checks(host.Path, host.Findings).Duration("shutdown-delay", settings.ShutdownDelay, LongestDelay, zero: true);
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

    private static Secret? ReadToken(Section host, string folder, Func<string, string?> environment)
    {
        var (variable, file) = (host.Text("access-token-env"), host.Text("access-token-file"));
        if (variable is not null && file is not null)
        {
            host.Problem("access-token-env", "is written beside access-token-file; keep one of the two");
            return null;
        }
        var path = host.FilePath("access-token-file", folder);
        if (path is null && file is not null)
            return null;
        var (key, secret) = path is not null ? ("access-token-file", Secret.FromFile(path))
            : variable is not null ? ("access-token-env", Secret.FromEnvironment(variable))
            : environment(AccessTokenVariable) is { Length: > 0 } ? ("access-token-env", Secret.FromEnvironment(AccessTokenVariable))
            : ("", null);
        try
        {
            if (secret?.Resolve() is { Length: < ShortestAccessToken })
            {
                host.Problem(key,
                    $"is shorter than {ShortestAccessToken} characters, which can be guessed; make one with: openssl rand -base64 32");
            }
        }
        catch (SecretUnavailableException e)
        {
            host.Problem(key, e.Message);
        }
        return secret;
    }

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
