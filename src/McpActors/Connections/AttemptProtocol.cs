using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Akka.Actor;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>
/// What is to be run, the same for every attempt of a call. Immutable: each attempt makes a node tree of its own from the parameters.
/// </summary>
/// <param name="Method">The MCP method.</param>
/// <param name="Name">What the method is applied to: a tool's or prompt's name, a resource's URI; null for other methods.</param>
/// <param name="Params">The parameters; null for none.</param>
/// <param name="Wrap">The parameters are only the arguments of <paramref name="Name"/> and still have to be wrapped.</param>
internal sealed record CallRequest(string Method, string? Name, JsonElement? Params, bool Wrap)
{
    /// <summary>The tool that is called; null when it is no tool call.</summary>
    public string? Tool => Method == RequestMethods.ToolsCall ? Name : null;

    /// <summary>The name, or the method of a request without one: the call in events and logs.</summary>
    [JsonIgnore]
    public string ShortName => Name ?? Method;

    /// <summary>Method and name: the call in errors.</summary>
    [JsonIgnore]
    public string FullName => Name is { Length: > 0 } ? $"{Method} {Name}" : Method;
}

/// <summary>One try of a call on one server, on its way from the router through the server's circuit to its connection.</summary>
/// <param name="Id">Unique in this process.</param>
/// <param name="Request">What is to be run.</param>
/// <param name="Deadline">When the router gives the attempt up; it then sends <see cref="CancelAttempt"/>.</param>
/// <param name="ProgressTo">Who is told of progress; null for nobody.</param>
/// <param name="CallId">The caller's id of the call.</param>
internal sealed record StartAttempt(
    long Id, CallRequest Request, DateTimeOffset Deadline, IActorRef? ProgressTo, string? CallId) : INoSerializationVerificationNeeded
{
    /// <summary>The one session it may run in; null: any.</summary>
    public long? OnSession { get; init; }

    /// <summary>It goes through an open circuit, because too few servers of its group are left.</summary>
    public bool Forced { get; init; }

    /// <summary>The router is told of progress (<see cref="AttemptProgressed"/>).</summary>
    public bool WatchProgress { get; init; }

    /// <summary>What it is traced under; null when neither the pool nor its caller traces it.</summary>
    public AttemptTrace? Trace { get; init; }

    /// <summary>It was refused for a lost session before and goes out once more on a new one.</summary>
    public bool Resumed { get; init; }
}

/// <summary>What an attempt is traced under.</summary>
/// <param name="Span">The attempt's span, which what is sent to the server stands under; null when it is not traced here.</param>
/// <param name="Context">What the server is told.</param>
internal sealed record AttemptTrace(Activity? Span, ActivityContext Context);

/// <summary>Gives an attempt up. It is answered with <see cref="AttemptEnded"/> at once, without waiting for the server.</summary>
internal sealed record CancelAttempt(long AttemptId, CancelReason Reason);

/// <summary>Why an attempt is given up.</summary>
internal enum CancelReason
{
    /// <summary>The caller wants no answer any more.</summary>
    Caller,

    /// <summary>The time of the attempt or of the call is up.</summary>
    Deadline,
}

/// <summary>The server reported progress of an attempt that is watched.</summary>
internal sealed record AttemptProgressed(long AttemptId);

/// <summary>The one answer to a <see cref="StartAttempt"/>.</summary>
internal sealed record AttemptEnded(long AttemptId, AttemptResult Result);

/// <summary>What stopped an attempt that its server never ran; the words of errors for people are made from it.</summary>
internal enum AttemptCause
{
    /// <summary>The outcome says it all.</summary>
    None,

    /// <summary>The server is not connected.</summary>
    NotConnected,

    /// <summary>A new connection could not be made for it.</summary>
    ConnectFailed,

    /// <summary>The circuit holds calls back.</summary>
    CircuitOpen,

    /// <summary>The server is at its limit, by our count or by its own word.</summary>
    Overloaded,

    /// <summary>The server takes no new calls because it is being drained.</summary>
    Draining,

    /// <summary>The server no longer knows the session.</summary>
    SessionLost,

    /// <summary>The connection ended under the attempt.</summary>
    ConnectionLost,

    /// <summary>The server does not accept our credentials.</summary>
    Unauthorized,

    /// <summary>The attempt's or the call's time was up.</summary>
    TimedOut,

    /// <summary>The server answered with more than <c>max-result-size</c>.</summary>
    ResultTooLarge,
}

/// <summary>How an attempt ended, with what follows from it for the circuit and the caller.</summary>
internal sealed record AttemptResult(AttemptOutcome Outcome)
{
    /// <summary>The result, when the server sent one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement Result { get; init; }

    /// <summary>What was wrong, in words.</summary>
    public string? Error { get; init; }

    /// <summary>What stopped it.</summary>
    public AttemptCause Cause { get; init; }

    /// <summary>The server's JSON-RPC code.</summary>
    public int? Code { get; init; }

    /// <summary>The server's JSON-RPC error data.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>How long the server, or its circuit, asks to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether it counts against the server's circuit; null: neither as a success nor as a failure.</summary>
    public bool? Failed { get; init; }

    public static AttemptResult NotSent(AttemptCause cause, string error) => new(AttemptOutcome.NotSent) { Cause = cause, Error = error };

    public static AttemptResult Lost(string error, AttemptCause cause = AttemptCause.None) =>
        new(AttemptOutcome.Lost) { Error = error, Cause = cause, Failed = true };
}
