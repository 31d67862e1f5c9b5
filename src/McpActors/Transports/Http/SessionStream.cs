using System.Net;

namespace McpActors.Transports.Http;

/// <summary>
/// The stream in which a server sends what belongs to no request of the client, before 2026-07-28. Without it, a request of the server
/// would never arrive, and a call that waits for the answer would hang. A server need not have the stream, and refuses it
/// in any words: to the SDK, which would take 404 for the loss of the session, each refusal is 405. A stream that ends again and again is
/// opened less often.
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
        if (request.Method != HttpMethod.Get || !request.Headers.NonValidated.Contains("MCP-Protocol-Version"))
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
