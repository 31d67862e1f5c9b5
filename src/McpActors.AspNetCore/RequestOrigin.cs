using System.Net;
using Microsoft.AspNetCore.Http;

namespace McpActors.AspNetCore;

/// <summary>
/// Whether a request can come from a page of another site: its <c>Origin</c> is that of another address, or it reached a loopback address
/// under a name that is not one of loopback, which is how DNS rebinding reaches servers of the same machine. Pure.
/// </summary>
internal static class RequestOrigin
{
    /// <summary>Why the request is refused; null when it is not.</summary>
    /// <param name="request">The request.</param>
    /// <param name="reachedAt">The address at which it arrived; null for a Unix socket.</param>
    /// <param name="allowed">Further origins.</param>
    public static string? ProblemOf(HttpRequest request, IPAddress? reachedAt, IReadOnlyList<string> allowed)
    {
        if (reachedAt is not null && IPAddress.IsLoopback(reachedAt) && !IsLoopbackName(request.Host.Host))
        {
            return $"Host '{request.Host}' is not a name of this machine's loopback address. Use localhost, or let the service listen at "
                + "the address that the name stands for.";
        }
        var origin = request.Headers.Origin;
        return origin.Count == 0
            || string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
            || allowed.Contains(origin.ToString(), StringComparer.OrdinalIgnoreCase)
                ? null
                : $"Requests from pages of '{origin}' are not allowed. Add it to {nameof(McpPoolEndpointOptions.AllowedOrigins)} if its "
                    + "pages may call the tools of this service.";
    }

    /// <summary>Whether the name of a host is one of this machine's loopback address.</summary>
    public static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
