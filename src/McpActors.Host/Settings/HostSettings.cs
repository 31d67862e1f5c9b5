using Akka.Configuration;
using McpActors.Configuration;

namespace McpActors.Host.Settings;

/// <summary>What the worker itself is told beside the pool: the block <c>mcp-actors.host</c> of the configuration file.</summary>
internal sealed record HostSettings
{
    /// <summary>Where the access token comes from when the configuration names none.</summary>
    public const string AccessTokenVariable = "MCP_ACTORS_ACCESS_TOKEN";

    /// <summary>Where the format of the log comes from when the configuration does not say.</summary>
    public const string LogFormatVariable = "MCP_ACTORS_LOG_FORMAT";

    /// <summary>The fewest characters of an access token; a shorter one can be guessed.</summary>
    public const int ShortestAccessToken = 16;

    private const string Path = "mcp-actors.host";

    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(10);

    private static readonly string[] Keys = ["access-token-env", "access-token-file", "allowed-hosts", "allowed-targets", "log-format", "requests-per-second", "required-groups", "shutdown-delay"];

    /// <summary>What every request has to bring; null: nothing, which is only allowed on loopback addresses.</summary>
    public Secret? AccessToken { get; init; }

    /// <summary>Names that this host answers to, beside loopback names and addresses (<c>allowed-hosts</c>).</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Where servers that are added through the API may be: host names with <c>*</c>, addresses or networks. Default: anywhere (<c>allowed-targets</c>).</summary>
    public IReadOnlyList<string> AllowedTargets { get; init; } = ["*"];

    /// <summary>Requests a second from one address, with bursts of twice as many; 0: no limit. Default: 1000 (<c>requests-per-second</c>).</summary>
    public int RequestsPerSecond { get; init; } = 1000;

    /// <summary>Groups of which a server must be connected for <c>/health/ready</c>; none (default): any one server (<c>required-groups</c>).</summary>
    public IReadOnlyList<string> RequiredGroups { get; init; } = [];

    /// <summary>How long it serves on after it was asked to stop, no longer ready; up to 10 minutes. Default: 0 (<c>shutdown-delay</c>).</summary>
    public TimeSpan ShutdownDelay { get; init; }

    /// <summary>How the log is written: for people (<c>text</c>, default) or one JSON object a line (<c>json</c>) (<c>log-format</c>).</summary>
    public LogFormat LogFormat { get; init; }

    /// <summary>The settings of a file, or the defaults when there is none.</summary>
    /// <exception cref="InvalidSettingsException">Something is wrong with them.</exception>
    public static HostSettings Read(string? file)
    {
        var config = file is null ? ConfigurationFactory.Empty : PoolConfiguration.LoadFile(file).GetConfig(Path) ?? ConfigurationFactory.Empty;
        var problems = new List<SettingsProblem>();
        var directory = file is null ? "." : System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(file))!;
        var none = new HostSettings();
        var settings = new HostSettings
        {
            AccessToken = ReadToken(config, directory, problems),
            AllowedHosts = Texts(config, "allowed-hosts", none.AllowedHosts, problems),
            AllowedTargets = Texts(config, "allowed-targets", none.AllowedTargets, problems),
            RequestsPerSecond = Number(config, "requests-per-second", none.RequestsPerSecond, problems),
            RequiredGroups = Texts(config, "required-groups", none.RequiredGroups, problems),
            ShutdownDelay = ReadShutdownDelay(config, problems),
            LogFormat = ReadLogFormat(config, problems),
        };
        foreach (var key in config.IsEmpty ? [] : config.Root.GetObject().Items.Keys.Except(Keys))
            problems.Add(new($"{Path}.{key}", $"is not a known key; known here: {string.Join(", ", Keys)}"));
        return problems.Count == 0 ? settings : throw new InvalidSettingsException(problems);
    }

    private static Secret? ReadToken(Config config, string directory, List<SettingsProblem> problems)
    {
        var (variable, file) = (config.GetString("access-token-env"), config.GetString("access-token-file"));
        if (variable is not null && file is not null)
        {
            problems.Add(new($"{Path}.access-token-env", "stands beside access-token-file; keep one of the two"));
            return null;
        }
        var (key, secret) = file is not null ? ("access-token-file", Secret.FromFile(System.IO.Path.GetFullPath(System.IO.Path.Combine(directory, file))))
            : variable is not null ? ("access-token-env", Secret.FromEnvironment(variable))
            : Environment.GetEnvironmentVariable(AccessTokenVariable) is { Length: > 0 } ? ("access-token-env", Secret.FromEnvironment(AccessTokenVariable))
            : ("", null);
        try
        {
            if (secret?.Resolve() is { Length: < ShortestAccessToken })
            {
                problems.Add(new(
                    $"{Path}.{key}",
                    $"is shorter than {ShortestAccessToken} characters, which can be guessed; make one with: openssl rand -base64 32"));
            }
        }
        catch (SecretUnavailableException e)
        {
            problems.Add(new($"{Path}.{key}", e.Message));
        }
        return secret;
    }

    private static TimeSpan ReadShutdownDelay(Config config, List<SettingsProblem> problems)
    {
        const string Key = "shutdown-delay";
        if (!config.HasPath(Key))
            return TimeSpan.Zero;
        try
        {
            // A bare number would be milliseconds, which nobody means.
            if ((config.GetString(Key) == "0" || !double.TryParse(config.GetString(Key), out _)) && config.GetTimeSpan(Key, allowInfinite: false) is var delay
                && delay >= TimeSpan.Zero && delay <= LongestDelay)
            {
                return delay;
            }
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            // Told below, like every other value that is none.
        }
        problems.Add(new($"{Path}.{Key}", $"`{config.GetString(Key)}` cannot be used; must be a time with its unit, such as 5s, up to 10 minutes"));
        return TimeSpan.Zero;
    }

    private static LogFormat ReadLogFormat(Config config, List<SettingsProblem> problems)
    {
        switch (config.GetString("log-format") ?? Environment.GetEnvironmentVariable(LogFormatVariable))
        {
            case null or "" or "text":
                return LogFormat.Text;
            case "json":
                return LogFormat.Json;
            case var other:
                problems.Add(new($"{Path}.log-format", $"`{other}` cannot be used; must be text or json"));
                return LogFormat.Text;
        }
    }

    private static IReadOnlyList<string> Texts(Config config, string key, IReadOnlyList<string> otherwise, List<SettingsProblem> problems)
    {
        if (!config.HasPath(key))
            return otherwise;
        if (config.GetValue(key).IsArray())
            return [.. config.GetStringList(key)];
        problems.Add(new($"{Path}.{key}", "must be a list, [ … ]"));
        return otherwise;
    }

    private static int Number(Config config, string key, int otherwise, List<SettingsProblem> problems)
    {
        if (config.GetString(key) is not { } text)
            return otherwise;
        if (text == "off")
            return 0;
        if (int.TryParse(text, out var number) && number is >= 1 and <= 1_000_000)
            return number;
        problems.Add(new($"{Path}.{key}", $"`{text}` cannot be used; must be a whole number from 1 to 1000000, or off"));
        return otherwise;
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
