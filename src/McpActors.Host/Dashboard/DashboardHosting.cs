using McpActors.Configuration;
using McpActors.Host.Dashboard.Calling;
using McpActors.Host.Dashboard.Monitoring;
using McpActors.Host.Dashboard.Operating;
using Microsoft.AspNetCore.DataProtection;
using MudBlazor;
using MudBlazor.Services;

namespace McpActors.Host.Dashboard;

/// <summary>The web dashboard: <c>/</c> and the pages linked there.</summary>
internal static class DashboardHosting
{
    // What SignalR allows without a setting.
    private const long SignalRLimit = 32 * 1024;

    /// <summary>
    /// Everything comes from this host. Style elements and attributes are allowed because MudBlazor uses them for its theme and its menus,
    /// images and sounds in data URIs because tools return them.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src data:; " +
        "font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>
    /// Adds the services for <see cref="UseDashboard"/>, which also needs an <see cref="Pool.IMcpPool"/> and the HTTP API.
    /// </summary>
    public static void AddDashboard(this WebApplicationBuilder builder, PoolSettings settings)
    {
        // Without this, the assets of packages are found in Development and after `dotnet publish` only.
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents()
            // Text typed or pasted into a page arrives in one message; below SignalR's own limit not even a page can start.
            .AddHubOptions(hub => hub.MaximumReceiveMessageSize = Math.Max(SignalRLimit, settings.MaxRequestSize));
        builder.Services.AddMudServices(mud =>
        {
            mud.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomCenter;
            mud.SnackbarConfiguration.PreventDuplicates = false;
            mud.SnackbarConfiguration.VisibleStateDuration = 6000;
        });
        // A page does not outlive its host, so the keys need not either, and no file is written.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        // A hosted service of that library would still create keys at start, store them in the home directory and log a warning.
        foreach (var service in builder.Services.Where(s => s.ServiceType == typeof(IHostedService) && IsOfDataProtection(s)).ToList())
            builder.Services.Remove(service);
        builder.Services.AddSingleton<PoolMonitor>();
        builder.Services.AddScoped<OperatorDesk>();
        builder.Services.AddScoped<CallRunner>();
        builder.Services.AddHostedService<PoolMonitorService>();
    }

    private static bool IsOfDataProtection(ServiceDescriptor service) =>
        service.ImplementationType?.Assembly == typeof(EphemeralDataProtectionProvider).Assembly;

    /// <summary>Adds the pages, their assets and their security headers.</summary>
    public static void UseDashboard(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers.XContentTypeOptions = "nosniff";
            // With no-referrer, a browser would send our own forms with the origin "null", which BrowserGuard refuses.
            headers["Referrer-Policy"] = "same-origin";
            return next(context);
        });
        app.Use((context, next) => IsPageReconnecting(context) ? RefuseAsync(context) : next(context));
        app.UseAntiforgery();
        // They contain nothing private, and the log-in page shows one of them.
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(server => server.ContentSecurityFrameAncestorsPolicy = null);

        // SignalR closes the connections of open pages when the host is asked to stop, and the pages reconnect at once. If accepted, they
        // would delay the stop until its time-out; and after a second loss Blazor's client stops reconnecting, although it shows that it
        // tries.
        bool IsPageReconnecting(HttpContext context) =>
            app.Lifetime.ApplicationStopping.IsCancellationRequested && context.Request.Path.StartsWithSegments("/_blazor");

        static Task RefuseAsync(HttpContext context)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        }
    }
}
