using System.Net;
using System.Text;

namespace McpActors.Transports;

/// <summary>
/// Adds what the SDK's HTTP transport lacks: refusals keep their Retry-After, responses have a size limit, the DELETE that ends a session
/// has a time limit, and a request that is refused for a lost session does not end the others.
/// </summary>
/// <param name="maxResponse">Largest response to a POST, in bytes; in an event stream, the largest event.</param>
/// <param name="closeTimeout">How long the DELETE of a session may take.</param>
/// <param name="time">The clock for a Retry-After date.</param>
/// <param name="inner">The next handler.</param>
internal sealed class HttpGuard(long maxResponse, TimeSpan closeTimeout, TimeProvider time, HttpMessageHandler inner)
    : DelegatingHandler(inner)
{
    /// <summary>The most that is read of an error's body, in bytes.</summary>
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
            return response;
        if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
        {
            using (response)
                throw new HttpRefusedException(response.StatusCode, RetryAfter(response));
        }
        // On this status the SDK would end the session and report all its pending requests as cancelled, although the server refuses them
        // too.
        if (response.StatusCode == HttpStatusCode.NotFound && request.Headers.Contains("Mcp-Session-Id"))
        {
            using (response)
                throw await NotFoundAsync(response, cancellationToken).ConfigureAwait(false);
        }
        if (response.Content.Headers.ContentLength > maxResponse)
        {
            using (response)
                throw new ResultTooLargeException(maxResponse);
        }
        response.Content = new LimitedContent(response.Content, maxResponse);
        return response;
    }

    private static async Task<HttpRequestException> NotFoundAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            var buffer = new byte[MaxErrorBody];
            var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken)
                .ConfigureAwait(false);
            return new HttpRequestException($"HTTP 404: {Encoding.UTF8.GetString(buffer, 0, length)}", null, HttpStatusCode.NotFound);
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } seconds } => seconds,
        { Date: { } date } when date - time.GetUtcNow() is { } wait => wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };
}
