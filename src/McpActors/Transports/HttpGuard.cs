using System.Net;

namespace McpActors.Transports;

/// <summary>
/// What the SDK's HTTP transport leaves open: refusals keep their Retry-After, a response has a largest size, and the DELETE that ends a
/// session cannot hold up its closing.
/// </summary>
/// <param name="maxResponse">Largest response to a POST, in bytes; of an event stream, its largest event.</param>
/// <param name="closeTimeout">How long the DELETE of a session may take.</param>
/// <param name="time">The clock that a Retry-After date is compared with.</param>
/// <param name="inner">The handler that sends.</param>
internal sealed class HttpGuard(long maxResponse, TimeSpan closeTimeout, TimeProvider time, HttpMessageHandler inner)
    : DelegatingHandler(inner)
{
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

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } seconds } => seconds,
        { Date: { } date } when date - time.GetUtcNow() is { } wait => wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };
}
