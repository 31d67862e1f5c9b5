using System.Net;
using System.Net.Http.Headers;

namespace McpActors.Transports.Http;

/// <summary>
/// Recognizes servers of the older transport (HTTP with SSE) that do not refuse a POST to the address of their stream: some open the stream
/// for it as well, and some never answer. To the SDK both are refused with 405, at which it goes on to the older transport.
/// </summary>
/// <param name="patience">How long the first requests wait before a GET asks for the older transport.</param>
/// <param name="time">The clock.</param>
/// <param name="inner">The next handler.</param>
internal sealed class OlderTransport(TimeSpan patience, TimeProvider time, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private volatile bool _isDecided;
    private volatile bool _hasAsked;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (_isDecided || !Sent.HasAnswer(request))
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var response = await AnswerAsync(request, cancellationToken).ConfigureAwait(false);
        if (response is { Content: not TypedContent { IsEndpoint: true } })
        {
            _isDecided = response.IsSuccessStatusCode;
            return response;
        }
        response?.Dispose();
        return new HttpResponseMessage(HttpStatusCode.MethodNotAllowed) { RequestMessage = request };
    }

    /// <summary>The answer; null if there is none and a GET shows the older transport.</summary>
    private async Task<HttpResponseMessage?> AnswerAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        if (_hasAsked)
            return await base.SendAsync(request, cancellation).ConfigureAwait(false);
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var answering = base.SendAsync(request, given.Token);
        if (await IsInTimeAsync(answering, cancellation).ConfigureAwait(false))
            return await answering.ConfigureAwait(false);
        _hasAsked = true;
        if (!await IsOlderAsync(request, given.Token).ConfigureAwait(false))
            return await answering.ConfigureAwait(false);
        await given.CancelAsync().ConfigureAwait(false);
        _ = DiscardAsync(answering);
        return null;
    }

    private static async Task DiscardAsync(Task<HttpResponseMessage> late)
    {
        try
        {
            (await late.ConfigureAwait(false)).Dispose();
        }
        catch (Exception)
        {
            // It was cancelled.
        }
    }

    private async Task<bool> IsInTimeAsync(Task answering, CancellationToken cancellation)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var first = await Task.WhenAny(answering, Task.Delay(patience, time, timer.Token)).ConfigureAwait(false);
        await timer.CancelAsync().ConfigureAwait(false);
        return first == answering || cancellation.IsCancellationRequested;
    }

    private async Task<bool> IsOlderAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(patience, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        using var asking = new HttpRequestMessage(HttpMethod.Get, request.RequestUri);
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            if (!name.StartsWith("Mcp-", StringComparison.OrdinalIgnoreCase) && name != "Accept")
                asking.Headers.TryAddWithoutValidation(name, values);
        }
        asking.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        try
        {
            using var stream = await base.SendAsync(asking, limit.Token).ConfigureAwait(false);
            if (!stream.IsSuccessStatusCode)
                return false;
            var body = await stream.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            return (await TypedAnswers.PeekAsync(body, null, limit.Token).ConfigureAwait(false)).Beginning.IsEndpoint;
        }
        catch (Exception)
        {
            // The first request decides.
            return false;
        }
    }
}
