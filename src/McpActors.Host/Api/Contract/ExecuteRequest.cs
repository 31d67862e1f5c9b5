using System.ComponentModel;
using System.Text.Json;
using McpActors.Configuration;

namespace McpActors.Host.Api.Contract;

/// <summary>The body of <c>POST /api/execute</c>.</summary>
internal sealed record ExecuteRequest
{
    [Description("An MCP method (one with a '/', or 'ping'), sent as it is; any other word is the name of a tool, sent as tools/call.")]
    public required string Method { get; init; }

    [Description("The parameters of the method, or the arguments of the tool: a JSON object. Default: none.")]
    public JsonElement? Params { get; init; }

    [Description("Where and how the call may run. Default: as the routes and the pool's settings say.")]
    public ExecuteOptions? Options { get; init; }

    /// <summary>The message to the pool.</summary>
    public Execute ToCall() => new(Method, Params, Options?.ToCallOptions());
}

/// <summary>Where and how one call may run; every field may be left out.</summary>
internal sealed record ExecuteOptions
{
    /// <summary>The longest time-out, 24 days: what the timers of .NET can hold.</summary>
    private const long MaxTimeoutMilliseconds = 24L * 24 * 60 * 60 * 1000;

    [Description("Exactly this server. The call is then never moved to another one.")]
    public string? Server { get; init; }

    [Description("This group, whatever the routes say.")]
    public string? Group { get; init; }

    [Description("Balanced: the strategy picks the first server. Failover: the best priority first, then downwards. Default: Balanced.")]
    public CallMode? Mode { get; init; }

    [Description("The name of a strategy, such as round-robin, instead of the configured one.")]
    public string? Strategy { get; init; }

    [Description("How long the whole call may take, every attempt and wait included, in milliseconds: 1 to 2073600000. Default: call-timeout.")]
    public long? TimeoutMs { get; init; }

    [Description("Calls with the same key go to the same server: under consistent-hash by the key alone, else as long as that server keeps its session.")]
    public string? AffinityKey { get; init; }

    [Description("True: a key that was served before runs in that very session or fails with SessionLost. Default: false.")]
    public bool? AffinityRequired { get; init; }

    [Description("Progress reported by the server grants the call its time-out anew, up to this much in all, in milliseconds. Default: it grants nothing.")]
    public long? MaxTimeoutMs { get; init; }

    [Description("A call that is safe to repeat is sent to a second server when the first has not answered after so many milliseconds.")]
    public long? HedgeAfterMs { get; init; }

    [Description("The same, when the first takes longer than this share of the tool's hedged calls of late did, such as 0.95.")]
    public double? HedgeQuantile { get; init; }

    [Description("True: the caller vouches that running it twice does no harm. Default: the tool's annotations and the operator's list decide.")]
    public bool? Idempotent { get; init; }

    [Description("An id of the caller's, unique among its running calls.")]
    public string? CallId { get; init; }

    /// <summary>The pool's words for them.</summary>
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

    /// <summary>What is wrong with a time, in the caller's words; null when nothing is.</summary>
    public string? Problem() =>
        ProblemOf(TimeoutMs, "timeoutMs") ?? ProblemOf(MaxTimeoutMs, "maxTimeoutMs") ?? ProblemOf(HedgeAfterMs, "hedgeAfterMs");

    private static string? ProblemOf(long? milliseconds, string field) =>
        milliseconds is <= 0 or > MaxTimeoutMilliseconds ? $"Field 'options.{field}' must be from 1 to {MaxTimeoutMilliseconds}." : null;

    private static TimeSpan? Time(long? milliseconds) => milliseconds is { } given ? TimeSpan.FromMilliseconds(given) : null;
}
