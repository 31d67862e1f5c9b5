using System.ComponentModel;
using System.Text.Json;

namespace McpActors.Host.Api;

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
    public const long MaxTimeoutMs = 24L * 24 * 60 * 60 * 1000;

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

    [Description("Calls with the same key go to the same server under consistent-hash.")]
    public string? AffinityKey { get; init; }

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
        Timeout = TimeoutMs is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
        AffinityKey = AffinityKey,
        Idempotent = Idempotent,
        CallId = CallId,
    };
}
