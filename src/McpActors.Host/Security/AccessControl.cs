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
/// Who may use this host, and how often: on loopback addresses anybody on this machine, elsewhere only who has the access token; so many requests
/// a second from one address. Health checks are open: they say nothing but yes or no.
/// </summary>
internal static class AccessControl
{
    public const string LoginLimit = "login";

    private const string Either = "token-or-cookie";
    private const int LoginsPerMinute = 10;

    /// <summary>Why the host may not listen there; null when it may.</summary>
    /// <param name="urls">The addresses, separated by <c>;</c>.</param>
    /// <param name="settings">The worker's settings.</param>
    public static string? Problem(string urls, HostSettings settings)
    {
        var open = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(url => !IsLoopback(url)).ToList();
        return open.Count == 0 || settings.AccessToken is not null ? null
            : $"--urls: {string.Join(", ", open)} can be reached from other machines, and nothing says who may come in. Set an access token in the environment "
            + $"variable {HostSettings.AccessTokenVariable} (or mcp-actors.host.access-token-file), made for example with: openssl rand -base64 32";
    }

    /// <summary>Adds what <see cref="UseAccessControl"/> needs.</summary>
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
                cookie.Cookie.Name = "mcp-actors";
                cookie.Cookie.SameSite = SameSiteMode.Strict;
                cookie.LoginPath = LoginPage.Path;
                cookie.ReturnUrlParameter = "returnUrl";
                cookie.ExpireTimeSpan = TimeSpan.FromHours(12);
            });
        builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        builder.Services.AddAntiforgery();
    }

    /// <summary>Checks each request from here on, and offers the log-in page where one is needed.</summary>
    public static void UseAccessControl(this WebApplication app)
    {
        app.UseRateLimiter();
        if (app.Services.GetRequiredService<HostSettings>().AccessToken is null)
            return;
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapLogin();
    }

    // A person who opens a page is sent to the log-in; whatever else comes without a cookie is a program.
    private static string SchemeFor(HttpContext context) =>
        context.Request.Headers.Authorization.Count == 0
        && (context.Request.Cookies.ContainsKey("mcp-actors") || context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
            ? CookieAuthenticationDefaults.AuthenticationScheme
            : BearerAuthentication.SchemeName;

    private static void Configure(RateLimiterOptions limiter, int perSecond)
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = async (rejected, cancellation) =>
        {
            rejected.HttpContext.Response.Headers.RetryAfter = "1";
            await rejected.HttpContext.Response.WriteAsJsonAsync(
                ErrorReply.Of(nameof(PoolErrorKind.Overloaded), "More requests a second than mcp-actors.host.requests-per-second allows from one address."),
                ApiJson.Strict.ErrorReply, cancellationToken: cancellation);
        };
        if (perSecond > 0)
        {
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, IPAddress>(context => RateLimitPartition.GetTokenBucketLimiter(
                context.Connection.RemoteIpAddress ?? IPAddress.None,
                _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = 2 * perSecond,
                    TokensPerPeriod = Math.Max(1, perSecond / 10),
                    ReplenishmentPeriod = perSecond >= 10 ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromSeconds(1.0 / perSecond),
                    QueueLimit = 0,
                }));
        }
        limiter.AddPolicy(LoginLimit, context => RateLimitPartition.GetFixedWindowLimiter(
            context.Connection.RemoteIpAddress ?? IPAddress.None,
            _ => new FixedWindowRateLimiterOptions { PermitLimit = LoginsPerMinute, Window = TimeSpan.FromMinutes(1) }));
    }

    private static bool IsLoopback(string url)
    {
        var address = BindingAddress.Parse(url);
        return address.IsUnixPipe || address.Host == "localhost" || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }
}
