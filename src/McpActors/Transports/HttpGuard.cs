using System.Net;
using System.Net.Http.Headers;
using System.Text;
using McpActors.Transports.Http;

namespace McpActors.Transports;

/// <summary>
/// Adds what the SDK's HTTP transport lacks: no request leaves the origin of the server's address, refusals keep their Retry-After, every
/// response has a size limit, the DELETE that ends a session has a time limit, and a request that is refused for a lost session does not
/// end the others.
/// </summary>
/// <param name="endpoint">The server's address.</param>
/// <param name="maxResponse">Largest response, in bytes; in an event stream, the largest event.</param>
/// <param name="closeTimeout">How long the DELETE of a session may take.</param>
/// <param name="time">The clock for a Retry-After date.</param>
/// <param name="inner">The next handler.</param>
internal sealed class HttpGuard(Uri endpoint, long maxResponse, TimeSpan closeTimeout, TimeProvider time, HttpMessageHandler inner)
    : DelegatingHandler(inner)
{
    /// <summary>The most that is read of an error's body, in bytes.</summary>
    internal const int MaxErrorBody = 64 * 1024;

    private volatile bool _hasSucceeded;
    private volatile bool _isOlder;

    /// <summary>Whether the server has accepted messages of the older transport.</summary>
    public bool IsOlder => _isOlder;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.RequestUri = TargetOf(request.RequestUri!);
        if (request.Method == HttpMethod.Delete)
        {
            using var closing = new CancellationTokenSource(closeTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(closing.Token, cancellationToken);
            return await base.SendAsync(request, either.Token).ConfigureAwait(false);
        }
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            return await RefusalAsync(request, response, cancellationToken).ConfigureAwait(false);
        if (request.Method == HttpMethod.Post)
            (_hasSucceeded, _isOlder) = (true, Sent.IsOlder(request));
        if (response.Content.Headers.ContentLength > maxResponse)
        {
            using (response)
                throw new ResultTooLargeException(maxResponse);
        }
        response.Content = new LimitedContent(response.Content, maxResponse);
        return response;
    }

    // In the older SSE transport the server names the address for messages. The token and the callers' arguments go to no other origin
    // than the configured one, as with redirects, and no server makes this process send requests elsewhere.
    private Uri TargetOf(Uri target)
    {
        if (Uri.Compare(target, endpoint, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0)
            return target;
        // This machine by another name. The configured one is asked: at another of its addresses there may be another server.
        if (endpoint.IsLoopback && IsThisMachine(target) && target.Scheme == endpoint.Scheme && target.Port == endpoint.Port)
            return new UriBuilder(target) { Host = endpoint.Host }.Uri;
        throw new MessageNotSentException(
            $"The server asks for requests to {OriginOf(target)}, but its address has the origin {OriginOf(endpoint)}. Nothing was sent "
            + "there. If the server has moved, configure its new address.");
    }

    private static bool IsThisMachine(Uri target) =>
        target.IsLoopback
        || (IPAddress.TryParse(target.Host, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));

    private static string OriginOf(Uri uri) => uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    private async Task<HttpResponseMessage> RefusalAsync(
        HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (request.Method == HttpMethod.Post && response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
        {
            using (response)
                throw new HttpRefusedException(response.StatusCode, RetryAfterHeader.Read(response.Headers, time.GetUtcNow()));
        }
        var body = await BeginningAsync(response.Content, cancellationToken).ConfigureAwait(false);
        if (BodyBeginning.Of(body, isWhole: true, response.Content.Headers.ContentType?.CharSet) is { Characters: { } set } beginning)
            body = Encoding.Convert(set, Encoding.UTF8, body, beginning.Mark, body.Length - beginning.Mark);
        body = HalfPairs.Replace(body) ?? body;
        var error = JsonRpcErrorBody.TryRead(body);
        var sdkReads = error is not null && JsonDepth.IsAtMost(body, JsonDepth.MostOfSdk);
        if (request.Method == HttpMethod.Post && !IsForSdk(request, response.StatusCode, sdkReads))
        {
            using (response)
            {
                throw new HttpErrorException(
                    response.StatusCode,
                    RefusalWords.Of(request, response.StatusCode, error, body),
                    error,
                    Sent.HasSession(request));
            }
        }
        var content = new ByteArrayContent(body);
        content.Headers.ContentType =
            error is null ? response.Content.Headers.ContentType : new MediaTypeHeaderValue("application/json");
        response.Content.Dispose();
        response.Content = content;
        return response;
    }

    // The SDK negotiates by the statuses and errors of its first requests. Of later ones it would drop the status and parts of the error,
    // and on 404 it would end the session and report all its pending requests as cancelled, although the server refuses them too.
    private bool IsForSdk(HttpRequestMessage request, HttpStatusCode status, bool hasError) =>
        (!_hasSucceeded || Sent.IsHandshake(request))
        && status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.ProxyAuthenticationRequired)
        && (hasError || MayBeOlderTransport(status));

    // A server of the older transport does not know POST at its address, in whatever words; a gateway's failure says nothing about it.
    private static bool MayBeOlderTransport(HttpStatusCode status) => status
        is (>= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError and not HttpStatusCode.MisdirectedRequest)
        or HttpStatusCode.NotImplemented;

    private static async Task<byte[]> BeginningAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var body = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            var buffer = new byte[MaxErrorBody];
            var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken)
                .ConfigureAwait(false);
            return buffer[..length];
        }
    }
}
