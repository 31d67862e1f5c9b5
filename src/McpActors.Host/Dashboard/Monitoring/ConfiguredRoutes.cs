using McpActors.Configuration;
using McpActors.Host.Reloading;

namespace McpActors.Host.Dashboard.Monitoring;

/// <summary>The routes of the current configuration. Thread-safe.</summary>
/// <param name="start">The settings at start.</param>
/// <param name="reloader">Has the settings that were applied later.</param>
internal sealed class ConfiguredRoutes(PoolSettings start, ConfigurationReloader reloader)
{
    /// <summary>The routes in the order in which they are tried, the default last.</summary>
    public IReadOnlyList<RouteLine> Lines
    {
        get
        {
            var settings = reloader.Applied ?? start;
            var byDefault = new RouteSettings { Match = "", Group = settings.DefaultRoute };
            return [.. settings.Routes.Append(byDefault).Select(route => Line(route, settings))];
        }
    }

    private static RouteLine Line(RouteSettings route, PoolSettings settings) => new(
        route.Match.Length > 0 ? route.Match : null,
        route.Group,
        route.Server,
        route.Server is null ? Strategy(route, settings) : null);

    private static string Strategy(RouteSettings route, PoolSettings settings) =>
        route.LoadBalancing ?? settings.Groups.GetValueOrDefault(route.Group ?? "")?.LoadBalancing ?? settings.LoadBalancing;
}

/// <summary>One route.</summary>
/// <param name="Match">Its pattern; null for the default route.</param>
/// <param name="Group">The group that serves it, or null.</param>
/// <param name="Server">The one server that serves it, or null.</param>
/// <param name="Strategy">The strategy of the group; null for a single server.</param>
public sealed record RouteLine(string? Match, string? Group, string? Server, string? Strategy);
