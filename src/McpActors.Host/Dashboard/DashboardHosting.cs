using McpActors.Configuration;
using McpActors.Host.Dashboard.Calling;
using McpActors.Host.Dashboard.Monitoring;
using McpActors.Host.Dashboard.Operating;
using McpActors.Host.Reloading;
using Microsoft.AspNetCore.DataProtection;
using MudBlazor;
using MudBlazor.Services;

namespace McpActors.Host.Dashboard;

/// <summary>The pages for people: <c>/</c> and what is linked there.</summary>
internal static class DashboardHosting
{
    /// <summary>
    /// Everything comes from this host. Style elements and attributes are allowed because MudBlazor writes its theme and places its menus with
    /// them; images and sounds in a URI because tools answer with them.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src data:; font-src 'self'; " +
        "connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Adds what <see cref="UseDashboard"/> needs, beside an <see cref="Pool.IMcpPool"/> and the HTTP API.</summary>
    public static void AddDashboard(this WebApplicationBuilder builder, PoolSettings settings)
    {
        // Without it the assets of packages are found in Development and after `dotnet publish` only.
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents()
            // What is typed or pasted into a page comes in one message.
            .AddHubOptions(hub => hub.MaximumReceiveMessageSize = settings.MaxRequestSize);
        builder.Services.AddMudServices(mud =>
        {
            mud.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomCenter;
            mud.SnackbarConfiguration.PreventDuplicates = false;
            mud.SnackbarConfiguration.VisibleStateDuration = 6000;
        });
        // A page does not outlive the host that it talks to, so its keys need not either, and no file is written.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        // A service of that library would all the same make keys at the start, store them in the home directory and warn of it.
        foreach (var service in builder.Services.Where(s => s.ServiceType == typeof(IHostedService) && IsOfDataProtection(s)).ToList())
            builder.Services.Remove(service);
        builder.Services.AddSingleton(services => new ConfiguredRoutes(settings, services.GetRequiredService<ConfigurationReloader>()));
        builder.Services.AddSingleton<PoolMonitor>();
        builder.Services.AddScoped<OperatorDesk>();
        builder.Services.AddScoped<CallRunner>();
        builder.Services.AddHostedService<PoolMonitorService>();
    }

    private static bool IsOfDataProtection(ServiceDescriptor service) =>
        service.ImplementationType?.Assembly == typeof(EphemeralDataProtectionProvider).Assembly;

    /// <summary>The pages, their assets, and what they may load.</summary>
    public static void UseDashboard(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers.XContentTypeOptions = "nosniff";
            // With no-referrer a browser would send forms of our own with the origin "null", which BrowserGuard refuses.
            headers["Referrer-Policy"] = "same-origin";
            return next(context);
        });
        app.Use((context, next) => IsPageComingBack(context) ? RefuseAsync(context) : next(context));
        app.UseAntiforgery();
        // They are the same for everybody, and the log-in page shows one of them.
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(server => server.ContentSecurityFrameAncestorsPolicy = null);

        // SignalR ends the connections of open pages when the host is asked to stop, and they come back at once. Let in, they keep the host from ending until
        // its shutdown time-out; and once the new connection breaks as well, Blazor believes that it still tries to connect, and no longer does.
        bool IsPageComingBack(HttpContext context) =>
            app.Lifetime.ApplicationStopping.IsCancellationRequested && context.Request.Path.StartsWithSegments("/_blazor");

        static Task RefuseAsync(HttpContext context)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        }
    }
}
