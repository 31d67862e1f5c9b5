using System.Net;

namespace McpActors.Transports.Http;

/// <summary>
/// Before 2026-07-28 a server sends its own requests and notifications in a stream that the client opens by GET. Without the stream a
/// request of the server would never arrive, and a call that waits for its answer would hang. Servers without the stream refuse the GET
/// with any status; the SDK would consider a 404 the loss of the session, so it gets 405 for every refusal. A stream that always ends at
/// once is not opened more often than <see cref="MostPerSecond"/>.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="inner">The next handler.</param>
internal sealed class SessionStream(TimeProvider time, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>The SDK opens a stream again as soon as the server asks for it, and the rest of interrupted answers as well.</summary>
    private const int MostPerSecond = 100;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly MessageRate _opened = new(MostPerSecond, time);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!Sent.IsSessionStream(request))
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        while (!_opened.TryTake())
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode || request.Headers.NonValidated.Contains("Last-Event-ID"))
            return response;
        response.Dispose();
        return new HttpResponseMessage(HttpStatusCode.MethodNotAllowed) { RequestMessage = request };
    }
}
