using System.ComponentModel;
using System.Text.Json;
using McpActors.Configuration;

namespace McpActors.Host.Api.Contract;

/// <summary>The body of <c>POST /api/execute</c>.</summary>
internal sealed record ExecuteRequest
{
    [Description("An MCP method (contains a '/', or is 'ping'), sent unchanged; any other value is a tool name, sent as tools/call.")]
    public required string Method { get; init; }

    [Description("The parameters of the method, or the arguments of the tool: a JSON object. Default: none.")]
    public JsonElement? Params { get; init; }

    [Description("Where and how the call may run. Default: as configured.")]
    public ExecuteOptions? Options { get; init; }

    /// <summary>The message to the pool.</summary>
    public Execute ToCall() => new(Method, Params, Options?.ToCallOptions());
}

/// <summary>Where and how one call may run; every field is optional.</summary>
internal sealed record ExecuteOptions
{
    /// <summary>The longest time limit, 24 days: the range of .NET's timers.</summary>
    private const long MaxTimeoutMilliseconds = 24L * 24 * 60 * 60 * 1000;

    [Description("Run on this server only; the call never moves to another.")]
    public string? Server { get; init; }

    [Description("Use this group instead of the one that the routes select.")]
    public string? Group { get; init; }

    [Description("Balanced: the strategy chooses the first server. Failover: servers in order of priority. Default: Balanced.")]
    public CallMode? Mode { get; init; }

    [Description("Use this strategy, such as round-robin, instead of the configured one.")]
    public string? Strategy { get; init; }

    [Description("Time limit of the whole call with all attempts and waits, in milliseconds, 1 to 2073600000. Default: call-timeout.")]
    public long? TimeoutMs { get; init; }

    [Description("Calls with the same key go to the same server: always with consistent-hash, else while that server keeps its session.")]
    public string? AffinityKey { get; init; }

    [Description("True: run in the session that served this key before, or fail with SessionLost. Default: false.")]
    public bool? AffinityRequired { get; init; }

    [Description("Each progress report of the server restarts the time limit, up to this total in milliseconds. Default: it does not.")]
    public long? MaxTimeoutMs { get; init; }

    [Description("Send a call that is safe to repeat to a second server if the first has not answered within this time, in milliseconds.")]
    public long? HedgeAfterMs { get; init; }

    [Description("The same, once the first server has taken longer than this quantile of the tool's recent hedged calls, such as 0.95.")]
    public double? HedgeQuantile { get; init; }

    [Description("True: the caller declares that the call is safe to repeat. Default: by the tool's annotations and idempotent-tools.")]
    public bool? Idempotent { get; init; }

    [Description("The caller's own id for the call, unique among its running calls.")]
    public string? CallId { get; init; }

    /// <summary>The same as options of the pool.</summary>
    public CallOptions ToCallOptions() => new()
    {
        Server = Server,
        Group = Group,
        Mode = Mode ?? CallMode.Balanced,
        Strategy = Strategy,
        Timeout = Time(TimeoutMs),
        AffinityKey = AffinityKey,
        AffinityRequired = AffinityRequired ?? false,
        MaxTimeout = Time(MaxTimeoutMs),
        Hedge = HedgeAfterMs is null && HedgeQuantile is null ? null : new Hedging { After = Time(HedgeAfterMs), Quantile = HedgeQuantile },
        Idempotent = Idempotent,
        CallId = CallId,
    };

    /// <summary>The problem with a time; null when all are valid.</summary>
    public string? Problem() =>
        ProblemOf(TimeoutMs, "timeoutMs") ?? ProblemOf(MaxTimeoutMs, "maxTimeoutMs") ?? ProblemOf(HedgeAfterMs, "hedgeAfterMs");

    private static string? ProblemOf(long? milliseconds, string field) =>
        milliseconds is <= 0 or > MaxTimeoutMilliseconds ? $"Field 'options.{field}' must be from 1 to {MaxTimeoutMilliseconds}." : null;

    private static TimeSpan? Time(long? milliseconds) => milliseconds is { } given ? TimeSpan.FromMilliseconds(given) : null;
}
