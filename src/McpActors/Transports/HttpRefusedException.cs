using System.Net;

namespace McpActors.Transports;

/// <summary>An HTTP server turned a request away with 429 or 503; the SDK's own exception does not carry the Retry-After header.</summary>
/// <param name="status">The status.</param>
/// <param name="retryAfter">The header's wait, from now; null when there was none.</param>
internal sealed class HttpRefusedException(HttpStatusCode status, TimeSpan? retryAfter)
    : HttpRequestException($"HTTP {(int)status}{(retryAfter is { } wait ? $", retry after {wait.TotalSeconds:0} s" : "")}", null, status)
{
    /// <summary>How long the server asks to wait; null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
