using System.Net;
using Microsoft.Extensions.Primitives;

namespace McpActors.Host.Api;

/// <summary>
/// Keeps the pages of other sites out: a browser on this machine would carry their requests to a loopback address. A request that
/// has an Origin must come from a page of this host, and one that arrives on a loopback address must name a loopback host (a foreign
/// name that resolves to this machine is DNS rebinding). Where <c>AllowedHosts</c> is configured, ASP.NET Core checks the name instead.
/// </summary>
internal sealed class BrowserGuard(RequestDelegate next, IConfiguration configuration)
{
    private readonly bool _hostsAreChecked = configuration["AllowedHosts"] is { Length: > 0 };

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!_hostsAreChecked && IsLoopback(context.Connection.LocalIpAddress) && !IsLoopbackName(request.Host.Host))
        {
            return RefuseAsync(
                context, StatusCodes.Status421MisdirectedRequest, $"Host '{request.Host}' is not served here: use localhost, or set AllowedHosts.");
        }

        if (IsForeign(request.Headers.Origin, request))
            return RefuseAsync(context, StatusCodes.Status403Forbidden, $"Origin '{request.Headers.Origin}' may not use this server.");

        return next(context);
    }

    private static bool IsForeign(StringValues origin, HttpRequest request) =>
        origin.Count > 0 && !string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);

    private static bool IsLoopback(IPAddress? address) => address is not null && IPAddress.IsLoopback(address);

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(ErrorReply.Of(nameof(PoolErrorKind.InvalidRequest), message), ApiJson.Strict.ErrorReply);
    }
}
