using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Akka.Actor;

namespace McpActors;

/// <summary>
/// A message that asks the pool to run something on a server. The pool answers it exactly once with a <see cref="CallReply"/>. The hierarchy is closed:
/// only this library can add a kind.
/// </summary>
/// <param name="Options">Where and how the call may run; null for the defaults of the route and the pool.</param>
public abstract record PoolCall(CallOptions? Options)
{
    /// <summary>The method, tool, URI or prompt that the call names, as its caller wrote it.</summary>
    internal abstract string? Subject { get; }
}

/// <summary>
/// Runs a method on one server of the pool. The reply is <see cref="CallCompleted"/> or <see cref="CallFailed"/>, never an exception.
/// </summary>
/// <param name="Method">An MCP method (one with a <c>/</c>, or <c>ping</c>), sent as it is; any other word is the name of a tool, sent as <c>tools/call</c>.</param>
/// <param name="Params">The parameters of the method, or the arguments of the tool: a JSON object, or null for none.</param>
/// <param name="Options">Where and how the call may run; null for the defaults of the route and the pool.</param>
public sealed record Execute(string Method, JsonElement? Params = null, CallOptions? Options = null) : PoolCall(Options)
{
    internal override string? Subject => Method;
}

/// <summary>Calls a tool: <see cref="Execute"/> for a name that may itself hold a <c>/</c>.</summary>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">Its arguments: a JSON object, or null for none.</param>
/// <param name="Options">Where and how the call may run.</param>
public sealed record CallTool(string Name, JsonElement? Arguments = null, CallOptions? Options = null) : PoolCall(Options)
{
    internal override string? Subject => Name;
}

/// <summary>Reads a resource (<c>resources/read</c>).</summary>
/// <param name="Uri">The resource's URI.</param>
/// <param name="Options">Where and how the call may run.</param>
public sealed record ReadResource(string Uri, CallOptions? Options = null) : PoolCall(Options)
{
    internal override string? Subject => Uri;
}

/// <summary>Gets a prompt (<c>prompts/get</c>).</summary>
/// <param name="Name">The prompt's name.</param>
/// <param name="Arguments">Its arguments: a JSON object, or null for none.</param>
/// <param name="Options">Where and how the call may run.</param>
public sealed record GetPrompt(string Name, JsonElement? Arguments = null, CallOptions? Options = null) : PoolCall(Options)
{
    internal override string? Subject => Name;
}

/// <summary>
/// Cancels the call with that id: its attempt is cancelled on the one server that has it and the caller gets <see cref="PoolErrorKind.Cancelled"/>.
/// Answered with <see cref="CommandAccepted"/>, or <see cref="CommandRefused"/> when no such call is running.
/// </summary>
/// <param name="CallId">The <see cref="CallOptions.CallId"/> the call was sent with.</param>
public sealed record CancelCall(string CallId);

/// <summary>How the first server of a call is chosen.</summary>
public enum CallMode
{
    /// <summary>The strategy picks.</summary>
    Balanced,

    /// <summary>The best priority (lowest number) first, then downwards.</summary>
    Failover,
}

/// <summary>Where and how one call may run. Every value is optional.</summary>
public sealed record CallOptions
{
    /// <summary>Exactly this server. The call is then never moved to another one.</summary>
    public string? Server { get; init; }

    /// <summary>This group, whatever the routes say.</summary>
    public string? Group { get; init; }

    /// <summary>How the first server is chosen. Default: <see cref="CallMode.Balanced"/>.</summary>
    public CallMode Mode { get; init; }

    /// <summary>The name of a strategy, instead of the one of the route, group or pool.</summary>
    public string? Strategy { get; init; }

    /// <summary>How long the whole call may take, every attempt and wait included; above zero, at most 24 days. Default: <c>call-timeout</c> (30 s).</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// Calls with the same key go to the same server: under <c>consistent-hash</c> by the key alone; under any other strategy to the server that
    /// served the key last, as long as its connection holds the session it had then (servers of revisions before 2026-07-28). When that server
    /// cannot take the call it goes to another one, unless <see cref="AffinityRequired"/>.
    /// </summary>
    public string? AffinityKey { get; init; }

    /// <summary>
    /// True: a call whose <see cref="AffinityKey"/> has been served before runs in that very session or not at all; when the session is gone the
    /// error is <see cref="PoolErrorKind.SessionLost"/>, once, and the next call with the key begins anew. Default: false.
    /// </summary>
    public bool AffinityRequired { get; init; }

    /// <summary>True: the caller vouches that running it twice does no harm. Default: the annotations and the operator's list decide.</summary>
    public bool? Idempotent { get; init; }

    /// <summary>An actor that is told each <see cref="CallProgress"/> of this call.</summary>
    public IActorRef? ProgressTo { get; init; }

