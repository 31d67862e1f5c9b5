using McpActors.Calls;
using McpActors.Configuration;


namespace McpActors.Routing;

/// <summary>A route as calls take it: its settings, and the failover decision that goes with them.</summary>
/// <param name="Settings">The settings; of the default route, <see cref="IsDefault"/> and the group alone.</param>
/// <param name="Failover">What happens after an attempt.</param>
/// <param name="IsDefault">No entry of <c>routes</c> matched.</param>
internal sealed record Route(RouteSettings Settings, FailoverPolicy Failover, bool IsDefault);

/// <summary>
/// Which route a name takes: the first that matches wins. Names seen before are answered from a table. Not safe for several threads.
/// </summary>
internal sealed class RouteTable
{
    // Names come from callers; the table must not grow with those they make up.
    private const int MostNames = 10_000;

    private readonly Dictionary<string, Route> _known = new(StringComparer.Ordinal);
    private readonly (NamePattern Pattern, Route Route)[] _routes;

    public RouteTable(PoolSettings pool, Random random)
    {
        var failover = new FailoverPolicy(pool.Failover, random);
        Default = new Route(new RouteSettings { Match = "*", Group = pool.DefaultRoute }, failover, IsDefault: true);
        _routes =
        [
            .. pool.Routes.Select(settings => (
                NamePattern.Parse(settings.Match, "mcp-actors.pool.routes"),
                new Route(settings, settings.Failover is { } own ? new FailoverPolicy(own, random) : failover, IsDefault: false))),
        ];
    }

    /// <summary>What no entry of <c>routes</c> matches.</summary>
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
