namespace McpActors.Transports.Http;

/// <summary>
/// Writes each request body into memory before it is sent, so that it has a Content-Length: many servers and gateways do not read chunked
/// requests. A body in memory can also be sent again, to the target of a redirect.
/// </summary>
/// <param name="inner">The next handler.</param>
internal sealed class WholeBodies(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } body)
        {
            await body.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);
            // Once known it is written as a header, and the body is not chunked.
            _ = body.Headers.ContentLength;
        }
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
