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

/// <summary>An error, explained for people.</summary>
/// <param name="Title">The error in a few words.</param>
/// <param name="Advice">The next step.</param>
public sealed record ErrorWords(string Title, string Advice)
{
    /// <summary>Whether the call may have run.</summary>
    public MayHaveRun Ran { get; private init; }

    /// <summary>The words for an error.</summary>
    public static ErrorWords Of(PoolError error) => OfKind(error) with
    {
        Ran = error switch
        {
            { MayHaveRun: false } => MayHaveRun.No,
            { Kind: PoolErrorKind.ServerError } => MayHaveRun.Failed,
            _ => MayHaveRun.Perhaps,
        },
    };

    private static ErrorWords OfKind(PoolError error) => error.Kind switch
    {
        PoolErrorKind.NoServerAvailable => new(
            "No server is available",
            "Connect a server that has the tool, or wait until one is back. The reason for each server is below."),
        PoolErrorKind.AllServersFailed => new(
            "Every attempt failed", "The outcome of each attempt is below. It is safe to execute the call again."),
        PoolErrorKind.UnknownServer => new("Unknown server", "Choose a server that is in the pool now."),
        PoolErrorKind.UnknownGroup => new(
            "Unknown group", "Choose a group that has servers, or correct the route that names it."),
        PoolErrorKind.OutcomeUnknown => new(
            "Outcome unknown",
            "The answer was lost, and the tool is not known to be safe to repeat. Check what happened before you execute it again."),
        PoolErrorKind.DeadlineExceeded => new(
            "Timed out", "Execute it again with a longer time limit, or find out why the server is slow."),
        PoolErrorKind.Overloaded => new("Every server is busy", "Wait a moment and execute it again."),
        PoolErrorKind.CircuitOpen => new(
            "The circuit is open",
            "The server failed too often. Wait for its next trial call, or reset its circuit if the cause is fixed."),
        PoolErrorKind.SessionLost => new("The server lost the session", "Execute it again to start a new session."),
        PoolErrorKind.Rejected => new(
            "The server rejected the request", "Correct the arguments; the message of the server is below."),
        PoolErrorKind.ServerError => new(
            "The server answered with an error", "The message of the server is below."),
        PoolErrorKind.Cancelled => new(
            "Cancelled", error.MayHaveRun
                ? "You cancelled the call. The server was notified, but may have completed a part of it."
                : "You cancelled the call before a server had it."),
        PoolErrorKind.InvalidRequest => new("The call is not valid", "Correct the problem that the message names."),
        _ => throw new ArgumentOutOfRangeException(nameof(error), error.Kind, "unknown kind of PoolError"),
    };

    /// <summary>Whether it may have run, as a sentence.</summary>
    public string RanText => Ran switch
    {
        MayHaveRun.No => "Nothing ran.",
        MayHaveRun.Perhaps => "It may have run.",
        _ => "A server ran it and failed.",
    };
}
