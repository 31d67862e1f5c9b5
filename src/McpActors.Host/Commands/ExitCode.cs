using McpActors.Host.Api.Contract;

namespace McpActors.Host.Commands;

/// <summary>The exit code of the program, by kind of error. Stable, for scripts; listed in <c>docs/command-line.md</c>.</summary>
internal enum ExitCode
{
    /// <summary>Done.</summary>
    Done = 0,

    /// <summary>The command line is not valid, the worker could not start, or a bug of this program.</summary>
    Failed = 1,

    // 2 is unused: shells and other programs use it for a wrong command line.

    /// <summary>The configuration file is not valid.</summary>
    InvalidConfiguration = 3,

    /// <summary>No McpActors host answers there. Nothing ran.</summary>
    HostUnreachable = 4,

    /// <summary>The host requires an access token, or rejects the one given. Nothing ran.</summary>
    Unauthorized = 5,

    /// <summary>A server of the configuration is not connected, or has not listed its tools.</summary>
    NotConnected = 6,

    /// <summary>
    /// The call is not valid or no server has the tool, and repeating it would fail again. Nothing ran, unless the message says that the
    /// result was too large.
    /// </summary>
    InvalidRequest = 7,

    /// <summary>No server can take the call now. Nothing ran.</summary>
    Unavailable = 8,

    /// <summary>A server answered with an error, or every attempt failed. Nothing ran without being reported.</summary>
    ServerFailed = 9,

    /// <summary>The call may or may not have run: check before you repeat it.</summary>
    OutcomeUnknown = 10,

    /// <summary>The call exceeded its time limit. Nothing ran without being reported.</summary>
    DeadlineExceeded = 11,

    /// <summary>Every server is at its limit, or this client sends too many requests. Nothing ran.</summary>
    Overloaded = 12,

    /// <summary>The tool ran and reports that it failed (<c>isError</c>).</summary>
    ToolError = 13,

    /// <summary>The file is valid except for single servers, which are left out.</summary>
    Misconfigured = 14,

    /// <summary>Ctrl-C or SIGTERM; the value that shells use. A call may have run.</summary>
    Cancelled = 130,
}

/// <summary>Maps kinds of errors to exit codes.</summary>
internal static class ExitCodes
{
    /// <summary>The exit code of a kind of <see cref="PoolErrorKind"/>, the HTTP API or <see cref="CommandException"/>.</summary>
    public static ExitCode Of(string kind) => kind switch
    {
        CommandException.InvalidConfiguration => ExitCode.InvalidConfiguration,
        CommandException.InvalidOption => ExitCode.Failed,
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
        // A bug of the host in the middle of a call: whether it ran is not known.
        ErrorBody.InternalError => ExitCode.OutcomeUnknown,
        nameof(PoolErrorKind.DeadlineExceeded) => ExitCode.DeadlineExceeded,
        nameof(PoolErrorKind.Overloaded) => ExitCode.Overloaded,
        nameof(PoolErrorKind.Cancelled) => ExitCode.Cancelled,
        // A kind that only a newer host knows.
        _ => ExitCode.Failed,
    };
}
