using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using McpActors.Host.Api.Contract;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.RateLimiting;

namespace McpActors.Host.Security;

/// <summary>The limits on the requests of one address: all of them, and log-ins.</summary>
internal static class RateLimits
{
    /// <summary>The name of the policy for log-ins.</summary>
    public const string LogIn = "login";

    public static void AddRateLimits(this IServiceCollection services, int perSecond) => services.AddRateLimiter(limiter =>
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = async (rejected, cancellation) =>
        {
            SetRetryAfter(rejected);
            await rejected.HttpContext.Response.WriteAsJsonAsync(
                ErrorReply.Of(
                    nameof(PoolErrorKind.Overloaded),
                    "Too many requests from this address: mcp-actors.host.requests-per-second is exceeded. Try again in a second."),
                ApiJson.Strict.ErrorReply,
                cancellationToken: cancellation);
        };
        if (perSecond > 0)
        {
            var bucket = Bucket(perSecond);
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, IPAddress>(context =>
                RateLimitPartition.GetTokenBucketLimiter(Client(context), _ => bucket));
        }
        limiter.AddPolicy<IPAddress, LogInLimit>(LogIn);
    });

    /// <summary>Exactly so many requests a second, some at a time, and bursts of twice as many.</summary>
    public static TokenBucketRateLimiterOptions Bucket(int perSecond)
    {
        var tokens = Math.Max(1, perSecond / 10);
        return new()
        {
            TokenLimit = 2 * perSecond,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)tokens / perSecond),
            QueueLimit = 0,
        };
    }

    private static IPAddress Client(HttpContext context) => context.Connection.RemoteIpAddress ?? IPAddress.None;

    private static TimeSpan SetRetryAfter(OnRejectedContext rejected)
    {
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var known) ? known : TimeSpan.FromSeconds(1);
        var seconds = Math.Max(1, Math.Ceiling(wait.TotalSeconds));
        rejected.HttpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return TimeSpan.FromSeconds(seconds);
    }

    /// <summary>Ten log-ins a minute, so that a token cannot be guessed.</summary>
    private sealed class LogInLimit : IRateLimiterPolicy<IPAddress>
    {
        private const int PerMinute = 10;

        public Func<OnRejectedContext, CancellationToken, ValueTask> OnRejected { get; } = static async (rejected, _) =>
        {
            var seconds = SetRetryAfter(rejected).TotalSeconds;
            var problem = $"Too many log-ins from this address: more than {PerMinute} in a minute. Try again in {seconds:0} seconds.";
            await LoginPage.RefuseAsync(
                rejected.HttpContext, rejected.HttpContext.RequestServices.GetRequiredService<IAntiforgery>(), problem);
        };

        public RateLimitPartition<IPAddress> GetPartition(HttpContext httpContext) => RateLimitPartition.GetFixedWindowLimiter(
            Client(httpContext),
            _ => new FixedWindowRateLimiterOptions { PermitLimit = PerMinute, Window = TimeSpan.FromMinutes(1) });
    }
}
