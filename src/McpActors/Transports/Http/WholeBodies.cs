using ModelContextProtocol.Protocol;

namespace McpActors.Transports.Http;

/// <summary>
/// Writes each request body into memory before it is sent, so that it has a Content-Length: many servers and gateways do not read chunked
/// requests. A body in memory can also be sent again, to the target of a redirect. An answer goes out with the id of its request
/// (<see cref="ExactId"/>).
/// </summary>
/// <param name="inner">The next handler.</param>
internal sealed class WholeBodies(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is not { } body)
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (Sent.MessageIn(request) is { } message and (JsonRpcResponse or JsonRpcError))
        {
            var json = await body.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            request.Content = new ByteArrayContent(ExactId.Written(message, json));
            request.Content.Headers.ContentType = body.Headers.ContentType;
        }
        try
        {
            await request.Content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);
            // Once known it is written as a header, and the body is not chunked.
            _ = request.Content.Headers.ContentLength;
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // The message is looked at again with the answer.
            request.Content = body;
        }
    }
}
