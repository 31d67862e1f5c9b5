using System.Globalization;
using System.Net;
using System.Text.Json;
using McpActors.Transports;
using ModelContextProtocol;
using ModelContextProtocol.Client;

namespace McpActors.Connections;

/// <summary>Facts about an attempt that its exception does not carry.</summary>
/// <param name="HasSession">The connection has a session id, so a 404 means that the session is lost.</param>
/// <param name="ToolIsUnknown">The server's catalogue was read and lacks the tool that was called.</param>
internal readonly record struct AttemptFacts(bool HasSession, bool ToolIsUnknown);

/// <summary>
/// Classifies what the SDK or a transport threw: the failure table of <c>docs/reliability.md</c> as one pure function. An exception that
/// does not prove that the server did not run the request is <see cref="AttemptOutcome.Lost"/>.
/// </summary>
internal static class FailureClassifier
{
    // JSON-RPC 2.0, section 5.1, and MCP 2026-07-28 for the three codes about the request's headers and version.
    private const int ParseError = -32700;
    private const int InvalidRequest = -32600;
    private const int MethodNotFound = -32601;
    private const int InvalidParams = -32602;
    private const int FirstRequestMetaError = -32022;
    private const int LastRequestMetaError = -32020;

    private const string RemotePrefix = "Request failed (remote): ";

    public static AttemptResult Classify(Exception exception, AttemptFacts facts) => exception switch
    {
        McpProtocolException { ErrorCode: (McpErrorCode)MessageLimits.TooLarge } e => TooLarge(e.Message),
        McpProtocolException e when facts.HasSession && SaysSessionIsUnknown(e) => SessionLost(e.Message),
        McpProtocolException e => OfJsonRpcError(e, facts),
        HttpRefusedException e => OfRefusal(e),
        ResultTooLargeException e => TooLarge(e.Message),
        { InnerException: ResultTooLargeException e } => TooLarge(e.Message),
        MessageNotSentException e => new(AttemptOutcome.NotSent) { Error = e.Message, Cause = AttemptCause.ConnectFailed, Failed = true },
        HttpRequestException { StatusCode: { } status } e => OfHttpStatus(status, e.Message, facts),
        HttpRequestException e when NeverConnected(e.HttpRequestError) =>
            new(AttemptOutcome.NotSent) { Error = Words(e), Cause = AttemptCause.ConnectFailed, Failed = true },

        ClientTransportClosedException e => AttemptResult.Lost(Words(e), AttemptCause.ConnectionLost),

        // The SDK reports requests on a lost session or a disposed client as cancelled, although nothing cancelled them.
        OperationCanceledException => AttemptResult.Lost("the connection ended before the answer came", AttemptCause.ConnectionLost),
        _ => AttemptResult.Lost(Words(exception)),
    };

    // The server ran the request; an answer above the pool's limit is not its failure.
    private static AttemptResult TooLarge(string message) =>
        AttemptResult.Lost(message, AttemptCause.ResultTooLarge) with { Failed = false };

    private static AttemptResult OfJsonRpcError(McpProtocolException e, AttemptFacts facts)
    {
        var code = (int)e.ErrorCode;
        var (outcome, failed) = code switch
        {
            MethodNotFound => (AttemptOutcome.NotSupported, false),
            InvalidParams when facts.ToolIsUnknown => (AttemptOutcome.NotSupported, false),
            InvalidParams or InvalidRequest or ParseError => (AttemptOutcome.Rejected, false),
            >= FirstRequestMetaError and <= LastRequestMetaError => (AttemptOutcome.Rejected, false),
            _ => (AttemptOutcome.ServerError, true),
        };
        var message = e.Message.StartsWith(RemotePrefix, StringComparison.Ordinal) ? e.Message[RemotePrefix.Length..] : e.Message;
        return new(outcome) { Error = message, Code = code, Data = DataOf(e), Failed = failed };
    }

