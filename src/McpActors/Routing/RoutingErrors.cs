using McpActors.Balancing;
using McpActors.Connections;

namespace McpActors.Routing;

/// <summary>
/// The errors of calls that are refused before anything is sent. Each says what happened, to which server, and what to do. Pure.
/// </summary>
internal static class RoutingErrors
{
    /// <summary>Error messages list this many servers; <see cref="PoolError.Servers"/> lists some more.</summary>
    private const int MostReasons = 5;

    public static PoolError InvalidRequest(string problem) => new(PoolErrorKind.InvalidRequest, problem);

    /// <summary>A call that could not be planned, for a reason that no check foresaw.</summary>
    public static PoolError Unplannable(Exception cause) => new(
        PoolErrorKind.InvalidRequest, $"The call could not be read: {CallWords.Cut(cause.Message)}. Nothing was sent; correct the call.");

    public static PoolError UnknownServer(string name)
    {
        name = CallWords.Cut(name);
        return new(PoolErrorKind.UnknownServer, $"The pool has no server {name}; its status lists the servers that it has.")
        {
            Server = name,
        };
    }

    public static PoolError UnknownGroup(string name) => new(
        PoolErrorKind.UnknownGroup,
        $"No server of the pool is in the group {CallWords.Cut(name)}. "
            + "Correct the group of the call or of its route, or add a server to the group.");

    /// <summary>The default route names a group without a server.</summary>
    public static PoolError NoDefaultGroup(string name, string group) => new(
        PoolErrorKind.UnknownGroup,
        $"No route matches {CallWords.Cut(name)}, and `default-route` is `{group}`, which has no server. "
            + "Add a route, or set `default-route`.");

    /// <summary>Every server that the call may run on listed what it has, and none has what the call needs.</summary>
    /// <param name="offer">What it needs.</param>
    /// <param name="group">The only group that it may run in; null: any.</param>
    public static PoolError NobodyHas(Offer offer, string? group)
    {
        var nobody = group is null ? "No server" : $"No server of group {group}";
        return InvalidRequest($"{nobody} has a {offer.Kind} {CallWords.Cut(offer.Name)}; nothing was sent. Correct the name.");
    }

    /// <summary>The session that the call's affinity key belongs to is gone.</summary>
    public static PoolError SessionGone(string server) => new(
        PoolErrorKind.SessionLost,
        $"The session on {server} that this affinity key belongs to is gone; nothing was sent. "
            + "The next call with the key begins a new session.")
    {
        Server = server,
    };

    /// <summary>No server can take the call now.</summary>
    /// <param name="request">The call.</param>
    /// <param name="outage">The servers that the call may run on.</param>
    /// <param name="needed">What a server must have; null when any server will do.</param>
    /// <param name="now">The time.</param>
    public static PoolError NoneAvailable(CallRequest request, Outage outage, Offer? needed, DateTimeOffset now)
    {
        ServerReason[] reasons =
            [.. outage.Some.Select(entry => new ServerReason(entry.Name, entry.WhyUnavailable(needed, now) ?? "available"))];
        var problem = outage.Kind switch
        {
            PoolErrorKind.CircuitOpen => $"The circuit of every server that could run {request.FullName} blocks calls",
            PoolErrorKind.Overloaded => $"Every server that could run {request.FullName} asked its clients to pause",
            _ => $"No server is available for {request.FullName}",
        };
        return new PoolError(outage.Kind, $"{problem}; nothing was sent. {List(reasons, outage.Count)}")
        {
            Servers = reasons,
            RetryAfter = outage.NextChange is { } next && next > now ? next - now : null,
            Server = reasons is [var only] ? only.Server : null,
        };
    }

    private static string List(ServerReason[] reasons, int count)
    {
        if (count == 0)
            return "The pool has no such server.";
        var list = string.Join("; ", reasons.Take(MostReasons).Select(reason => $"{reason.Server}: {reason.Reason.TrimEnd('.')}"));
        return count <= MostReasons ? $"{list}." : $"{list}; and {count - MostReasons} more.";
    }
}
