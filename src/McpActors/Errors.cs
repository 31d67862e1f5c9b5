using System.Text.Json;

namespace McpActors;

/// <summary>Why a call has no result. The kind is stable and meant to be switched on; the message is for people.</summary>
public enum PoolErrorKind
{
    /// <summary>No server could take the call to begin with; <see cref="PoolError.Servers"/> has the reason for each. Nothing ran.</summary>
    NoServerAvailable,

    /// <summary>Every server that could be tried was tried and failed. Nothing can have run unknown to the caller.</summary>
    AllServersFailed,

    /// <summary>The server asked for is not in the pool.</summary>
    UnknownServer,

    /// <summary>The group asked for, or that the route names, has no server.</summary>
    UnknownGroup,

    /// <summary>A call that must not run twice was sent and its answer was lost: it may or may not have run. Find out before repeating it.</summary>
    OutcomeUnknown,

    /// <summary>The call's time was up. Nothing can have run unknown to the caller.</summary>
    DeadlineExceeded,

    /// <summary>Every server that could serve is at its limit; try again after <see cref="PoolError.RetryAfter"/>.</summary>
    Overloaded,

    /// <summary>The server asked for, or every server that could serve, is held back by its circuit.</summary>
    CircuitOpen,

    /// <summary>The server lost the session this call depended on.</summary>
    SessionLost,

    /// <summary>The server refused the request as wrong: <see cref="PoolError.Code"/>, message and data are the server's.</summary>
    Rejected,

    /// <summary>The server answered with an error: <see cref="PoolError.Code"/>, message and data are the server's.</summary>
    ServerError,

    /// <summary>The caller cancelled the call.</summary>
    Cancelled,

    /// <summary>The call itself cannot be run: a wrong option, parameters that are no JSON object, a message too large.</summary>
    InvalidRequest,
}

/// <summary>Why a call has no result.</summary>
/// <param name="Kind">The kind, stable, meant to be switched on.</param>
/// <param name="Message">What happened, to which server, and what to do. Holds no secret.</param>
public sealed record PoolError(PoolErrorKind Kind, string Message)
{
    /// <summary>The server concerned, where there is one.</summary>
    public string? Server { get; init; }

    /// <summary>The server's JSON-RPC error code, for <see cref="PoolErrorKind.Rejected"/> and <see cref="PoolErrorKind.ServerError"/>.</summary>
    public int? Code { get; init; }

    /// <summary>The server's JSON-RPC error data, if it sent any.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>How long to wait before trying again, for <see cref="PoolErrorKind.Overloaded"/> and <see cref="PoolErrorKind.CircuitOpen"/>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The reason for each server that was out of the question, for <see cref="PoolErrorKind.NoServerAvailable"/> and its like.</summary>
    public IReadOnlyList<ServerReason> Servers { get; init; } = [];
}

/// <summary>Why one server could not take a call.</summary>
/// <param name="Server">The server.</param>
/// <param name="Reason">Its state in words, such as <c>Error: connection refused; next attempt in 4 s</c>.</param>
public sealed record ServerReason(string Server, string Reason);
