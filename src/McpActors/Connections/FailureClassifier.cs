using System.Net;
using System.Text.Json;
using McpActors.Transports;
using McpActors.Transports.Http;
using ModelContextProtocol;
using ModelContextProtocol.Client;

namespace McpActors.Connections;

/// <summary>Facts about an attempt that its exception does not carry.</summary>
/// <param name="IsNotOffered">The server's catalogue was read and lacks the tool, prompt or resource that was asked for.</param>
internal readonly record struct AttemptFacts(bool IsNotOffered);

/// <summary>
/// Classifies what the SDK or a transport threw: the failure table of <c>docs/reliability.md</c> as one pure function. An exception that
/// does not prove that the server did not run the request is <see cref="AttemptOutcome.Lost"/>. What a failure proves about the session of
/// its connection is decided by <see cref="SessionEvidence"/>.
/// </summary>
internal static class FailureClassifier
{
    // JSON-RPC 2.0, section 5.1, and MCP 2026-07-28 for the three codes about the request's headers and version.
    private const int ParseError = -32700;
    private const int InvalidRequest = -32600;
    private const int MethodNotFound = -32601;
    private const int InvalidParams = -32602;
    // MCP before 2026-07-28, which answers InvalidParams.
    private const int ResourceNotFound = -32002;
    private const int FirstRequestMetaError = -32022;
    private const int LastRequestMetaError = -32020;

    private const string RemotePrefix = "Request failed (remote): ";

    public static AttemptResult Classify(Exception exception, AttemptFacts facts) => exception switch
    {
        McpProtocolException e => OfJsonRpcError(
            WholeErrorData.CodeOf(e), MessageOf(e), WholeErrorData.Of(e), facts, AttemptOutcome.ServerError),
        HttpRefusedException e => OfRefusal(e),
        HttpErrorException e => OfHttpError(e, facts),
        HttpRequestException { StatusCode: { } status } e => OfHttpStatus(status, e.Message),
        ResultTooLargeException e => TooLarge(e.Message),
        { InnerException: ResultTooLargeException e } => TooLarge(e.Message),
        RequestTooLargeException e => AttemptResult.Unwritable(e.Message),
        MessageNotSentException e => new(AttemptOutcome.NotSent) { Error = Words(e), Cause = AttemptCause.ConnectFailed, Failed = true },
        HttpRequestException e when NeverConnected(e.HttpRequestError) =>
            new(AttemptOutcome.NotSent) { Error = Words(e), Cause = AttemptCause.ConnectFailed, Failed = true },

        ClientTransportClosedException e => AttemptResult.Lost(Words(e), AttemptCause.ConnectionLost),

        // The SDK reports requests on a lost session or a disposed client as cancelled, although nothing cancelled them.
        OperationCanceledException => AttemptResult.Lost("the connection ended before the answer came", AttemptCause.ConnectionLost),
        _ => AttemptResult.Lost(Words(exception)),
    };

    /// <summary>
    /// Whether the failure is an answer that proves that the server is alive: a JSON-RPC error, an HTTP status below 500, or a 503 by which
    /// it asks for patience. A bare refusal of a request with a session is not: it may be the session that the server
    /// refuses, by whatever status, and a new connection has a new one.
    /// </summary>
    public static bool IsAnswer(Exception failure) => failure switch
    {
        McpProtocolException => true,
        HttpRefusedException e => e.StatusCode == HttpStatusCode.TooManyRequests || e.RetryAfter is not null,
        HttpErrorException { HadSession: true, Error: null } => false,
        UnreadableAnswerException => true,
        HttpRequestException { StatusCode: < HttpStatusCode.InternalServerError } => true,
        _ => false,
    };

    /// <summary>How long the server asks its clients to wait; null when it does not.</summary>
    public static TimeSpan? RetryAfterOf(Exception? failure) =>
        failure is null ? null : failure is HttpRefusedException refused ? refused.RetryAfter : RetryAfterOf(failure.InnerException);

