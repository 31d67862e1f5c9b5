using McpActors.Host.Settings;

namespace McpActors.Host.Security;

/// <summary>Gives each request the scheme and the base path of the public address by which it came.</summary>
internal static class PublicUrlHosting
{
    /// <summary>
    /// Adds it ahead of routing. A proxy may pass the path on as it is, or without the path of the public address: the pages have the same
    /// links in both cases.
    /// </summary>
    public static void UsePublicUrls(this WebApplication app)
    {
        var settings = app.Services.GetRequiredService<HostSettings>();
        if (settings.PublicUrls.Count > 0)
        {
            var urls = new PublicUrls(settings.PublicUrls);
            app.Use((context, next) =>
            {
                Adopt(context.Request, urls);
                return next(context);
            });
        }
        // Here, because without this call it would come before the path has its base.
        app.UseRouting();
    }

    private static void Adopt(HttpRequest request, PublicUrls urls)
    {
        if (urls.Of(request.Host, request.Path) is not { } url)
            return;
        request.Scheme = url.Scheme;
        request.PathBase = PublicUrls.BaseOf(url);
        if (request.Path.StartsWithSegments(request.PathBase, out var rest))
            request.Path = rest.HasValue ? rest : "/";
    }
}