    /// <summary>
    /// Whether the failure of a probe or call means that the server lost the session. The specification requires HTTP 404; the reference
    /// server answers 400 with -32000 "Bad Request: No valid session ID provided", and others -32001 "Session not found".
    /// </summary>
    public static bool IsSessionLost(Exception exception, bool hasSession) =>
        hasSession && (exception is McpProtocolException e && SaysSessionIsUnknown(e)
            || (exception is HttpRequestException { StatusCode: HttpStatusCode.NotFound } http && !SaysMethodIsUnknown(http)));

    /// <summary>
    /// Whether an HTTP 404 carries the JSON-RPC error "method not found": the server understood the request, so it knows the session.
    /// </summary>
    public static bool SaysMethodIsUnknown(HttpRequestException exception) =>
        exception.StatusCode == HttpStatusCode.NotFound && exception.Message.Contains(Text(MethodNotFound), StringComparison.Ordinal);

    private static bool SaysSessionIsUnknown(McpProtocolException e) =>
        (int)e.ErrorCode is -32000 or -32001
        && (e.Message.Contains("session id", StringComparison.OrdinalIgnoreCase)
            || e.Message.Contains("session not found", StringComparison.OrdinalIgnoreCase));

    private static AttemptResult SessionLost(string words) =>
        new(AttemptOutcome.Refused) { Error = words, Cause = AttemptCause.SessionLost };

    private static AttemptResult OfRefusal(HttpRefusedException e) => e switch
    {
        { StatusCode: HttpStatusCode.TooManyRequests } =>
            new(AttemptOutcome.Refused) { Error = e.Message, Cause = AttemptCause.Overloaded, RetryAfter = e.RetryAfter },
        { RetryAfter: { } wait } =>
            new(AttemptOutcome.Refused) { Error = e.Message, Cause = AttemptCause.Overloaded, RetryAfter = wait, Failed = true },
        _ => AttemptResult.Lost(e.Message),
    };

    private static AttemptResult OfHttpStatus(HttpStatusCode status, string message, AttemptFacts facts) => status switch
    {
        HttpStatusCode.NotFound when message.Contains(Text(MethodNotFound), StringComparison.Ordinal) =>
            new(AttemptOutcome.NotSupported) { Error = message, Code = MethodNotFound, Failed = false },
        HttpStatusCode.NotFound when facts.HasSession =>
            SessionLost("the server no longer knows the session (HTTP 404)"),
        HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge =>
            new(AttemptOutcome.Rejected) { Error = message, Failed = false },
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
            new(AttemptOutcome.Refused) { Error = message, Cause = AttemptCause.Unauthorized, Failed = true },
        HttpStatusCode.TooManyRequests =>
            new(AttemptOutcome.Refused) { Error = message, Cause = AttemptCause.Overloaded },
        >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError =>
            new(AttemptOutcome.Refused) { Error = message, Failed = true },
        _ => AttemptResult.Lost(message),
    };

    private static bool NeverConnected(HttpRequestError error) => error
        is HttpRequestError.NameResolutionError
        or HttpRequestError.ConnectionError
        or HttpRequestError.SecureConnectionError
        or HttpRequestError.ProxyTunnelError;

    private static JsonElement? DataOf(McpProtocolException e)
    {
        if (e.Data.Count == 0)
            return null;
        var data = new Dictionary<string, JsonElement>();
        foreach (System.Collections.DictionaryEntry entry in e.Data)
        {
            if (entry is { Key: string key, Value: JsonElement value })
                data[key] = value;
        }
        return data.Count == 0 ? null : JsonSerializer.SerializeToElement(data);
    }

    /// <summary>The messages of an exception and its causes, each once: the outermost alone is often only "failed to connect".</summary>
    public static string Words(Exception exception)
    {
        var words = new List<string>();
        for (var e = exception; e is not null && words.Count < 4; e = e.InnerException)
        {
            var text = e.Message.TrimEnd('.', ' ');
            if (text.Length > 0 && !words.Exists(known => known.Contains(text, StringComparison.Ordinal)))
                words.Add(text);
        }
        return string.Join(": ", words);
    }

    private static string Text(int code) => code.ToString(CultureInfo.InvariantCulture);
}
