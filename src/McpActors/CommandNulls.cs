using McpActors.Configuration;

namespace McpActors;

/// <summary>Finds nulls in what a command holds, down to the items of its lists.</summary>
internal static class CommandNulls
{
    public static string? In(string? server) => server is null ? "the command names no server" : null;

    public static string? In(ServerSettings? server) => server is null ? "the settings of the server are null" : FirstNull(
        ("name", server.Name), ("group", server.Group), ("args", server.Args), ("env", server.Environment?.Values),
        ("headers", server.Headers?.Values));

    private static string? In(RouteSettings route) => FirstNull(("match", route.Match));

    public static string? In(PoolSettings? pool) => pool is null ? "the settings of the pool are null" : FirstNull(
        ("servers", pool.Servers), ("routes", pool.Routes), ("groups", pool.Groups?.Values), ("load-balancing", pool.LoadBalancing),
        ("default-route", pool.DefaultRoute), ("failover", pool.Failover), ("retry-budget", pool.RetryBudget), ("circuit", pool.Circuit),
        ("reconnect", pool.Reconnect), ("probe", pool.Probe), ("idempotent-tools", pool.IdempotentTools))
        ?? pool.Servers.Select(In).Concat(pool.Routes.Select(In)).FirstOrDefault(problem => problem is not null);

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
