using McpActors.Balancing;
using McpActors.Connections;


namespace McpActors.Calls;

/// <summary>The error a caller gets, with words that say what happened, to which server, and what to do. Pure.</summary>
internal static class CallErrors
{
    public static PoolError InvalidRequest(string problem) => new(PoolErrorKind.InvalidRequest, problem);

    public static PoolError UnknownServer(string name) =>
        new(PoolErrorKind.UnknownServer, $"The pool has no server {name}. Ask for GetPoolStatus to see the ones it has.") { Server = name };

    public static PoolError UnknownGroup(string name) =>
        new(PoolErrorKind.UnknownGroup, $"No server of the pool is in the group {name}. Give a server that group, or the route another one.");

    /// <summary>Nobody can take the call now; nothing was sent.</summary>
    public static PoolError NobodyAvailable(string what, IEnumerable<ServerEntry> members, string? tool, DateTimeOffset now)
    {
        var all = members.ToList();
        var reasons = all.Select(entry => new ServerReason(entry.Name, entry.WhyUnavailable(tool, now) ?? "available")).ToList();
        var retryAfter = RetryAfter(all, now);
        var able = all.Where(entry => tool is null || entry.HasTool(tool) != false).ToList();
        if (able.Count > 0 && able.TrueForAll(entry => entry.IsConnected && !entry.Report.Draining && entry.IsBlockedByCircuit))
        {
            return new(PoolErrorKind.CircuitOpen, $"The circuit of every server that could serve {what} holds calls back.{Reasons(reasons)}")
            {
                Servers = reasons,
                RetryAfter = retryAfter,
                Server = all is [var only] ? only.Name : null,
            };
        }
        // The call that met the refusal was told Overloaded; those that come while the server rests are told the same.
        if (able.Count > 0 && able.TrueForAll(entry => entry.IsConnected && !entry.Report.Draining && !entry.IsBlockedByCircuit && entry.PausedUntil > now))
        {
            return new(PoolErrorKind.Overloaded, $"Every server that could serve {what} asked for quiet; nothing was sent.{Reasons(reasons)}")
            {
                Servers = reasons,
                RetryAfter = retryAfter,
                Server = all is [var resting] ? resting.Name : null,
            };
        }
        return new(PoolErrorKind.NoServerAvailable, $"No server is available for {what}; nothing was sent.{Reasons(reasons)}")
        {
            Servers = reasons,
            RetryAfter = retryAfter,
            Server = all is [var single] ? single.Name : null,
        };
    }

    /// <summary>The session that the call's affinity key belongs to is gone; nothing was sent.</summary>
    public static PoolError SessionGone(string server) => new(
        PoolErrorKind.SessionLost,
        $"The session on {server} that this affinity key belongs to is gone; nothing was sent. The next call with the key begins a new one.")
    {
        Server = server,
    };

    /// <summary>The caller cancelled.</summary>
    public static PoolError Cancelled(PendingCall call) => new(
        PoolErrorKind.Cancelled,
        call.AttemptCount == 0 ? "The call was cancelled before it was sent." : $"The call was cancelled while {LastServer(call)} had it; it may have run there.");

    /// <summary>No attempt may follow the last one.</summary>
    public static PoolError Stopped(PendingCall call, ServerEntry stoppedAt, AttemptResult result, bool safe)
    {
        var server = stoppedAt.Name;
        return result switch
        {
            { Outcome: AttemptOutcome.Cancelled } => Cancelled(call),
            { Outcome: AttemptOutcome.Lost } when !safe => OutcomeUnknown(server, result),
            { Cause: AttemptCause.TimedOut } => DeadlineExceeded(call),
            { Cause: AttemptCause.ResultTooLarge } => new(PoolErrorKind.Rejected, $"{server} ran the call, but {result.Error}. Ask for less, or raise the limit.") { Server = server },
            { Outcome: AttemptOutcome.Rejected or AttemptOutcome.NotSupported } => OfServer(PoolErrorKind.Rejected, $"{server} rejected the request", server, result),
            { Outcome: AttemptOutcome.ServerError } => OfServer(PoolErrorKind.ServerError, $"{server} answered with an error", server, result),
            { Cause: AttemptCause.SessionLost } => OfServer(PoolErrorKind.SessionLost, $"{server} lost the session", server, result),
            { Cause: AttemptCause.CircuitOpen } => OfServer(PoolErrorKind.CircuitOpen, $"The circuit of {server} holds calls back", server, result),
            { Cause: AttemptCause.Overloaded } => OfServer(PoolErrorKind.Overloaded, $"{server} is at its limit", server, result),
            { Outcome: AttemptOutcome.NotSent, Cause: AttemptCause.NotConnected or AttemptCause.Draining } =>
                OfServer(PoolErrorKind.NoServerAvailable, $"{server} is not available; nothing was sent", server, result) with
                { Servers = [new ServerReason(server, result.Error ?? "not connected")] },
            _ => OfServer(PoolErrorKind.AllServersFailed, $"{server} failed", server, result),
        };
    }

