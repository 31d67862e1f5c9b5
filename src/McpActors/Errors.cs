using System.Text.Json;
using System.Text.Json.Serialization;

namespace McpActors;

/// <summary>Why a call has no result. The kind is stable and meant for programs; the message is for people.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PoolErrorKind>))]
public enum PoolErrorKind
{
    /// <summary>No server could take the call; <see cref="PoolError.Servers"/> has the reasons. Nothing ran.</summary>
    NoServerAvailable,

    /// <summary>
    /// The call failed on every server that could take it. It may have run only if it is safe to repeat (<see
    /// cref="PoolError.MayHaveRun"/>).
    /// </summary>
    AllServersFailed,

    /// <summary>The pool does not have the server that the call names.</summary>
    UnknownServer,

    /// <summary>The group that the call or its route names has no server.</summary>
    UnknownGroup,

    /// <summary>A call that must not run twice was sent, and its answer was lost: it may have run. Find out before you repeat it.</summary>
    OutcomeUnknown,

    /// <summary>
    /// The call's time limit passed. It may have run only if it is safe to repeat (<see cref="PoolError.MayHaveRun"/>).
    /// </summary>
    DeadlineExceeded,

    /// <summary>Every server that could serve is at its limit; try again after <see cref="PoolError.RetryAfter"/>.</summary>
    Overloaded,

    /// <summary>The circuit of the one server that the call names, or of every server that could serve, is not closed.</summary>
    CircuitOpen,

    /// <summary>The server lost the session this call depended on.</summary>
    SessionLost,

    /// <summary>
    /// The server refused the request as wrong: <see cref="PoolError.Code"/>, message and data are the server's. Or a call that is safe to
    /// repeat ran, and its answer was too large or could not be read; <see cref="PoolError.Code"/> is null then.
    /// </summary>
    Rejected,

    /// <summary>The server answered with an error: <see cref="PoolError.Code"/>, message and data are the server's.</summary>
    ServerError,

    /// <summary>The caller cancelled the call; <see cref="PoolError.MayHaveRun"/> says whether it may have run.</summary>
    Cancelled,

    /// <summary>
    /// The call itself is invalid: a wrong option, parameters that are not a JSON object, a message that is too large, a tool or prompt
    /// that no server has.
    /// </summary>
    InvalidRequest,
}

/// <summary>Why a call has no result.</summary>
/// <param name="Kind">The kind, stable, for programs.</param>
/// <param name="Message">What happened, to which server, and what to do. Holds no secret.</param>
public sealed record PoolError(PoolErrorKind Kind, string Message)
{
    /// <summary>The server concerned; null when there is none.</summary>
    public string? Server { get; init; }

    /// <summary>
    /// The server's JSON-RPC error code, for <see cref="PoolErrorKind.Rejected"/> and <see cref="PoolErrorKind.ServerError"/>.
    /// </summary>
    public int? Code { get; init; }

    /// <summary>The server's JSON-RPC error message as it sent it; null when <see cref="Code"/> is null.</summary>
    public string? ServerMessage { get; init; }

    /// <summary>The server's JSON-RPC error data; null when it sent none.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>
    /// How long to wait before trying again, where a server or the pool knows it, as for <see cref="PoolErrorKind.Overloaded"/>,
    /// <see cref="PoolErrorKind.CircuitOpen"/> and <see cref="PoolErrorKind.NoServerAvailable"/>; null: it is not known.
    /// </summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// Whether a server may have run the call, or did, although there is no result. False: no server ran it. A call that is safe to repeat
    /// may be repeated in both cases.
    /// </summary>
    public bool MayHaveRun { get; init; }

    /// <summary>
    /// The reason for each server that could not take the call, at most 16 of them, for <see cref="PoolErrorKind.NoServerAvailable"/>,
    /// <see cref="PoolErrorKind.Overloaded"/> and <see cref="PoolErrorKind.CircuitOpen"/>; else empty.
    /// </summary>
    public IReadOnlyList<ServerReason> Servers { get; init; } = [];
}

/// <summary>Why one server could not take a call.</summary>
/// <param name="Server">The server.</param>
/// <param name="Reason">Its state, such as <c>Error: connection refused; next attempt in 4 s</c>.</param>
public sealed record ServerReason(string Server, string Reason);
