using System.Net;
using McpActors.Transports;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>Whether a failed request proves that its server lost the session.</summary>
internal enum SessionVerdict
{
    /// <summary>The failure is about the request.</summary>
    Kept,

    /// <summary>It may be about the session; a probe decides.</summary>
    Doubtful,

    /// <summary>The server does not know the session, and did not run the request.</summary>
    Lost,
}

/// <summary>
/// Decides whether a server lost the session of a connection by what the transport saw, and not by words alone, which may be a tool's own.
/// The specification requires HTTP 404 for a lost session; common servers answer 400, and some with an error in an HTTP 200. Pure.
/// </summary>
internal static class SessionEvidence
{
    /// <summary>In LSP, and in servers made after it. MCP before 2026-07-28: no such resource.</summary>
    private const int ServerNotInitialized = -32002;

    // JSON-RPC codes about the request itself, which a server answers after it has accepted the session.
    private static readonly int[] AboutTheRequest = [-32700, -32601, -32602, ServerNotInitialized, -32020, -32021, -32022];

    /// <summary>What the failure of a request proves.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="hasSession">The connection has a session.</param>
    public static SessionVerdict Of(Exception failure, bool hasSession) => failure switch
    {
        HttpErrorException { HadSession: true } e => OfStatus(e),
        // Before 2026-07-28 a handshake can be forgotten without a session, over every transport.
        HttpErrorException { Error: { } error } when !IsAboutTheRequest(error.Code, error.Message) && SpeaksOfHandshake(error.Message) =>
            SessionVerdict.Doubtful,
        McpProtocolException e when !IsAboutTheRequest(WholeErrorData.CodeOf(e), e.Message)
            && (hasSession ? SpeaksOfIt(e) : SpeaksOfHandshake(e.Message)) => SessionVerdict.Doubtful,
        _ => SessionVerdict.Kept,
    };

    /// <summary>Whether a failure speaks of a session or of a missing handshake, perhaps of a tool's own.</summary>
    public static bool SpeaksOfIt(Exception failure) =>
        failure.Message.Contains("session", StringComparison.OrdinalIgnoreCase) || SpeaksOfHandshake(failure.Message);

    /// <summary>Whether a probe, which cannot be wrong in itself, failed because the server lost the session.</summary>
    public static bool IsLost(Exception probe, bool hasSession) => hasSession && Of(probe, hasSession) != SessionVerdict.Kept;

    /// <summary>Whether the failure of a listing, which is the server's word and no tool's, shows the loss without a probe.</summary>
    /// <param name="failure">A failure for which <see cref="IsLost"/> is true.</param>
    public static bool IsShownByList(Exception failure) => Of(failure, hasSession: true) == SessionVerdict.Lost || SpeaksOfIt(failure);

    /// <summary>Whether a probe that followed a doubtful failure shows that the failure was about the session.</summary>
    /// <param name="doubtful">The failure of a request.</param>
    /// <param name="probe">The failure of the probe after it.</param>
    public static bool Confirms(Exception doubtful, Exception probe) => doubtful is HttpErrorException
        ? IsLost(probe, hasSession: true)
        // An answer that came with HTTP 200 may come from a tool that has run; only the same answer to a probe shows that it does not.
        : doubtful is McpProtocolException first && probe is McpProtocolException second
            && WholeErrorData.CodeOf(first) == WholeErrorData.CodeOf(second) && IsLost(second, hasSession: true);

    private static SessionVerdict OfStatus(HttpErrorException e) => e.StatusCode switch
    {
        _ when e.Error is { } error && IsAboutTheRequest(error.Code, error.Message) => SessionVerdict.Kept,
        HttpStatusCode.NotFound when e.Error is null || NamesTheSession(e.Error) => SessionVerdict.Lost,
        HttpStatusCode.NotFound or HttpStatusCode.BadRequest or HttpStatusCode.Conflict or HttpStatusCode.Gone
            or HttpStatusCode.UnprocessableEntity => SessionVerdict.Doubtful,
        >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError when SpeaksOfIt(e) => SessionVerdict.Doubtful,
        _ => SessionVerdict.Kept,
    };

    // One of the codes also means that the server waits for a handshake.
    private static bool IsAboutTheRequest(int code, string message) =>
        AboutTheRequest.Contains(code) && !(code == ServerNotInitialized && SpeaksOfHandshake(message));

    private static bool SpeaksOfHandshake(string message) =>
        message.Contains("initializ", StringComparison.OrdinalIgnoreCase)
        || message.Contains("initialis", StringComparison.OrdinalIgnoreCase);

    private static bool NamesTheSession(JsonRpcErrorDetail error) =>
        error.Code is -32000 or -32001 or -32600
        && (error.Message.Contains("session id", StringComparison.OrdinalIgnoreCase)
            || error.Message.Contains("session not found", StringComparison.OrdinalIgnoreCase));
}
