using McpActors.Host.Api.Contract;

namespace McpActors.Host.Commands;

/// <summary>What the program ends with, by kind of error. Stable, for scripts; <c>docs/command-line.md</c> lists them.</summary>
internal enum ExitCode
{
    /// <summary>Done.</summary>
    Done = 0,

    /// <summary>The command line is wrong, the worker could not start, or a fault of this program.</summary>
    Failed = 1,

    // 2 stays free: shells and other programs use it for a wrong command line.

    /// <summary>The configuration file cannot be used.</summary>
    InvalidConfiguration = 3,

    /// <summary>No McpActors host answers there. Nothing ran.</summary>
    HostUnreachable = 4,

    /// <summary>The host wants an access token, or another one. Nothing ran.</summary>
    Unauthorized = 5,

    /// <summary>A server of the configuration could not be connected, or did not say what it offers.</summary>
    NotConnected = 6,

    /// <summary>The call itself is wrong and would be so again. Nothing ran, unless the message says that the result was too large.</summary>
    InvalidRequest = 7,

    /// <summary>No server can take the call now. Nothing ran.</summary>
    Unavailable = 8,

    /// <summary>A server answered with an error, or all that were tried failed; nothing ran unknown to the caller.</summary>
    ServerFailed = 9,

    /// <summary>The call may or may not have run: find out before repeating it.</summary>
    OutcomeUnknown = 10,

    /// <summary>The time was up. Nothing ran unknown to the caller.</summary>
    DeadlineExceeded = 11,

    /// <summary>Every server is at its limit, or this caller sends too many requests. Nothing ran.</summary>
    Overloaded = 12,

    /// <summary>The tool ran and says that it failed (<c>isError</c>).</summary>
    ToolError = 13,

    /// <summary>Ctrl-C or SIGTERM: what shells give for it.</summary>
    Cancelled = 130,
}

/// <summary>From a kind of error to the exit code.</summary>
internal static class ExitCodes
{
    /// <summary>The exit code of a kind: one of <see cref="PoolErrorKind"/>, of the HTTP API, or of <see cref="CommandException"/>.</summary>
    public static ExitCode Of(string kind) => kind switch
    {
        CommandException.InvalidConfiguration => ExitCode.InvalidConfiguration,
        CommandException.HostUnreachable => ExitCode.HostUnreachable,
        CommandException.Unauthorized => ExitCode.Unauthorized,
        nameof(PoolErrorKind.InvalidRequest) => ExitCode.InvalidRequest,
        nameof(PoolErrorKind.UnknownServer) => ExitCode.InvalidRequest,
        nameof(PoolErrorKind.UnknownGroup) => ExitCode.InvalidRequest,
        nameof(PoolErrorKind.Rejected) => ExitCode.InvalidRequest,
        nameof(PoolErrorKind.NoServerAvailable) => ExitCode.Unavailable,
        nameof(PoolErrorKind.CircuitOpen) => ExitCode.Unavailable,
        nameof(PoolErrorKind.AllServersFailed) => ExitCode.ServerFailed,
        nameof(PoolErrorKind.ServerError) => ExitCode.ServerFailed,
        nameof(PoolErrorKind.SessionLost) => ExitCode.ServerFailed,
        nameof(PoolErrorKind.OutcomeUnknown) => ExitCode.OutcomeUnknown,
        // A fault of the host in the middle of a call: nobody knows how far it came.
        ErrorBody.InternalError => ExitCode.OutcomeUnknown,
        nameof(PoolErrorKind.DeadlineExceeded) => ExitCode.DeadlineExceeded,
        nameof(PoolErrorKind.Overloaded) => ExitCode.Overloaded,
        nameof(PoolErrorKind.Cancelled) => ExitCode.Cancelled,
        // Of a newer host.
        _ => ExitCode.Failed,
    };
}
