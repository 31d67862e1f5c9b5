using McpActors.Balancing;
using McpActors.Connections;

namespace McpActors.Routing;

/// <summary>
/// The errors of calls that are refused before anything is sent. Each says what happened, to which server, and what to do. Pure.
/// </summary>
internal static class RoutingErrors
{
    /// <summary>Error messages list this many servers; <see cref="PoolError.Servers"/> lists all.</summary>
    private const int MostReasons = 5;

    public static PoolError InvalidRequest(string problem) => new(PoolErrorKind.InvalidRequest, problem);

    public static PoolError UnknownServer(string name) =>
        new(PoolErrorKind.UnknownServer, $"The pool has no server {name}; its status lists the servers that it has.") { Server = name };

    public static PoolError UnknownGroup(string name) => new(
        PoolErrorKind.UnknownGroup,
        $"No server of the pool is in the group {name}. Correct the group of the call or of its route, or add a server to the group.");

    /// <summary>The session that the call's affinity key belongs to is gone.</summary>
    public static PoolError SessionGone(string server) => new(
        PoolErrorKind.SessionLost,
        $"The session on {server} that this affinity key belongs to is gone; nothing was sent. "
            + "The next call with the key begins a new session.")
    {
        Server = server,
    };

    /// <summary>None of these servers can take the call now.</summary>
    /// <param name="request">The call.</param>
    /// <param name="members">The servers that the call may run on.</param>
    /// <param name="tool">The tool that a server must have; null when any server will do.</param>
    /// <param name="now">The time.</param>
    public static PoolError NoneAvailable(CallRequest request, IEnumerable<ServerEntry> members, string? tool, DateTimeOffset now)
    {
        var all = members.ToList();
        var reasons = all.ConvertAll(entry => new ServerReason(entry.Name, entry.WhyUnavailable(tool, now) ?? "available"));
        var (kind, problem) = Classify(all.FindAll(entry => tool is null || entry.HasTool(tool) != false), request.FullName, now);
        return new PoolError(kind, $"{problem}; nothing was sent. {List(reasons)}")
        {
            Servers = reasons,
            RetryAfter = RetryAfter(all, now),
            Server = all is [var only] ? only.Name : null,
        };
    }

    private static (PoolErrorKind Kind, string Problem) Classify(List<ServerEntry> able, string call, DateTimeOffset now)
    {
        if (able.Count > 0 && able.TrueForAll(entry => entry.IsConnected && !entry.Report.Draining))
        {
            if (able.TrueForAll(entry => entry.IsBlockedByCircuit))
                return (PoolErrorKind.CircuitOpen, $"The circuit of every server that could run {call} blocks calls");
            // The call that met the limit failed as Overloaded; calls during the pause fail in the same way.
            if (able.TrueForAll(entry => !entry.IsBlockedByCircuit && entry.PausedUntil > now))
                return (PoolErrorKind.Overloaded, $"Every server that could run {call} asked its clients to pause");
        }
        return (PoolErrorKind.NoServerAvailable, $"No server is available for {call}");
    }

    private static string List(List<ServerReason> reasons)
    {
        if (reasons.Count == 0)
            return "The pool has no such server.";
        var list = string.Join("; ", reasons.Take(MostReasons).Select(reason => $"{reason.Server}: {reason.Reason}"));
        return reasons.Count <= MostReasons ? $"{list}." : $"{list}; and {reasons.Count - MostReasons} more.";
    }

    private static TimeSpan? RetryAfter(List<ServerEntry> entries, DateTimeOffset now) => entries
        .SelectMany(entry => new[] { entry.Report.OpenUntil, entry.Report.Connection.NextReconnect, entry.PausedUntil })
        .Where(at => at > now)
        .Min() - now;
}
