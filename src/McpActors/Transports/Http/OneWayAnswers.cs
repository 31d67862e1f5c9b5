using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports.Http;

/// <summary>
/// Nobody waits for the answer to a notification or a response, so a server that refuses one is not in error: the refusal is logged and
/// answered as 202. Refused credentials and a lost session still count.
/// </summary>
/// <param name="log">Where a refusal is logged, as a detail.</param>
/// <param name="inner">The next handler.</param>
internal sealed class OneWayAnswers(ILogger log, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode || Counts(request, response.StatusCode) || !Sent.IsOneWay(request))
            return response;
        log.LogDebug("The server refused a notification or response with HTTP {Status}; this is ignored", (int)response.StatusCode);
        response.Dispose();
        return new HttpResponseMessage(HttpStatusCode.Accepted) { RequestMessage = request };
    }

    private static bool Counts(HttpRequestMessage request, HttpStatusCode status) =>
        status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
        || (status == HttpStatusCode.NotFound && Sent.HasSessionId(request));
}

/// <summary>What a request carries.</summary>
internal static class Sent
{
    /// <summary>The message that it carries, which the SDK writes into the body; null without one.</summary>
    public static JsonRpcMessage? MessageIn(HttpRequestMessage request) =>
        request.Content is JsonContent { Value: JsonRpcMessage message } ? message : null;

    /// <summary>Whether it is a notification or a response, which has no answer.</summary>
    public static bool IsOneWay(HttpRequestMessage request) => MessageIn(request) is not (null or JsonRpcRequest);

    /// <summary>The request that the answer to this POST answers; null without one.</summary>
    public static RequestId? RequestIn(HttpRequestMessage request) =>
        HasMethod(request) && MessageIn(request) is JsonRpcRequest { Id: var id } ? id : null;

    /// <summary>
    /// Whether the reply to a request comes as the answer to this POST. The older transport, which does not write the method into a header,
    /// replies in its stream.
    /// </summary>
    public static bool HasAnswer(HttpRequestMessage request) => RequestIn(request) is not null;

    /// <summary>Whether it names its method in a header, as every POST but those of the older transport.</summary>
    public static bool HasMethod(HttpRequestMessage request) => request.Headers.NonValidated.Contains("Mcp-Method");

    /// <summary>Whether it is a request of the handshake.</summary>
    public static bool IsHandshake(HttpRequestMessage request) =>
        MessageIn(request) is JsonRpcRequest { Method: RequestMethods.Initialize or RequestMethods.ServerDiscover };

    /// <summary>Whether it is a message of the older transport.</summary>
    public static bool IsOlder(HttpRequestMessage request) =>
        request.Method == HttpMethod.Post && MessageIn(request) is not null && !HasMethod(request);

    /// <summary>Whether it opens the stream of a session, which the older transport does without naming its revision.</summary>
    public static bool IsSessionStream(HttpRequestMessage request) =>
        request.Method == HttpMethod.Get && request.Headers.NonValidated.Contains("MCP-Protocol-Version");

    /// <summary>Whether it carries the id of a session in its header.</summary>
    public static bool HasSessionId(HttpRequestMessage request) => request.Headers.NonValidated.Contains("Mcp-Session-Id");

    /// <summary>Whether it belongs to a session; the address of messages of the older transport names one.</summary>
    public static bool HasSession(HttpRequestMessage request) => HasSessionId(request) || IsOlder(request);
}
