using McpActors.Configuration;
using McpActors.Host.Reloading;

namespace McpActors.Host.Dashboard.Monitoring;

/// <summary>The routes as the configuration has them now. Thread-safe.</summary>
/// <param name="start">The settings the pool starts with.</param>
/// <param name="reloader">Knows those that came later.</param>
internal sealed class ConfiguredRoutes(PoolSettings start, ConfigurationReloader reloader)
{
    /// <summary>The routes in the order in which they are tried, the default last.</summary>
    public IReadOnlyList<RouteLine> Lines
    {
        get
        {
            var settings = reloader.Applied ?? start;
            return [.. settings.Routes.Select(route => Line(route, settings)), Line(new RouteSettings { Match = "", Group = settings.DefaultRoute }, settings)];
        }
    }

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
