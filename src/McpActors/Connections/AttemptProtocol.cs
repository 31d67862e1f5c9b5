using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Akka.Actor;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>
/// The request of a call, shared by all its attempts. Immutable: each attempt makes its own node tree from the parameters.
/// </summary>
/// <param name="Method">The MCP method.</param>
/// <param name="Name">The name of the tool or prompt, or the URI of the resource; null for other methods.</param>
/// <param name="Params">The parameters; null for none.</param>
/// <param name="Wrap">The parameters are only the arguments of <paramref name="Name"/>, which the request still has to contain.</param>
internal sealed record CallRequest(string Method, string? Name, JsonElement? Params, bool Wrap)
{
    /// <summary>The tool that is called; null for other methods.</summary>
    public string? Tool => Method == RequestMethods.ToolsCall ? Name : null;

    /// <summary>The tool, prompt or resource that the call needs; null for other methods.</summary>
    [JsonIgnore]
    public Offer? Needed { get; } = Name is { } name && Offer.IsNeededBy(Method) ? new Offer(Method, name) : CompletedBy(Method, Params);

    /// <summary>The prompt or resource template whose arguments the call completes; null for other methods.</summary>
    [JsonIgnore]
    public Offer? Completes => Method == RequestMethods.CompletionComplete ? Needed : null;

    /// <summary>The name, or the method of a request without one: the call in events and logs.</summary>
    [JsonIgnore]
    public string ShortName => Name ?? Method;

    /// <summary>Method and name: the call in errors.</summary>
    [JsonIgnore]
    public string FullName => Name is { Length: > 0 } ? $"{Method} {CallWords.Cut(Name)}" : Method;

    private static Offer? CompletedBy(string method, JsonElement? parameters) =>
        method == RequestMethods.CompletionComplete && parameters is { } json ? Offer.CompletedBy(json) : null;
}

/// <summary>One try of a call on one server, on its way from the router through the server's circuit to its connection.</summary>
/// <param name="Id">Unique in this process.</param>
/// <param name="Request">The request.</param>
/// <param name="Deadline">When the router gives the attempt up and sends <see cref="CancelAttempt"/>.</param>
/// <param name="ProgressTo">Receives progress; null for none.</param>
/// <param name="CallId">The caller's id of the call.</param>
internal sealed record StartAttempt(
    long Id, CallRequest Request, DateTimeOffset Deadline, IActorRef? ProgressTo, string? CallId) : INoSerializationVerificationNeeded
{
    /// <summary>The only session it may run in; null: any.</summary>
    public long? OnSession { get; init; }

    /// <summary>An open circuit admits it, because too few servers of its group are left.</summary>
    public bool Forced { get; init; }

    /// <summary>The router receives progress (<see cref="AttemptProgressed"/>).</summary>
    public bool WatchProgress { get; init; }

    /// <summary>Its trace; null when neither the pool nor its caller traces it.</summary>
    public AttemptTrace? Trace { get; init; }

    /// <summary>It was refused for a lost session before and is sent once more on a new one.</summary>
    public bool Resumed { get; init; }
}

/// <summary>The trace of an attempt.</summary>
/// <param name="Span">The attempt's span, the parent of the spans of what is sent to the server; null when it is not traced here.</param>
/// <param name="Context">The context that the server receives.</param>
internal sealed record AttemptTrace(Activity? Span, ActivityContext Context);

/// <summary>Gives an attempt up. It is answered with <see cref="AttemptEnded"/> at once, without waiting for the server.</summary>
internal sealed record CancelAttempt(long AttemptId, CancelReason Reason);

/// <summary>
/// The cancel of an attempt was not confirmed in time, so its caller was answered without the server: the attempt gives up its place.
/// </summary>
internal sealed record ForgetAttempt(long AttemptId) : INoSerializationVerificationNeeded;

/// <summary>Why an attempt is given up.</summary>
internal enum CancelReason
{
    /// <summary>The caller cancelled the call.</summary>
    Caller,

    /// <summary>The deadline of the attempt or of the call has passed.</summary>
    Deadline,
}

/// <summary>The server reported progress of an attempt that is watched.</summary>
internal sealed record AttemptProgressed(long AttemptId);

/// <summary>The one answer to a <see cref="StartAttempt"/>.</summary>
internal sealed record AttemptEnded(long AttemptId, AttemptResult Result);

/// <summary>What stopped an attempt; error messages are made from it.</summary>
internal enum AttemptCause
{
    /// <summary>Nothing beyond the outcome.</summary>
    None,

