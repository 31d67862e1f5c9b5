using System.Net;
using McpActors.AspNetCore;
using McpActors.Host.Api.Contract;
using McpActors.Host.Settings;
using Microsoft.Extensions.Primitives;

namespace McpActors.Host.Api;

/// <summary>
/// Protects against pages of other sites, whose requests a browser would send here. A request with an Origin must come from a page of this
/// host, and every request must name this host: a loopback name on a loopback address, else an IP address, the machine's name, or one of
/// <c>mcp-actors.host.allowed-hosts</c> (any other name that resolves to this machine is DNS rebinding). If ASP.NET Core's
/// <c>AllowedHosts</c> is configured, it checks the name instead.
/// </summary>
internal sealed class BrowserGuard(RequestDelegate next, IConfiguration configuration, HostSettings settings)
{
    private readonly PublicUrls _public = new(settings.PublicUrls);
    private readonly bool _hostsAreChecked = configuration["AllowedHosts"] is { Length: > 0 };

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (HostOf(request) is not { } name)
            return RefuseAsync(context, StatusCodes.Status400BadRequest, "The Host header is not the name of a host.");
        if (!_hostsAreChecked && !IsServed(name, context.Connection.LocalIpAddress))
        {
            return RefuseAsync(
                context,
                StatusCodes.Status421MisdirectedRequest,
                $"Host '{request.Host}' is not served here. Use localhost or an IP address, or add it to mcp-actors.host.allowed-hosts; "
                + "behind a proxy, write its address as mcp-actors.host.public-url.");
        }

        if (IsForeign(request.Headers.Origin, request))
        {
            return RefuseAsync(
                context,
                StatusCodes.Status403Forbidden,
                $"Requests from pages of '{request.Headers.Origin}' are not allowed. If that is the address of this worker behind a proxy, "
                + "write it as mcp-actors.host.public-url.");
        }

        return next(context);
    }

    // The name in letters; null for one that only looks like an internationalized name, which ASP.NET Core cannot read.
    private static string? HostOf(HttpRequest request)
    {
        try
        {
            return request.Host.ToUriComponent().Length >= 0 ? request.Host.Host : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private bool IsForeign(StringValues origin, HttpRequest request) =>
        origin.Count > 0
        && !string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
        && !_public.HasOrigin(origin);

    private bool IsServed(string host, IPAddress? reachedAt) =>
        settings.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase)
        || _public.HasName(host)
        || (IsLoopback(reachedAt)
            ? RequestOrigin.IsLoopbackName(host)
            : IPAddress.TryParse(host.Trim('[', ']'), out _) || host.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase));

    // A Unix socket has no address, and is of this machine.
    private static bool IsLoopback(IPAddress? address) => address is null || IPAddress.IsLoopback(address);

    private static Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(ErrorReply.Of(nameof(PoolErrorKind.InvalidRequest), message), ApiJson.Strict.ErrorReply);
    }
}
