using McpActors.Balancing;
using McpActors.Connections;

namespace McpActors.Calls;

/// <summary>
/// The errors of calls that the router accepted, or refused before it planned them. Each says what happened, to which server, and what to
/// do. Pure.
/// </summary>
internal static class CallErrors
{
    /// <summary>A call that arrived while the pool closes.</summary>
    public static PoolError Closing { get; } =
        new(PoolErrorKind.NoServerAvailable, "The pool is shutting down and takes no new calls; nothing was sent.");

    /// <summary>A call that crashed the router before anything was sent.</summary>
    public static PoolError RouterFailed { get; } =
        new(PoolErrorKind.NoServerAvailable, "The router failed unexpectedly before it sent the call; nothing was sent. Try again.");

    /// <summary>A call that waited for its next attempt when the pool stopped.</summary>
    public static PoolError PoolStopped { get; } =
        new(PoolErrorKind.NoServerAvailable, "The pool stopped before it sent the call to another server.");

    /// <summary>A call with the id of a running one.</summary>
    public static PoolError DuplicateId(string id) =>
        new(PoolErrorKind.InvalidRequest, $"a call with the id {id} is already running; ids must be unique among running calls");

    /// <summary>The caller cancelled.</summary>
    public static PoolError Cancelled(PendingCall call) => new(
        PoolErrorKind.Cancelled,
        call.AttemptCount == 0
            ? "The call was cancelled before it was sent."
            : $"The call was cancelled after it was sent to {call.LastServer.Name}; it may have run there.");

    /// <summary>No attempt may follow the last one.</summary>
    public static PoolError Stopped(PendingCall call, ServerEntry stoppedAt, AttemptResult result, bool safe)
    {
        var server = stoppedAt.Name;
        return result switch
        {
            { Outcome: AttemptOutcome.Cancelled } => Cancelled(call),
            { Outcome: AttemptOutcome.Lost } when !safe => OutcomeUnknown(server, result),
            { Cause: AttemptCause.TimedOut } => DeadlineExceeded(call),
            { Cause: AttemptCause.ResultTooLarge } => ResultTooLarge(server, result),
            { Outcome: AttemptOutcome.Rejected or AttemptOutcome.NotSupported } =>
                OfServer(PoolErrorKind.Rejected, $"{server} rejected the request", server, result),
            { Outcome: AttemptOutcome.ServerError } =>
                OfServer(PoolErrorKind.ServerError, $"{server} answered with an error", server, result),
            { Cause: AttemptCause.SessionLost } => OfServer(PoolErrorKind.SessionLost, $"{server} lost the session", server, result),
            { Cause: AttemptCause.CircuitOpen } =>
                OfServer(PoolErrorKind.CircuitOpen, $"The circuit of {server} blocks calls", server, result),
            { Cause: AttemptCause.Overloaded } => OfServer(PoolErrorKind.Overloaded, $"{server} is at its limit", server, result),
            { Outcome: AttemptOutcome.NotSent, Cause: AttemptCause.NotConnected or AttemptCause.Draining } => Unavailable(server, result),
            _ => OfServer(PoolErrorKind.AllServersFailed, $"{server} failed", server, result),
        };
    }

    /// <summary>Another attempt would be allowed, but no server, attempt or budget is left for it.</summary>
    public static PoolError Exhausted(PendingCall call, AttemptResult result, DateTimeOffset now, bool overBudget = false)
    {
        if (call.Deadline <= now)
            return DeadlineExceeded(call);
        var attempts = call.Attempts;
        var kind = result.Cause switch
        {
            AttemptCause.Overloaded when attempts.All(a => a.Outcome is AttemptOutcome.NotSent or AttemptOutcome.Refused) =>
                PoolErrorKind.Overloaded,
            AttemptCause.CircuitOpen when attempts.All(a => a.Outcome == AttemptOutcome.NotSent) => PoolErrorKind.CircuitOpen,
            _ => PoolErrorKind.AllServersFailed,
        };
        var tried = string.Join("; ", attempts.Select(a => $"{a.Server}: {a.Outcome}{(a.Error is null ? "" : $", {a.Error}")}"));
        var count = $"{attempts.Count} {(attempts.Count == 1 ? "attempt" : "attempts")}";
        var why = overBudget ? "the retry-budget of the pool allows no further attempt now" : "no other server is left to try";
        return new PoolError(kind, $"{count} of {call.Request.FullName} failed and {why}. {tried}.")
        {
            Server = call.LastServer.Name,
            Code = result.Code,
            Data = result.Data,
            RetryAfter = result.RetryAfter,
        };
    }

    public static PoolError DeadlineExceeded(PendingCall call)
    {
        var last = call.LastResult?.Error is { } error ? $" The last attempt, on {call.LastServer.Name}: {error}." : "";
        var seconds = (call.Deadline - call.StartedAt).TotalSeconds;
        return new PoolError(
            PoolErrorKind.DeadlineExceeded,
            $"{call.Request.FullName} had no answer within {seconds:0.###} s. Repeating the call is safe.{last}");
    }

    private static PoolError OutcomeUnknown(string server, AttemptResult result) => new(
        PoolErrorKind.OutcomeUnknown,
        $"The call was sent to {server} and the answer was lost: {result.Error}. "
            + "It may or may not have run, so it was not sent again. Find out before you repeat it.")
    {
        Server = server,
    };

    private static PoolError ResultTooLarge(string server, AttemptResult result) =>
        new(PoolErrorKind.Rejected, $"{server} ran the call, but {result.Error}. Request less data, or raise the limit.")
        {
            Server = server,
        };

    private static PoolError Unavailable(string server, AttemptResult result) =>
        OfServer(PoolErrorKind.NoServerAvailable, $"{server} is not available; nothing was sent", server, result) with
        {
            Servers = [new ServerReason(server, result.Error ?? "not connected")],
        };

    private static PoolError OfServer(PoolErrorKind kind, string problem, string server, AttemptResult result) =>
        new(kind, $"{problem}: {result.Error}") { Server = server, Code = result.Code, Data = result.Data, RetryAfter = result.RetryAfter };
}
