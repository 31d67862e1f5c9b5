using System.Net;
using McpActors.Connections;
using McpActors.Transports;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Connections;

/// <summary>What a failure proves about the session of its connection.</summary>
public sealed class SessionEvidenceTests
{
    private const string Words = "Bad Request: No valid session ID provided";

    [Theory]
    // The specification's way, with the bodies of common servers.
    [InlineData(404, null, "", SessionVerdict.Lost)]
    [InlineData(404, null, "<html>Not found</html>", SessionVerdict.Lost)]
    [InlineData(404, -32001, "Session not found", SessionVerdict.Lost)]
    [InlineData(404, -32600, "Not Found: Invalid or expired session ID", SessionVerdict.Lost)]
    [InlineData(404, -32000, "No such customer", SessionVerdict.Doubtful)]
    [InlineData(404, -32603, "Session not found", SessionVerdict.Doubtful)]
    // About the request: the server has accepted the session.
    [InlineData(404, -32601, "Method not found", SessionVerdict.Kept)]
    [InlineData(404, -32602, "Unknown tool", SessionVerdict.Kept)]
    [InlineData(404, -32002, "Resource not found", SessionVerdict.Kept)]
    [InlineData(400, -32602, "Invalid session id in arguments", SessionVerdict.Kept)]
    [InlineData(400, -32700, "Parse error", SessionVerdict.Kept)]
    [InlineData(400, -32020, "Header mismatch", SessionVerdict.Kept)]
    [InlineData(400, -32021, "Missing capability", SessionVerdict.Kept)]
    [InlineData(400, -32022, "Unsupported version", SessionVerdict.Kept)]
    // 400 means a wrong request as well.
    [InlineData(400, null, "", SessionVerdict.Doubtful)]
    [InlineData(400, -32000, Words, SessionVerdict.Doubtful)]
    [InlineData(400, -32600, "Invalid request", SessionVerdict.Doubtful)]
    [InlineData(400, -32002, "Server not initialized", SessionVerdict.Doubtful)]
    [InlineData(409, null, "", SessionVerdict.Doubtful)]
    [InlineData(410, null, "", SessionVerdict.Doubtful)]
    [InlineData(422, null, "Unexpected message, expect initialize request", SessionVerdict.Doubtful)]
    [InlineData(422, -32602, "Invalid session id in arguments", SessionVerdict.Kept)]
    // With any other status only words say so.
    [InlineData(401, null, "Session expired", SessionVerdict.Doubtful)]
    [InlineData(401, null, "token expired", SessionVerdict.Kept)]
    [InlineData(403, -32000, Words, SessionVerdict.Doubtful)]
    [InlineData(403, null, "", SessionVerdict.Kept)]
    [InlineData(428, null, "missing Mcp-Session-Id", SessionVerdict.Doubtful)]
    [InlineData(500, -32000, Words, SessionVerdict.Kept)]
    public void Of_an_http_status(int status, int? code, string words, object verdict)
    {
        Assert.Equal((SessionVerdict)verdict, SessionEvidence.Of(Http(status, code, words), hasSession: true));
        var isHandshake = code is not null && words.Contains("initialized", StringComparison.Ordinal);
        Assert.Equal(
            isHandshake ? SessionVerdict.Doubtful : SessionVerdict.Kept,
            SessionEvidence.Of(Http(status, code, words, hadSession: false), hasSession: true));
    }

    [Theory]
    [InlineData(-32000, Words, SessionVerdict.Doubtful)]
    [InlineData(-32001, "Session not found", SessionVerdict.Doubtful)]
    [InlineData(-32600, "unknown SESSION ID", SessionVerdict.Doubtful)]
    [InlineData(-32000, "Server not initialized", SessionVerdict.Doubtful)]
    [InlineData(-32002, "Server not initialized", SessionVerdict.Doubtful)]
    [InlineData(-32603, "the session has expired", SessionVerdict.Doubtful)]
    [InlineData(-32002, "Resource session://1 not found", SessionVerdict.Kept)]
    [InlineData(-32000, "Unknown customer", SessionVerdict.Kept)]
    [InlineData(-32602, "Unknown session id 42", SessionVerdict.Kept)]
    public void Of_an_error_that_came_with_200(int code, string words, object verdict)
    {
        Assert.Equal((SessionVerdict)verdict, SessionEvidence.Of(Error(code, words), hasSession: true));
        var isHandshake = words.Contains("initialized", StringComparison.Ordinal);
        Assert.Equal(
            isHandshake ? SessionVerdict.Doubtful : SessionVerdict.Kept, SessionEvidence.Of(Error(code, words), hasSession: false));
    }

