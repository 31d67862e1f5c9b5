namespace McpActors.Transports.Http;

/// <summary>
/// Some servers give the session another id with each answer, and know only the newest one. The SDK keeps that of the handshake.
/// </summary>
/// <param name="inner">The next handler.</param>
internal sealed class NewestSession(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string Header = "Mcp-Session-Id";

    private volatile string? _newest;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!Sent.HasSessionId(request))
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (_newest is { } newest)
        {
            request.Headers.Remove(Header);
            request.Headers.TryAddWithoutValidation(Header, newest);
        }
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode && response.Headers.NonValidated.TryGetValues(Header, out var given)
            && given is { Count: 1 } && given.ToString() is { Length: > 0 } id)
        {
            _newest = id;
        }
        return response;
    }
}