    /// <summary>The server is not connected.</summary>
    NotConnected,

    /// <summary>A new connection for it could not be opened.</summary>
    ConnectFailed,

    /// <summary>The circuit does not admit calls.</summary>
    CircuitOpen,

    /// <summary>The server is at its limit, by the pool's count or by its own reply.</summary>
    Overloaded,

    /// <summary>The server takes no new calls because it is being drained.</summary>
    Draining,

    /// <summary>The server no longer knows the session.</summary>
    SessionLost,

    /// <summary>The connection ended during the attempt.</summary>
    ConnectionLost,

    /// <summary>The server does not accept the pool's credentials.</summary>
    Unauthorized,

    /// <summary>The deadline of the attempt or of the call passed.</summary>
    TimedOut,

    /// <summary>The server answered with more than <c>max-result-size</c>.</summary>
    ResultTooLarge,

    /// <summary>The request cannot be written, or is too large to be sent.</summary>
    Unwritable,

    /// <summary>The server answered, and the answer cannot be read.</summary>
    ResultUnreadable,

}

/// <summary>How an attempt ended, with its consequences for the circuit and the caller.</summary>
internal sealed record AttemptResult(AttemptOutcome Outcome)
{
    /// <summary>The result, when the server sent one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement Result { get; init; }

    /// <summary>The error, for people.</summary>
    public string? Error { get; init; }

    /// <summary>What stopped it.</summary>
    public AttemptCause Cause { get; init; }

    /// <summary>The server's JSON-RPC code.</summary>
    public int? Code { get; init; }

    /// <summary>The server's JSON-RPC error data.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>How long the server or its circuit asks callers to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether it counts against the server's circuit; null: neither as a success nor as a failure.</summary>
    public bool? Failed { get; init; }

    /// <summary>A cancelled attempt had been sent, so the server may have run it; other outcomes say it themselves.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool CancelledAfterSend { get; init; }

    /// <summary>An HTTP status came in place of an answer of MCP.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsStatus { get; init; }

    /// <summary>Whether the server may have run the call, or did.</summary>
    [JsonIgnore]
    public bool MayHaveRun => CancelledAfterSend
        || Outcome is AttemptOutcome.Succeeded or AttemptOutcome.ToolError or AttemptOutcome.ServerError or AttemptOutcome.Lost;

    /// <summary>The session that the call belongs to is gone, and another is of no use to it.</summary>
    public static AttemptResult SessionGone { get; } = new(AttemptOutcome.Refused)
    {
        Cause = AttemptCause.SessionLost,
        Error = "the session that the call belongs to is gone",
    };

    /// <summary>The server answered, so it ran the call, but its answer cannot be passed on. That is no failure of the server.</summary>
    /// <param name="cause">Why: <see cref="AttemptCause.ResultTooLarge"/> or <see cref="AttemptCause.ResultUnreadable"/>.</param>
    /// <param name="problem">Why, for people.</param>
    public static AttemptResult AnswerDropped(AttemptCause cause, string problem) =>
        new(AttemptOutcome.ServerError) { Cause = cause, Error = problem, Failed = false };

    /// <summary>The server answered, but the answer was dropped.</summary>
    [JsonIgnore]
    public bool IsAnswerDropped => Cause is AttemptCause.ResultTooLarge or AttemptCause.ResultUnreadable;

    /// <summary>Nothing is known about how it ended.</summary>
    public static AttemptResult Forgotten { get; } = Lost("the cancel of the attempt was not confirmed") with { Failed = null };

    /// <summary>Given up before it was sent.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="deadlineWords">What the time was not long enough for.</param>
    public static AttemptResult GivenUp(CancelReason reason, string deadlineWords) => reason == CancelReason.Caller
        ? new(AttemptOutcome.Cancelled) { Error = "cancelled by the caller" }
        : NotSent(AttemptCause.TimedOut, deadlineWords);

    public static AttemptResult NotSent(AttemptCause cause, string error) => new(AttemptOutcome.NotSent) { Cause = cause, Error = error };

    /// <summary>The request cannot be written; nothing of it was sent, and no other server could get it.</summary>
    public static AttemptResult Unwritable(string error) =>
        new(AttemptOutcome.Rejected) { Cause = AttemptCause.Unwritable, Error = error };

    public static AttemptResult Lost(string error, AttemptCause cause = AttemptCause.None) =>
        new(AttemptOutcome.Lost) { Error = error, Cause = cause, Failed = true };
}