    [Theory]
    [InlineData(400, -32000, "Bad Request: Server not initialized", SessionVerdict.Doubtful)]
    [InlineData(400, -32000, Words, SessionVerdict.Kept)]
    [InlineData(400, -32602, "Server not initialized", SessionVerdict.Kept)]
    [InlineData(400, null, "Server not initialized", SessionVerdict.Kept)]
    public void Of_a_status_without_a_session(int status, int? code, string words, object verdict) => Assert.Equal(
        (SessionVerdict)verdict, SessionEvidence.Of(Http(status, code, words, hadSession: false), hasSession: false));

    [Fact]
    public void Anything_else_proves_nothing()
    {
        foreach (var failure in new Exception[]
        {
            new IOException("Session not found"), new HttpRefusedException(HttpStatusCode.TooManyRequests, null), new TimeoutException(),
        })
        {
            Assert.Equal(SessionVerdict.Kept, SessionEvidence.Of(failure, hasSession: true));
        }
    }

    [Fact]
    public void A_doubtful_status_is_confirmed_by_any_refusal_of_the_session_and_by_no_answer()
    {
        var doubtful = Http(400, null, "");

        Assert.True(SessionEvidence.Confirms(doubtful, Http(400, null, "")));
        Assert.True(SessionEvidence.Confirms(doubtful, Http(404, null, "")));
        Assert.True(SessionEvidence.Confirms(doubtful, Http(400, -32000, Words)));
        Assert.False(SessionEvidence.Confirms(doubtful, Http(400, -32601, "Method not found")));
        Assert.False(SessionEvidence.Confirms(doubtful, Http(500, null, "")));
        Assert.False(SessionEvidence.Confirms(doubtful, Error(-32601, "Method not found")));
        Assert.False(SessionEvidence.Confirms(doubtful, new TimeoutException()));
    }

    [Fact]
    public void Words_with_200_are_confirmed_only_by_the_same_answer_to_the_probe()
    {
        var doubtful = Error(-32000, Words);

        Assert.True(SessionEvidence.Confirms(doubtful, Error(-32000, Words)));
        Assert.False(SessionEvidence.Confirms(doubtful, Error(-32001, "Session not found")));
        Assert.False(SessionEvidence.Confirms(doubtful, Error(-32000, "Unknown customer")));
        // The session may be lost by now; but the call was answered before, and may have run.
        Assert.False(SessionEvidence.Confirms(doubtful, Http(404, null, "")));
        Assert.False(SessionEvidence.Confirms(doubtful, Http(400, -32000, Words)));
        Assert.False(SessionEvidence.Confirms(doubtful, new OperationCanceledException()));
    }

    [Fact]
    public void Nothing_confirms_a_failure_that_is_not_doubtful() =>
        Assert.False(SessionEvidence.Confirms(new IOException("reset"), Error(-32000, Words)));

    [Fact]
    public void A_probe_that_is_refused_shows_the_loss()
    {
        Assert.True(SessionEvidence.IsLost(Http(404, null, ""), hasSession: true));
        Assert.True(SessionEvidence.IsLost(Http(400, null, ""), hasSession: true));
        Assert.True(SessionEvidence.IsLost(Error(-32000, Words), hasSession: true));
        Assert.False(SessionEvidence.IsLost(Http(404, -32601, "Method not found"), hasSession: true));
        Assert.False(SessionEvidence.IsLost(Error(-32000, Words), hasSession: false));
    }

    private static HttpErrorException Http(int status, int? code, string words, bool hadSession = true) => new(
        (HttpStatusCode)status, words, code is { } number ? new JsonRpcErrorDetail { Code = number, Message = words } : null, hadSession);

    private static McpProtocolException Error(int code, string words) =>
        new($"Request failed (remote): {words}", (McpErrorCode)code);
}