    /// <summary>
    /// Whether the failure of a probe shows that the server is alive: an answer (<see cref="IsAnswer"/>) that does not refuse the pool's
    /// credentials, or one without the reply, of the wrong kind or too large.
    /// </summary>
    public static bool IsLife(Exception probe) => probe switch
    {
        HttpRequestException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } => false,
        UnreadableAnswerException or ResultTooLargeException => true,
        McpProtocolException => true,
        McpException => LacksReply(probe),
        _ => IsAnswer(probe),
    };

    // The SDK has no type for this error, only its text.
    private static bool LacksReply(Exception e) => e.Message.Contains("completed without a reply", StringComparison.Ordinal);

    /// <summary>The code of the JSON-RPC error that a failure is, also in an HTTP error; null when it is anything else.</summary>
    public static int? CodeOf(Exception failure) => failure switch
    {
        McpProtocolException e => WholeErrorData.CodeOf(e),
        HttpErrorException e => e.Error?.Code,
        _ => null,
    };

    /// <summary>The server refused the request because it lost the session; it did not run it.</summary>
    public static AttemptResult SessionLost { get; } = new(AttemptOutcome.Refused)
    {
        Cause = AttemptCause.SessionLost,
        Error = "the server no longer knows the session",
    };

    // The server ran the request; an answer above the pool's limit is not its failure.
    private static AttemptResult TooLarge(string message) => AttemptResult.AnswerDropped(AttemptCause.ResultTooLarge, message);

    private static AttemptResult OfJsonRpcError(
        int code, string message, JsonElement? data, AttemptFacts facts, AttemptOutcome otherwise)
    {
        if (StandIn.Is(data))
        {
            return code == StandIn.Broken ? AttemptResult.Lost(message) : AttemptResult.AnswerDropped(
                code == MessageLimits.TooLarge ? AttemptCause.ResultTooLarge : AttemptCause.ResultUnreadable, message);
        }
        var outcome = code switch
        {
            MethodNotFound or ResourceNotFound => AttemptOutcome.NotSupported,
            InvalidParams when facts.IsNotOffered => AttemptOutcome.NotSupported,
            InvalidParams or InvalidRequest or ParseError => AttemptOutcome.Rejected,
            >= FirstRequestMetaError and <= LastRequestMetaError => AttemptOutcome.Rejected,
            _ => otherwise,
        };
        return new(outcome) { Error = message, Code = code, Data = data, Failed = outcome == AttemptOutcome.ServerError };
    }

    private static string MessageOf(McpProtocolException e) =>
        e.Message.StartsWith(RemotePrefix, StringComparison.Ordinal) ? e.Message[RemotePrefix.Length..] : e.Message;

    // Credentials, limits and proxies show in the status; otherwise the error in the body says more.
    private static AttemptResult OfHttpError(HttpErrorException e, AttemptFacts facts)
    {
        var byStatus = OfHttpStatus(e.StatusCode!.Value, e.Message);
        if (e.Error is not { } error || byStatus.Cause != AttemptCause.None || byStatus.Outcome == AttemptOutcome.Lost)
            return byStatus;
        var otherwise = byStatus.Outcome == AttemptOutcome.Rejected ? AttemptOutcome.Rejected : AttemptOutcome.ServerError;
        return OfJsonRpcError(error.Code, e.Message, error.Data as JsonElement?, facts, otherwise);
    }

    private static AttemptResult OfRefusal(HttpRefusedException e) => e switch
    {
        { StatusCode: HttpStatusCode.TooManyRequests } =>
            new(AttemptOutcome.Refused) { Error = e.Message, Cause = AttemptCause.Overloaded, RetryAfter = e.RetryAfter },
        { RetryAfter: { } wait } =>
            new(AttemptOutcome.Refused) { Error = e.Message, Cause = AttemptCause.Overloaded, RetryAfter = wait, Failed = true },
        _ => LostByStatus(e.Message),
    };

    private static AttemptResult OfHttpStatus(HttpStatusCode status, string message) => status switch
    {
        HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.RequestUriTooLong
            or HttpStatusCode.UnsupportedMediaType or HttpStatusCode.UnprocessableEntity =>
            new(AttemptOutcome.Rejected) { Error = message, Failed = false },
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
            new(AttemptOutcome.Refused) { Error = message, Cause = AttemptCause.Unauthorized, Failed = true },
        HttpStatusCode.TooManyRequests =>
            new(AttemptOutcome.Refused) { Error = message, Cause = AttemptCause.Overloaded },
        HttpStatusCode.RequestTimeout => LostByStatus(message),
        // RFC 9110: these three ask for the same request at another address. A 303 is the usual answer to a POST that was performed, and
        // servers use 302 in the same way.
        HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
            or (>= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError) =>
            new(AttemptOutcome.Refused) { Error = message, Failed = true },
        _ => LostByStatus(message),
    };

    private static AttemptResult LostByStatus(string message) => AttemptResult.Lost(message) with { IsStatus = true };

    /// <summary>Whether there was no connection, so that nothing was sent.</summary>
    public static bool NeverConnected(HttpRequestError error) => error
        is HttpRequestError.NameResolutionError
        or HttpRequestError.ConnectionError
        or HttpRequestError.SecureConnectionError
        or HttpRequestError.ProxyTunnelError;

    /// <summary>
    /// The messages of an exception and its causes, each once: the outermost alone is often only "failed to connect". Of a connection that
    /// ended, its details, such as the exit code and the last words of a program, which the message of the exception lacks.
    /// </summary>
    public static string Words(Exception exception)
    {
        var words = new List<string>();
        for (var e = exception; e is not null && words.Count < 4; e = e.InnerException)
        {
            var text = e is ClientTransportClosedException closed ? CompletionWords.Of(closed.Details) : e.Message.TrimEnd('.', ' ');
            text = AddressRace.WithoutHost(text);
            if (text.Length > 0 && !words.Exists(known => known.Contains(text, StringComparison.Ordinal)))
                words.Add(text);
        }
        return string.Join(": ", words);
    }
}