    /// <summary>Another attempt would have been allowed, but there is nothing left to try it with.</summary>
    public static PoolError Exhausted(PendingCall call, AttemptResult result, DateTimeOffset now, bool overBudget = false)
    {
        if (call.Deadline <= now)
            return DeadlineExceeded(call);
        var attempts = call.Attempts;
        var kind = result.Cause switch
        {
            AttemptCause.Overloaded when attempts.All(a => a.Outcome is AttemptOutcome.NotSent or AttemptOutcome.Refused) => PoolErrorKind.Overloaded,
            AttemptCause.CircuitOpen when attempts.All(a => a.Outcome == AttemptOutcome.NotSent) => PoolErrorKind.CircuitOpen,
            _ => PoolErrorKind.AllServersFailed,
        };
        var tried = string.Join("; ", attempts.Select(a => $"{a.Server}: {a.Outcome}{(a.Error is null ? "" : $", {a.Error}")}"));
        var why = overBudget ? "the pool's retry-budget allows no further one now" : "no other server is left to try";
        return new(kind, $"{attempts.Count} {(attempts.Count == 1 ? "attempt" : "attempts")} of {What(call.Request)} failed and {why}. {tried}.")
        {
            Server = LastServer(call),
            Code = result.Code,
            Data = result.Data,
            RetryAfter = result.RetryAfter,
        };
    }

    public static PoolError DeadlineExceeded(PendingCall call)
    {
        var last = call.LastResult?.Error is { } error ? $" The last attempt, on {LastServer(call)}: {error}." : "";
        return new(
            PoolErrorKind.DeadlineExceeded,
            $"{What(call.Request)} had no answer within {(call.Deadline - call.StartedAt).TotalSeconds:0.###} s. Nothing that must not run twice can have run.{last}");
    }

    /// <summary>What is called, as a person would say it.</summary>
    public static string What(CallRequest request) => request.Name is { Length: > 0 } name ? $"{request.Method} {name}" : request.Method;

    private static PoolError OutcomeUnknown(string server, AttemptResult result) => new(
        PoolErrorKind.OutcomeUnknown,
        $"{server} was sent the call and its answer was lost: {result.Error}. It may or may not have run, so it was not sent again. Find out before repeating it.")
    {
        Server = server,
    };

    private static PoolError OfServer(PoolErrorKind kind, string what, string server, AttemptResult result) =>
        new(kind, $"{what}: {result.Error}") { Server = server, Code = result.Code, Data = result.Data, RetryAfter = result.RetryAfter };

    private static string LastServer(PendingCall call) => call.Tried.Count > 0 ? call.Tried[^1].Name : "no server";

    private static string Reasons(List<ServerReason> reasons) =>
        reasons.Count switch
        {
            0 => " The pool has no such server.",
            <= 5 => " " + string.Join("; ", reasons.Select(r => $"{r.Server}: {r.Reason}")) + ".",
            _ => " " + string.Join("; ", reasons.Take(5).Select(r => $"{r.Server}: {r.Reason}")) + $"; and {reasons.Count - 5} more.",
        };

    private static TimeSpan? RetryAfter(List<ServerEntry> entries, DateTimeOffset now)
    {
        var soonest = entries
            .SelectMany(entry => new[] { entry.Report.OpenUntil, entry.Report.Connection.NextReconnect, entry.PausedUntil })
            .Where(at => at > now)
            .Min();
        return soonest is { } at ? at - now : null;
    }
}
