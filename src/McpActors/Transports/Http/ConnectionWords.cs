using System.Net.Sockets;

namespace McpActors.Transports.Http;

/// <summary>
/// Adds to an error what only the connection knows: its proxy, and that it was open before, so that the server may have closed it just when
/// the request was sent.
/// </summary>
/// <param name="sockets">The connections.</param>
/// <param name="inner">The next handler.</param>
internal sealed class ConnectionWords(Sockets sockets, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>The end of the error message of a request that is refused; absent without a proxy.</summary>
    public static readonly HttpRequestOptionsKey<string> Through = new("mcp-actors-through");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var opened = sockets.Race.Opened;
        try
        {
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode && sockets.Through(request.RequestUri!) is { Length: > 0 } words)
                request.Options.Set(Through, words);
            return response;
        }
        catch (HttpRequestException e) when (e.StatusCode is null)
        {
            var through = sockets.Through(request.RequestUri!);
            // Without a new one, the request used an old one.
            var reused = opened > 0 && opened == sockets.Race.Opened && IsReset(e)
                ? "reset on a reused connection before any byte of an answer: "
                : "";
            // Without the cause, whose words would follow.
            if (TlsWords.For(e, request.RequestUri!.Authority, "http:// or ws://") is { } tls)
                throw new HttpRequestException(e.HttpRequestError, tls + through);
            if (reused.Length + through.Length == 0)
                throw;
            throw new HttpRequestException(e.HttpRequestError, reused + e.Message + through, e);
        }
    }

    private static bool IsReset(HttpRequestException e) =>
        e.HttpRequestError is HttpRequestError.ResponseEnded
        || e.InnerException is IOException { InnerException: SocketException };
}
