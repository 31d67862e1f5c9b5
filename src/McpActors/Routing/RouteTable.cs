using McpActors.Configuration;

namespace McpActors.Routing;

/// <summary>A route with the failover settings that apply to it.</summary>
/// <param name="Settings">The settings; of the default route, only the group is set.</param>
/// <param name="Failover">The route's own failover settings, or the pool's.</param>
/// <param name="IsDefault">No entry of <c>routes</c> matched.</param>
internal sealed record Route(RouteSettings Settings, FailoverSettings Failover, bool IsDefault);

/// <summary>
/// Finds the route of a name: the first that matches wins. Names seen before are answered from a table. Not thread-safe.
/// </summary>
internal sealed class RouteTable
{
    // Callers choose the names, so the table is bounded.
    private const int MostNames = 10_000;

    private readonly Dictionary<string, Route> _known = new(StringComparer.Ordinal);
    private readonly (NamePattern Pattern, Route Route)[] _routes;

    public RouteTable(PoolSettings pool)
    {
        Default = new Route(new RouteSettings { Match = "*", Group = pool.DefaultRoute }, pool.Failover, IsDefault: true);
        _routes =
        [
            .. pool.Routes.Select(settings => (
                NamePattern.Parse(settings.Match, "mcp-actors.pool.routes"),
                new Route(settings, settings.Failover ?? pool.Failover, IsDefault: false))),
        ];
    }

    /// <summary>The route of names that match no entry of <c>routes</c>.</summary>
    public Route Default { get; }

    /// <summary>The route of a tool name or method.</summary>
    public Route Match(string name)
    {
        if (_known.TryGetValue(name, out var known))
            return known;
        if (_known.Count >= MostNames)
            _known.Clear();
        return _known[name] = Find(name);
    }

    private Route Find(string name)
    {
        foreach (var (pattern, route) in _routes)
        {
            if (pattern.Matches(name))
                return route;
        }
        return Default;
    }
}
