using System.Net;
using System.Threading.RateLimiting;
using McpActors.Host.Api.Contract;
using McpActors.Host.Settings;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.RateLimiting;

namespace McpActors.Host.Security;

/// <summary>
/// Who may use this host, and how often. On loopback addresses everybody on this machine may, elsewhere only clients with the access token.
/// The requests of one address per second are limited. Health checks are open to everybody: they report counts only.
/// </summary>
internal static class AccessControl
{
    public const string LoginLimit = "login";

    private const string CookieName = "mcp-actors";
    private const string Either = "token-or-cookie";
    private const int LoginsPerMinute = 10;

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
        builder.Services.AddRateLimiter(limiter => Configure(limiter, settings.RequestsPerSecond));
        if (settings.AccessToken is not { } secret)
            return;
        builder.Services.AddSingleton(new AccessToken(secret));
        builder.Services.AddAuthentication(Either)
            .AddPolicyScheme(Either, null, scheme => scheme.ForwardDefaultSelector = SchemeFor)
            .AddScheme<AuthenticationSchemeOptions, BearerAuthentication>(BearerAuthentication.SchemeName, null)
            .AddCookie(cookie =>
            {
                cookie.Cookie.Name = CookieName;
                cookie.Cookie.SameSite = SameSiteMode.Strict;
                cookie.LoginPath = LoginPage.Path;
                cookie.ReturnUrlParameter = "returnUrl";
                cookie.ExpireTimeSpan = TimeSpan.FromHours(12);
            });
        builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        builder.Services.AddAntiforgery();
    }

    /// <summary>Checks each request from here on, and adds the log-in page if there is an access token.</summary>
    public static void UseAccessControl(this WebApplication app)
    {
        app.UseRateLimiter();
        if (app.Services.GetRequiredService<HostSettings>().AccessToken is null)
            return;
        app.UseAuthentication();
        app.UseAuthorization();
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

    private static void Configure(RateLimiterOptions limiter, int perSecond)
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = async (rejected, cancellation) =>
        {
            rejected.HttpContext.Response.Headers.RetryAfter = "1";
            await rejected.HttpContext.Response.WriteAsJsonAsync(
                ErrorReply.Of(
                    nameof(PoolErrorKind.Overloaded),
                    "Too many requests from this address: mcp-actors.host.requests-per-second is exceeded. Try again in a second."),
                ApiJson.Strict.ErrorReply,
                cancellationToken: cancellation);
        };
        if (perSecond > 0)
        {
            var bucket = new TokenBucketRateLimiterOptions
            {
                TokenLimit = 2 * perSecond,
                TokensPerPeriod = Math.Max(1, perSecond / 10),
                ReplenishmentPeriod = perSecond >= 10 ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromSeconds(1.0 / perSecond),
                QueueLimit = 0,
            };
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, IPAddress>(context =>
                RateLimitPartition.GetTokenBucketLimiter(context.Connection.RemoteIpAddress ?? IPAddress.None, _ => bucket));
        }
        limiter.AddPolicy(LoginLimit, context => RateLimitPartition.GetFixedWindowLimiter(
            context.Connection.RemoteIpAddress ?? IPAddress.None,
            _ => new FixedWindowRateLimiterOptions { PermitLimit = LoginsPerMinute, Window = TimeSpan.FromMinutes(1) }));
    }

    private static bool IsLoopback(string url)
    {
        var address = BindingAddress.Parse(url);
        return address.IsUnixPipe || address.Host == "localhost"
            || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }
}
