using McpActors.Configuration;

namespace McpActors.Routing;

/// <summary>
/// Which route a name takes: the first that matches wins. Names seen before are answered from a table. Not safe for several threads.
/// </summary>
internal sealed class RouteTable(IReadOnlyList<RouteSettings> routes, string defaultGroup)
{
    // Names come from callers; the table must not grow with those they make up.
    private const int MostNames = 10_000;

    private readonly Dictionary<string, RouteSettings> _known = new(StringComparer.Ordinal);
    private readonly (NamePattern Pattern, RouteSettings Route)[] _routes = [.. routes.Select(Compile)];
    private readonly RouteSettings _default = new() { Match = "*", Group = defaultGroup };

    /// <summary>The route of a tool name or method.</summary>
    public RouteSettings Match(string name)
    {
        if (_known.TryGetValue(name, out var known))
            return known;
        if (_known.Count >= MostNames)
            _known.Clear();
        return _known[name] = Find(name);
    }

    private RouteSettings Find(string name)
    {
        foreach (var (pattern, route) in _routes)
        {
            if (pattern.Matches(name))
                return route;
        }
        return _default;
    }

    // Settings are validated before they get here.
    private static (NamePattern, RouteSettings) Compile(RouteSettings route) =>
        NamePattern.TryParse(route.Match, out var pattern, out var problem)
            ? (pattern, route)
            : throw new InvalidSettingsException([new SettingsProblem("mcp-actors.pool.routes", problem)]);
}
