using System.Collections.Concurrent;
using System.Net;

namespace McpActors.Transports.Http;

/// <summary>
/// Follows redirects that keep the request and the origin, such as from <c>/mcp</c> to <c>/mcp/</c>. The target of a permanent one is
/// remembered for as long as requests succeed there. Any other redirect fails its request, and the error names the target: followed, it
/// would lose the request's body or carry the token to an address that nobody configured.
/// </summary>
/// <param name="inner">The next handler.</param>
internal sealed class Redirects(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int MostHops = 5;

    /// <summary>A server has one address, and its older transport one for each session.</summary>
    private const int MostRemembered = 16;

    private readonly ConcurrentDictionary<Uri, Uri> _known = new();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = request.RequestUri!;
        if (_known.TryGetValue(asked, out var end))
            request.RequestUri = end;
        var isPermanent = true;
        try
        {
            for (var hop = 1; ; hop++)
            {
                var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
                if (!IsRedirect(response.StatusCode))
                {
                    if (isPermanent && response.IsSuccessStatusCode)
                        Remember(asked, request.RequestUri!);
                    else if (!isPermanent || IsGone(request, response))
                        Forget(asked);
                    return response;
                }
                isPermanent &= response.StatusCode == HttpStatusCode.PermanentRedirect;
                using (response)
                    request.RequestUri = Next(request, response, hop);
            }
        }
        catch (HttpRequestException)
        {
            Forget(asked);
            throw;
        }
    }

    private void Remember(Uri asked, Uri end)
    {
        if (end != asked && _known.Count < MostRemembered)
            _known[asked] = end;
    }

    // The next request asks the configured address again.
    private void Forget(Uri asked) => _known.TryRemove(asked, out _);

    // Servers refuse GET and DELETE where they have no stream or keep no sessions.
    private static bool IsGone(HttpRequestMessage request, HttpResponseMessage response) =>
        request.Method == HttpMethod.Post
        && response.StatusCode is (HttpStatusCode.NotFound or HttpStatusCode.Gone or >= HttpStatusCode.InternalServerError);

    private static bool IsRedirect(HttpStatusCode status) => (int)status is >= 300 and < 400;

    private static Uri Next(HttpRequestMessage request, HttpResponseMessage response, int hop)
    {
        var from = request.RequestUri!;
        var to = response.Headers.Location is { } location ? TargetOf(from, location) : null;
        var keepsRequest = response.StatusCode is HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
        if (to is not null && keepsRequest && HasSameOrigin(from, to) && hop <= MostHops)
            return to;
        throw new HttpErrorException(response.StatusCode, Words(to, hop), error: null, Sent.HasSession(request));
    }

    private static string Words(Uri? to, int hop) =>
        to is null ? "a redirect without a target"
        : hop > MostHops ? $"redirects more than {MostHops} times, last to {Shown(to)}"
        : to.Scheme is not ("http" or "https") ? $"redirects to {Shown(to)}, which is not HTTP"
        : $"redirects to {Shown(to)}; write uri = \"{Shown(to)}\" if that is the server";

    private static Uri? TargetOf(Uri from, Uri location) => Uri.TryCreate(from, location, out var target) ? target : null;

    private static bool HasSameOrigin(Uri one, Uri other) =>
        Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0
        && other.UserInfo.Length == 0;

    // The query of a redirect to a login page may contain a secret.
    private static string Shown(Uri uri) => uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
