using System.Net;

namespace McpActors.Transports;

/// <summary>An HTTP server refused a request with 429 or 503. The SDK's exception does not carry the Retry-After header.</summary>
/// <param name="status">The status.</param>
/// <param name="retryAfter">The wait of the Retry-After header; null without the header.</param>
internal sealed class HttpRefusedException(HttpStatusCode status, TimeSpan? retryAfter)
    : HttpRequestException($"HTTP {(int)status}{(retryAfter is { } wait ? $", retry after {wait.TotalSeconds:0} s" : "")}", null, status)
{
    /// <summary>How long the server asks clients to wait; null without the header.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
