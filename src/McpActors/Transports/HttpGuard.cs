using System.Net;
using System.Text;

namespace McpActors.Transports;

/// <summary>
/// What the SDK's HTTP transport leaves open: refusals keep their Retry-After, a response has a largest size, the DELETE that ends a session
/// cannot hold up its closing, and a request that is refused for its session ends no other.
/// </summary>
/// <param name="maxResponse">Largest response to a POST, in bytes; of an event stream, its largest event.</param>
/// <param name="closeTimeout">How long the DELETE of a session may take.</param>
/// <param name="time">The clock that a Retry-After date is compared with.</param>
/// <param name="inner">The handler that sends.</param>
internal sealed class HttpGuard(long maxResponse, TimeSpan closeTimeout, TimeProvider time, HttpMessageHandler inner)
    : DelegatingHandler(inner)
{
    /// <summary>As much of an error's body as is worth a look.</summary>
    private const int MaxErrorBody = 16 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method == HttpMethod.Delete)
        {
            using var closing = new CancellationTokenSource(closeTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(closing.Token, cancellationToken);
            return await base.SendAsync(request, either.Token).ConfigureAwait(false);
        }

        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (request.Method != HttpMethod.Post)
        {
            return response;
        }

        if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
        {
            using (response)
            {
                throw new HttpRefusedException(response.StatusCode, RetryAfter(response));
            }
        }

        // Were the SDK to see this, it would end the session, and everything pending on it as cancelled: also what is refused like this one.
        if (response.StatusCode == HttpStatusCode.NotFound && request.Headers.Contains("Mcp-Session-Id"))
        {
            using (response)
            {
                throw new HttpRequestException($"HTTP 404: {await ErrorBodyAsync(response, cancellationToken).ConfigureAwait(false)}", null, HttpStatusCode.NotFound);
            }
        }

        if (response.Content.Headers.ContentLength > maxResponse)
        {
            using (response)
            {
                throw new ResultTooLargeException(maxResponse);
            }
        }

        response.Content = new LimitedContent(response.Content, maxResponse);
        return response;
    }

    private static async Task<string> ErrorBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            var buffer = new byte[MaxErrorBody];
            var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return Encoding.UTF8.GetString(buffer, 0, length);
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } seconds } => seconds,
        { Date: { } date } when date - time.GetUtcNow() is { } wait => wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };
}