    /// <summary>
    /// Told each <see cref="CallProgress"/> of this call, on a thread of the pool's; for callers of <see cref="Pool.IMcpPool"/>, which makes an actor
    /// of it. A call sent as a message takes <see cref="ProgressTo"/>.
    /// </summary>
    [JsonIgnore]
    public IProgress<CallProgress>? Progress { get; init; }

    /// <summary>
    /// Lets a call that reports progress take longer: each report grants it its time-out anew, up to this much in all; at most 24 days. Default:
    /// progress extends nothing.
    /// </summary>
    public TimeSpan? MaxTimeout { get; init; }

    /// <summary>Sends a second attempt beside a slow first one, for calls that are safe to repeat. Default: as the route says, else never.</summary>
    public Configuration.Hedging? Hedge { get; init; }

    /// <summary>
    /// What the call is traced under. <see cref="Pool.IMcpPool"/> fills it from the current activity; a call sent as a message brings it itself, since
    /// the current activity does not cross a mailbox. It is passed on to the server in <c>_meta.traceparent</c>. Default: none.
    /// </summary>
    public ActivityContext TraceContext { get; init; }

    /// <summary>An id of the caller's, unique among its running calls, for <see cref="CancelCall"/> and logs. Default: none.</summary>
    public string? CallId { get; init; }

    internal static CallOptions Default { get; } = new();
}

/// <summary>Progress that a server reported for a running call, as told to <see cref="CallOptions.ProgressTo"/>.</summary>
/// <param name="CallId">The call's id, if its caller gave one.</param>
/// <param name="Server">The server that reports.</param>
/// <param name="Progress">How far it is; grows with each message.</param>
/// <param name="Total">What <paramref name="Progress"/> reaches at the end, where known.</param>
/// <param name="Message">What the server says of it, if anything.</param>
public sealed record CallProgress(string? CallId, string Server, double Progress, double? Total, string? Message);

/// <summary>The pool's one reply to a <see cref="PoolCall"/>: <see cref="CallCompleted"/> or <see cref="CallFailed"/>, never another kind.</summary>
/// <param name="Attempts">Every attempt in order.</param>
/// <param name="Elapsed">From the pool's receipt of the call to this reply.</param>
public abstract record CallReply(IReadOnlyList<Attempt> Attempts, TimeSpan Elapsed)
{
    /// <exception cref="McpPoolException">The call failed.</exception>
    internal abstract CallCompleted OrThrow();
}

/// <summary>A server answered the call. A tool's own error (<c>isError: true</c>) is an answer too and comes here.</summary>
/// <param name="Result">The JSON-RPC result as the server sent it.</param>
/// <param name="Server">The server that answered.</param>
/// <param name="Attempts">Every attempt in order, the successful one last.</param>
/// <param name="Elapsed">From the pool's receipt of the call to this reply.</param>
public sealed record CallCompleted(JsonElement Result, string Server, IReadOnlyList<Attempt> Attempts, TimeSpan Elapsed) : CallReply(Attempts, Elapsed)
{
    internal override CallCompleted OrThrow() => this;
}

/// <summary>The call has no result; <paramref name="Error"/> says why, and whether it may have run.</summary>
/// <param name="Error">What happened, to which server, and what to do.</param>
/// <param name="Attempts">Every attempt in order.</param>
/// <param name="Elapsed">From the pool's receipt of the call to this reply.</param>
public sealed record CallFailed(PoolError Error, IReadOnlyList<Attempt> Attempts, TimeSpan Elapsed) : CallReply(Attempts, Elapsed)
{
    internal override CallCompleted OrThrow() => throw new McpPoolException(this);
}

/// <summary>One try of a call on one server.</summary>
/// <param name="Server">The server it was tried on.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Error">What was wrong; null when it succeeded.</param>
/// <param name="Elapsed">From sending it to the server's circuit until it ended.</param>
public sealed record Attempt(string Server, AttemptOutcome Outcome, string? Error, TimeSpan Elapsed);

/// <summary>How an attempt ended. Whether the call may go to another server follows from it.</summary>
public enum AttemptOutcome
{
    /// <summary>The server answered with a result.</summary>
    Succeeded,

    /// <summary>The server never saw the request: always safe to run elsewhere.</summary>
    NotSent,

    /// <summary>The server turned the request away before running it (HTTP 401, 403, 429, 503 with Retry-After, a lost session): always safe to run elsewhere.</summary>
    Refused,

    /// <summary>The request itself is wrong and would be rejected by every server.</summary>
    Rejected,

    /// <summary>This server does not have the method or tool; another may.</summary>
    NotSupported,

    /// <summary>The server answered with a JSON-RPC error.</summary>
    ServerError,

    /// <summary>The tool answered with <c>isError: true</c>: an answer, not a failure of the server.</summary>
    ToolError,

    /// <summary>The request was sent and no answer came: it may have run.</summary>
    Lost,

    /// <summary>The caller cancelled.</summary>
    Cancelled,
}
