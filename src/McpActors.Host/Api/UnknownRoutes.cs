using Microsoft.AspNetCore.Routing.Template;

namespace McpActors.Host.Api;

/// <summary>
/// Answers requests below <c>/api</c> that no route takes: 405 for a path that has other methods, else 404. Without it the dashboard's own
/// routes, which take any path, would answer such a GET.
/// </summary>
internal static class UnknownRoutes
{
    private const string Prefix = "/api/";

    public static void MapUnknownApiRoutes(this WebApplication app) => app.Map(Prefix + "{**path}", Answer).ExcludeFromDescription();

    private static void Answer(HttpContext context, EndpointDataSource endpoints)
    {
        var methods = endpoints.Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => Matches(endpoint, context.Request.Path))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToArray();
        context.Response.StatusCode = methods.Length > 0 ? StatusCodes.Status405MethodNotAllowed : StatusCodes.Status404NotFound;
        if (methods.Length > 0)
            context.Response.Headers.Allow = string.Join(", ", methods);
    }

    private static bool Matches(RouteEndpoint endpoint, PathString path) =>
        endpoint.RoutePattern.RawText is { } pattern
        && pattern.StartsWith(Prefix, StringComparison.Ordinal)
        && new TemplateMatcher(TemplateParser.Parse(pattern), []).TryMatch(path, []);
}
