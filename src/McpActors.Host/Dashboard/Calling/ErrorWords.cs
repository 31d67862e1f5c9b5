namespace McpActors.Host.Dashboard.Calling;

/// <summary>Whether a call that has no result may have run.</summary>
public enum MayHaveRun
{
    /// <summary>Nothing ran.</summary>
    No,

    /// <summary>It is not known.</summary>
    Perhaps,

    /// <summary>A server answered that it did not succeed.</summary>
    Failed,
}

/// <summary>A kind of error in words that a person understands.</summary>
/// <param name="Title">What happened.</param>
/// <param name="Ran">Whether the call may have run.</param>
/// <param name="Advice">What to do now.</param>
public sealed record ErrorWords(string Title, MayHaveRun Ran, string Advice)
{
    /// <summary>The words for a kind of error.</summary>
    public static ErrorWords Of(PoolErrorKind kind) => kind switch
    {
        PoolErrorKind.NoServerAvailable => new(
            "No server can take this call", MayHaveRun.No, "Connect a server that has the tool, or wait for one to come back; the reason for each stands below."),
        PoolErrorKind.AllServersFailed => new(
            "Every server that was tried failed", MayHaveRun.No, "See below how each attempt ended. Executing it again is safe."),
        PoolErrorKind.UnknownServer => new("There is no such server", MayHaveRun.No, "Choose a server that is in the pool now."),
        PoolErrorKind.UnknownGroup => new("There is no such group", MayHaveRun.No, "Choose a group that has servers, or correct the route that names it."),
        PoolErrorKind.OutcomeUnknown => new(
            "It may have run, or not", MayHaveRun.Perhaps,
            "The answer was lost, and the tool is not known to be safe to repeat. Find out what happened before you execute it again."),
        PoolErrorKind.DeadlineExceeded => new("The time was up", MayHaveRun.No, "Execute it again with more time, or find out why the server is slow."),
        PoolErrorKind.Overloaded => new("Every server is busy", MayHaveRun.No, "Wait a moment and execute it again."),
        PoolErrorKind.CircuitOpen => new(
            "The circuit holds calls back", MayHaveRun.No, "The server failed too often lately. Wait for its next trial, or reset its circuit if it is well again."),
        PoolErrorKind.SessionLost => new("The server lost the session", MayHaveRun.No, "Execute it again; a new session is made."),
        PoolErrorKind.Rejected => new("The server rejected the request", MayHaveRun.No, "Correct the arguments: the server's own words stand below."),
        PoolErrorKind.ServerError => new("The server answered with an error", MayHaveRun.Failed, "The server's own words stand below."),
        PoolErrorKind.Cancelled => new("Cancelled", MayHaveRun.Perhaps, "You stopped it. The server was told, and may have done a part of it."),
        PoolErrorKind.InvalidRequest => new("The call itself is wrong", MayHaveRun.No, "Correct what the message names."),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown kind of PoolError"),
    };

    /// <summary>Whether it may have run, as a sentence.</summary>
    public string RanText => Ran switch
    {
        MayHaveRun.No => "Nothing ran.",
        MayHaveRun.Perhaps => "It may have run.",
        _ => "A server ran it, without success.",
    };
}
