namespace McpActors.Host.Dashboard.Calling;

/// <summary>Whether a call without a result may have run.</summary>
public enum MayHaveRun
{
    /// <summary>Nothing ran.</summary>
    No,

    /// <summary>It is not known.</summary>
    Perhaps,

    /// <summary>A server answered that it did not succeed.</summary>
    Failed,
}

/// <summary>A kind of error, explained for people.</summary>
/// <param name="Title">The error in a few words.</param>
/// <param name="Ran">Whether the call may have run.</param>
/// <param name="Advice">The next step.</param>
public sealed record ErrorWords(string Title, MayHaveRun Ran, string Advice)
{
    /// <summary>The words for a kind of error.</summary>
    public static ErrorWords Of(PoolErrorKind kind) => kind switch
    {
        PoolErrorKind.NoServerAvailable => new(
            "No server is available", MayHaveRun.No,
            "Connect a server that has the tool, or wait until one is back. The reason for each server is below."),
        PoolErrorKind.AllServersFailed => new(
            "Every attempt failed", MayHaveRun.No, "The outcome of each attempt is below. It is safe to execute the call again."),
        PoolErrorKind.UnknownServer => new("Unknown server", MayHaveRun.No, "Choose a server that is in the pool now."),
        PoolErrorKind.UnknownGroup => new(
            "Unknown group", MayHaveRun.No, "Choose a group that has servers, or correct the route that names it."),
        PoolErrorKind.OutcomeUnknown => new(
            "Outcome unknown", MayHaveRun.Perhaps,
            "The answer was lost, and the tool is not known to be safe to repeat. Check what happened before you execute it again."),
        PoolErrorKind.DeadlineExceeded => new(
            "Timed out", MayHaveRun.No, "Execute it again with a longer time limit, or find out why the server is slow."),
        PoolErrorKind.Overloaded => new("Every server is busy", MayHaveRun.No, "Wait a moment and execute it again."),
        PoolErrorKind.CircuitOpen => new(
            "The circuit is open", MayHaveRun.No,
            "The server failed too often. Wait for its next trial call, or reset its circuit if the cause is fixed."),
        PoolErrorKind.SessionLost => new("The server lost the session", MayHaveRun.No, "Execute it again to start a new session."),
        PoolErrorKind.Rejected => new(
            "The server rejected the request", MayHaveRun.No, "Correct the arguments; the message of the server is below."),
        PoolErrorKind.ServerError => new(
            "The server answered with an error", MayHaveRun.Failed, "The message of the server is below."),
        PoolErrorKind.Cancelled => new(
            "Cancelled", MayHaveRun.Perhaps, "You cancelled the call. The server was notified, but may have completed a part of it."),
        PoolErrorKind.InvalidRequest => new("The call is not valid", MayHaveRun.No, "Correct the problem that the message names."),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown kind of PoolError"),
    };

    /// <summary>Whether it may have run, as a sentence.</summary>
    public string RanText => Ran switch
    {
        MayHaveRun.No => "Nothing ran.",
        MayHaveRun.Perhaps => "It may have run.",
        _ => "A server ran it and failed.",
    };
}
