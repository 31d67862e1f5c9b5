using McpActors.Configuration;

namespace McpActors.Host.Dashboard.Monitoring;

/// <summary>The routes as the pages show them. Thread-safe: they are replaced as a whole when the configuration changes.</summary>
/// <param name="settings">The settings the pool starts with.</param>
public sealed class ConfiguredRoutes(PoolSettings settings)
{
    private volatile PoolSettings _settings = settings;

    /// <summary>The routes in the order in which they are tried, the default last.</summary>
    public IReadOnlyList<RouteLine> Lines
    {
        get
        {
            var settings = _settings;
            return [.. settings.Routes.Select(route => Line(route, settings)), Line(new RouteSettings { Match = "", Group = settings.DefaultRoute }, settings)];
        }
    }

    /// <summary>Shows the routes of these settings from now on.</summary>
    public void Replace(PoolSettings settings) => _settings = settings;

    private static RouteLine Line(RouteSettings route, PoolSettings settings) => new(
        route.Match.Length > 0 ? route.Match : null,
        route.Group,
        route.Server,
        route.Server is not null ? null
        : route.LoadBalancing ?? (settings.Groups.TryGetValue(route.Group ?? "", out var group) ? group.LoadBalancing : null) ?? settings.LoadBalancing);
}

/// <summary>One route.</summary>
/// <param name="Match">Its pattern; null for what no other route matches.</param>
/// <param name="Group">The group that serves it, or null.</param>
/// <param name="Server">The one server that serves it, or null.</param>
/// <param name="Strategy">How a server of the group is chosen; null where there is only one.</param>
public sealed record RouteLine(string? Match, string? Group, string? Server, string? Strategy);
