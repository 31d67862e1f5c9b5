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

    /// <summary>A call that the pool could not follow to its end.</summary>
    public static PoolError Stopped(PendingCall call) => new(
        PoolErrorKind.OutcomeUnknown,
        $"The pool stopped while the call was under way to {call.LastServer.Name}; it may have run. Find out before you repeat it.")
    {
        Server = call.LastServer.Name,
        MayHaveRun = true,
    };

    /// <summary>A call with the id of a running one.</summary>
    public static PoolError DuplicateId(string id) =>
        new(
            PoolErrorKind.InvalidRequest,
            $"a call with the id {CallWords.Cut(id)} is already running; ids must be unique among running calls");

    /// <summary>The caller cancelled.</summary>
    public static PoolError Cancelled(PendingCall call) => new(
        PoolErrorKind.Cancelled,
        call.MayHaveRun ? $"The call was cancelled after it was sent to {call.LastServer.Name}; it may have run there."
            : call.AttemptCount == 0 ? "The call was cancelled before it was sent."
            : "The call was cancelled before a server ran it.");

    /// <summary>No attempt may follow the last one.</summary>
    public static PoolError Stopped(PendingCall call, ServerEntry stoppedAt, AttemptResult result, bool safe)
    {
        var server = stoppedAt.Name;
        return result switch
        {
            { Outcome: AttemptOutcome.Cancelled } => Cancelled(call),
            { Outcome: AttemptOutcome.Lost } when !safe => OutcomeUnknown(server, result),
            { Outcome: AttemptOutcome.ServerError, IsAnswerDropped: true } when !safe =>
                AnswerDropped(PoolErrorKind.OutcomeUnknown, server, result),
            { IsAnswerDropped: true } => AnswerDropped(PoolErrorKind.Rejected, server, result),
            { Cause: AttemptCause.TimedOut } => DeadlineExceeded(call),
            { Cause: AttemptCause.Unwritable } => new PoolError(
                PoolErrorKind.InvalidRequest, $"The request cannot be sent: {Clause(result.Error)}. Nothing was sent; correct the call."),
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
        var tried = string.Join("; ", attempts.Select(a => $"{a.Server}: {a.Outcome}{(a.Error is null ? "" : $", {Clause(a.Error)}")}"));
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
        var last = call.LastResult?.Error is { } error ? $" The last attempt, on {call.LastServer.Name}: {Clause(error)}." : "";
        var seconds = (call.Deadline - call.StartedAt).TotalSeconds;
        var advice = call.UnsafeMayHaveRun ? "" : " Repeating the call is safe.";
        return new PoolError(
            PoolErrorKind.DeadlineExceeded,
            $"{call.Request.FullName} had no answer within {seconds:0.###} s.{advice}{last}");
    }

    /// <summary>
    /// The error as the caller gets it, with whether the call may have run. Once an attempt may have run where the call must not run twice,
    /// the outcome is unknown, whatever ended the call: a server's own answer and a cancel say so themselves. The details of the other kind
    /// would read as advice to repeat the call.
    /// </summary>
    public static PoolError WithOutcome(PendingCall call, PoolError error)
    {
        error = error with { MayHaveRun = call.MayHaveRun };
        return !call.UnsafeMayHaveRun
            || error.Kind is PoolErrorKind.ServerError or PoolErrorKind.Cancelled or PoolErrorKind.OutcomeUnknown
                ? error
                : error with
                {
                    Kind = PoolErrorKind.OutcomeUnknown,
                    Code = null,
                    ServerMessage = null,
                    Data = null,
                    RetryAfter = null,
                    Servers = [],
                    Message = $"{error.Message} An attempt may have run the call. Find out before you repeat it.",
                };
    }

    private static PoolError OutcomeUnknown(string server, AttemptResult result) => new(
        PoolErrorKind.OutcomeUnknown,
        result.IsStatus
            ? $"{server} answered {Clause(result.Error)}, which does not say whether the call ran; it was not sent again. "
                + $"Check on {server} whether it ran before you repeat it."
            : $"The call was sent to {server} and the answer was lost: {Clause(result.Error)}. "
                + "It may or may not have run, so it was not sent again. Find out before you repeat it.")
    {
        Server = server,
    };

    private static PoolError AnswerDropped(PoolErrorKind kind, string server, AttemptResult result)
    {
        var advice = result.Cause == AttemptCause.ResultTooLarge ? " Request less data, or raise the limit." : "";
        return new PoolError(kind, $"{server} ran the call, but {Clause(result.Error)}.{advice}") { Server = server };
    }

    private static string? Clause(string? words) => words?.TrimEnd('.', ' ');

    private static PoolError Unavailable(string server, AttemptResult result) =>
        OfServer(PoolErrorKind.NoServerAvailable, $"{server} is not available; nothing was sent", server, result) with
        {
            Servers = [new ServerReason(server, result.Error ?? "not connected")],
        };

    private static PoolError OfServer(PoolErrorKind kind, string problem, string server, AttemptResult result) =>
        new(kind, $"{problem}: {result.Error}")
        {
            Server = server,
            Code = result.Code,
            ServerMessage = result.Code is null ? null : result.Error,
            Data = result.Data,
            RetryAfter = result.RetryAfter,
        };
}
