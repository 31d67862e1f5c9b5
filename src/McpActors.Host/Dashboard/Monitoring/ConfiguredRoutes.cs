using McpActors.Configuration;

namespace McpActors.Host.Dashboard.Monitoring;

/// <summary>The routes in force, for people to read. Pure.</summary>
internal static class ConfiguredRoutes
{
    /// <summary>The routes in the order in which they are tried, the default last; empty before the first status of the pool.</summary>
    public static IReadOnlyList<RouteLine> Of(PoolRouting? routing)
    {
        if (routing is null)
            return [];
        var byDefault = new RouteSettings { Match = "", Group = routing.DefaultRoute };
        return [.. routing.Routes.Append(byDefault).Select(route => Line(route, routing))];
    }

    private static RouteLine Line(RouteSettings route, PoolRouting routing) => new(
        route.Match.Length > 0 ? route.Match : null,
        route.Group,
        route.Server,
        route.Server is null ? Strategy(route, routing) : null);

    private static string Strategy(RouteSettings route, PoolRouting routing) =>
        route.LoadBalancing ?? routing.Groups.GetValueOrDefault(route.Group ?? "")?.LoadBalancing ?? routing.LoadBalancing;
}

/// <summary>One route.</summary>
/// <param name="Match">Its pattern; null for the default route.</param>
/// <param name="Group">The group that serves it, or null.</param>
/// <param name="Server">The one server that serves it, or null.</param>
/// <param name="Strategy">The strategy of the group; null for a single server.</param>
public sealed record RouteLine(string? Match, string? Group, string? Server, string? Strategy);
