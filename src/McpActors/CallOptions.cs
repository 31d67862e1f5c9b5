using System.Diagnostics;
using System.Text.Json.Serialization;
using Akka.Actor;

namespace McpActors;

/// <summary>How the first server of a call is chosen.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CallMode>))]
public enum CallMode
{
    /// <summary>The strategy picks.</summary>
    Balanced,

    /// <summary>
    /// The best priority (lowest number) first, then the next ones. The caller also asks for the next server after an error of the server,
    /// which does not prove that nothing happened, unless <c>failover.on-server-error</c> is <c>off</c>.
    /// </summary>
    Failover,
}

/// <summary>Where and how one call may run. Every value is optional.</summary>
public sealed record CallOptions
{
    /// <summary>Exactly this server; the call never moves to another one. Default: any server of the group.</summary>
    public string? Server { get; init; }

    /// <summary>This group, regardless of the routes. Default: the group of the first route that matches.</summary>
    public string? Group { get; init; }

    /// <summary>How the first server is chosen, and the next one after an error. Default: <see cref="CallMode.Balanced"/>.</summary>
    public CallMode Mode { get; init; }

    /// <summary>The name of a strategy, in place of the one of the route, group or pool.</summary>
    public string? Strategy { get; init; }

    /// <summary>
    /// The time limit of the whole call, with every attempt and wait; above zero, at most 24 days. Default: <c>call-timeout</c> (30 s).
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// Calls with the same key go to the same server: under <c>consistent-hash</c> by the key alone; under any other strategy to the server
    /// that served the key last, while its connection still has the session of that time (servers of revisions before 2026-07-28). When
    /// that server cannot take the call, it goes to another one, unless <see cref="AffinityRequired"/>. At most 256 characters.
    /// </summary>
    public string? AffinityKey { get; init; }

    /// <summary>
    /// True: a call whose <see cref="AffinityKey"/> has been served before runs in that same session or not at all; when the session is
    /// gone, the error is <see cref="PoolErrorKind.SessionLost"/>, once, and the next call with the key may use any server. Default: false.
    /// </summary>
    public bool AffinityRequired { get; init; }

    /// <summary>
    /// True: the caller guarantees that running the call twice does no harm. Default: the annotations and the operator's list decide.
    /// </summary>
    public bool? Idempotent { get; init; }

    /// <summary>An actor that receives each <see cref="CallProgress"/> of this call. Default: none.</summary>
    public IActorRef? ProgressTo { get; init; }

    /// <summary>
    /// Receives each <see cref="CallProgress"/> of this call, on a thread of the pool; for callers of <see cref="Pool.IMcpPool"/>. A call
    /// that is sent as a message uses <see cref="ProgressTo"/>. Default: none.
    /// </summary>
    [JsonIgnore]
    public IProgress<CallProgress>? Progress { get; init; }

    /// <summary>
    /// Lets a call that reports progress take longer: each report starts its time-out again, up to this limit in all; at least
    /// <see cref="Timeout"/>, at most 24 days. Default: progress extends nothing.
    /// </summary>
    public TimeSpan? MaxTimeout { get; init; }

    /// <summary>
    /// Sends a second attempt beside a slow first one, for calls that are safe to repeat. Default: as the route says, else never.
    /// </summary>
    public Configuration.Hedging? Hedge { get; init; }

    /// <summary>
    /// The parent of the call's trace span. <see cref="Pool.IMcpPool"/> fills it from the current activity; a call that is sent as a
    /// message sets it itself, since the current activity does not cross a mailbox. The server receives it in <c>_meta.traceparent</c>.
    /// Default: none.
    /// </summary>
    public ActivityContext TraceContext { get; init; }

    /// <summary>
    /// An id that the caller chooses, unique among the calls in flight, for <see cref="CancelCall"/> and logs; at most 256 characters.
    /// Default: none.
    /// </summary>
    public string? CallId { get; init; }

    internal static CallOptions Default { get; } = new();
}
