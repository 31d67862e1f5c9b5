using System.Net;
using McpActors.Host.Api.Contract;
using McpActors.Host.Settings;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace McpActors.Host.Security;

/// <summary>
/// Who may use this host, and how often. On loopback addresses everybody on this machine may, elsewhere only clients with the access token.
/// The requests of one address per second are limited. Health checks are open to everybody: they report counts only.
/// </summary>
internal static class AccessControl
{
    private const string CookieName = "mcp-actors";
    private const string Either = "token-or-cookie";

    /// <summary>Why the host must not listen on these addresses; null when it may.</summary>
    /// <param name="urls">The addresses, separated by <c>;</c>.</param>
    /// <param name="settings">The worker's settings.</param>
    public static string? Problem(string urls, HostSettings settings)
    {
        var addresses = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var open = addresses.Where(url => !IsLoopback(url)).ToList();
        return open.Count == 0 || settings.AccessToken is not null
            ? null
            : $"--urls: {string.Join(", ", open)} is reachable from other machines, but no access token is configured. Create one, for "
                + $"example with `openssl rand -base64 32`, and set it in the environment variable {HostSettings.AccessTokenVariable} "
                + "or in the file named by mcp-actors.host.access-token-file.";
    }

    /// <summary>Adds the services for <see cref="UseAccessControl"/>.</summary>
    public static void AddAccessControl(this WebApplicationBuilder builder, HostSettings settings)
    {
        builder.Services.AddSingleton(settings);
        builder.Services.AddRateLimits(settings.RequestsPerSecond);
        builder.Services.TryAddSingleton(TimeProvider.System);
        if (settings.AccessToken is not { } secret)
            return;
        builder.Services.AddSingleton(services => new AccessToken(secret, services.GetRequiredService<ILogger<AccessToken>>()));
        builder.Services.AddSingleton<LogIns>();
        builder.Services.AddAuthentication(Either)
            .AddPolicyScheme(Either, null, scheme => scheme.ForwardDefaultSelector = SchemeFor)
            .AddScheme<AuthenticationSchemeOptions, BearerAuthentication>(BearerAuthentication.SchemeName, null)
            .AddCookie(cookie =>
            {
                cookie.Cookie.Name = CookieName;
                cookie.Cookie.SameSite = SameSiteMode.Strict;
                cookie.LoginPath = LoginPage.Path;
                cookie.ReturnUrlParameter = "returnUrl";
                cookie.ExpireTimeSpan = LogIns.Lifetime;
                cookie.SlidingExpiration = false;
            });
        builder.Services.AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme)
            .Configure<LogIns>((cookie, logIns) => cookie.SessionStore = logIns);
        builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        builder.Services.AddAntiforgery(antiforgery => antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest);
    }

    /// <summary>Checks each request from here on, and adds the log-in page if there is an access token.</summary>
    public static void UseAccessControl(this WebApplication app)
    {
        app.UseRateLimiter();
        if (app.Services.GetRequiredService<HostSettings>().AccessToken is null)
        {
            app.Use(RefuseOtherMachinesAsync);
            return;
        }
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseMiddleware<OpenPages>();
        app.MapLogin();
    }

    // A browser is redirected to the log-in page; any other client without a cookie is a program.
    private static string SchemeFor(HttpContext context) =>
        context.Request.Headers.Authorization.Count == 0 && IsBrowser(context.Request)
            ? CookieAuthenticationDefaults.AuthenticationScheme
            : BearerAuthentication.SchemeName;

    private static bool IsBrowser(HttpRequest request) =>
        request.Cookies.ContainsKey(CookieName)
        || request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    // Whatever made the web server listen there: without a token nobody but this machine is served. A Unix socket has no address.
    private static Task RefuseOtherMachinesAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Connection.LocalIpAddress is not { } reachedAt || IPAddress.IsLoopback(reachedAt))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsJsonAsync(
            ErrorReply.Of(
                nameof(PoolErrorKind.InvalidRequest),
                $"This worker has no access token, so it serves loopback addresses only. Set {HostSettings.AccessTokenVariable} or "
                + "mcp-actors.host.access-token-file, and start it again."),
            ApiJson.Strict.ErrorReply);
    }

    private static bool IsLoopback(string url)
    {
        var address = BindingAddress.Parse(url);
        return address.IsUnixPipe || address.Host == "localhost"
            || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }
}
