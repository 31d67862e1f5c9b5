using McpActors.Configuration;

namespace McpActors.Pool;

/// <summary>
/// Finds what a command lacks although its types promise it. Whoever sends it may be compiled without such promises, or have read it from somewhere, and one message
/// must not end the calls of everybody else.
/// </summary>
internal static class CommandCheck
{
    /// <summary>What is missing; null when nothing is.</summary>
    public static string? Problem(IPoolCommand command) => command switch
    {
        AddServer add => Missing(add.Settings),
        UpdateServer update => Missing(update.Settings),
        ApplyConfiguration apply => Missing(apply.Settings),
        IServerCommand { Server: null } => "the command names no server",
        _ => null,
    };

    private static string? Missing(ServerSettings? server) => server is null ? "the settings of the server are null" : FirstNull(
        ("name", server.Name), ("group", server.Group), ("args", server.Args), ("env", server.Environment?.Values), ("headers", server.Headers?.Values));

    private static string? Missing(RouteSettings route) => FirstNull(("match", route.Match));

    private static string? Missing(PoolSettings? pool) => pool is null ? "the settings of the pool are null" : FirstNull(
        ("servers", pool.Servers), ("routes", pool.Routes), ("groups", pool.Groups?.Values), ("load-balancing", pool.LoadBalancing), ("default-route", pool.DefaultRoute),
        ("failover", pool.Failover), ("retry-budget", pool.RetryBudget), ("circuit", pool.Circuit), ("reconnect", pool.Reconnect), ("probe", pool.Probe),
        ("idempotent-tools", pool.IdempotentTools))
        ?? pool.Servers.Select(Missing).Concat(pool.Routes.Select(Missing)).FirstOrDefault(problem => problem is not null);

    private static string? FirstNull(params ReadOnlySpan<(string Key, object? Value)> values)
    {
        foreach (var (key, value) in values)
        {
            if (value is null || (value is IEnumerable<object?> items && items.Contains(null)))
                return $"{key} is null or has a null in it; leave that out, or give it a value";
        }
        return null;
    }
}
