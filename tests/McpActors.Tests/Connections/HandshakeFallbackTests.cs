using System.ComponentModel;
using System.Net;
using System.Text.Json;
using McpActors.Connections;
using McpActors.Transports;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using Xunit;

namespace McpActors.Tests.Connections;

public sealed class HandshakeFallbackTests
{
    private static readonly Dictionary<string, (Exception Failure, bool IsDue)> Rows = new()
    {
        ["no reply in 202, 200 or 204"] = (new McpException("completed without a reply"), true),
        ["an answer that is not JSON"] = (new JsonException(), true),
        ["an answer that is no MCP"] = (new IOException("neither JSON nor an event stream"), true),
        ["the connection was closed"] = (new ClientTransportClosedException(new ClientCompletionDetails()), true),
        ["the socket was reset"] = (new HttpRequestException(HttpRequestError.ResponseEnded, "reset"), true),
        ["capabilities are missing"] = (new McpProtocolException("no", (McpErrorCode)(-32021)), true),
        ["302"] = (Status(302), true),
        ["400"] = (Status(400), true),
        ["404"] = (Status(404), true),
        ["405"] = (Status(405), true),
        ["422"] = (Status(422), true),
        ["500"] = (Status(500), true),
        ["502"] = (Status(502), true),
        ["503"] = (new HttpRefusedException(HttpStatusCode.ServiceUnavailable, null), true),
        ["503 that asks for patience"] = (new HttpRefusedException(HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(9)), false),
        ["429"] = (new HttpRefusedException(HttpStatusCode.TooManyRequests, null), false),
        ["401"] = (Status(401), false),
        ["403"] = (Status(403), false),
        ["407"] = (Status(407), false),
        ["no route"] = (new HttpRequestException(HttpRequestError.ConnectionError, "refused"), false),
        ["no such name"] = (new HttpRequestException(HttpRequestError.NameResolutionError, "unknown"), false),
        ["no TLS"] = (new HttpRequestException(HttpRequestError.SecureConnectionError, "certificate"), false),
        ["not sent"] = (new MessageNotSentException("another origin"), false),
        ["cancelled"] = (new OperationCanceledException(), false),
        ["too late"] = (new TimeoutException(), false),
    };

    public static TheoryData<string> Failures => [.. Rows.Keys];

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_failed_discover_leads_to_initialize_unless_any_request_would_fail(string name)
    {
        var (failure, isDue) = Rows[name];

        Assert.Equal(isDue, HandshakeFallback.IsDue(failure, HandshakeStep.Discovering, isHttp: true));
        Assert.Equal(isDue, HandshakeFallback.IsDue(failure, HandshakeStep.Discovering, isHttp: false));
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_failure_of_initialize_over_http_is_final(string name) =>
        Assert.False(HandshakeFallback.IsDue(Rows[name].Failure, HandshakeStep.Initializing, isHttp: true));

    [Theory]
    [MemberData(nameof(Failures))]
    public void Nothing_sent_is_nothing_to_repeat(string name) =>
        Assert.False(HandshakeFallback.IsDue(Rows[name].Failure, HandshakeStep.NotSent, isHttp: false));

    [Fact]
    public void A_program_may_end_at_initialize_because_of_the_request_before_it()
    {
        Assert.True(IsDue(new ClientTransportClosedException(new ClientCompletionDetails())));
        Assert.True(IsDue(new IOException("broken pipe")));
        Assert.False(IsDue(new McpException("protocol version mismatch")));
        Assert.False(IsDue(new IOException("cannot start", new Win32Exception())));

        static bool IsDue(Exception failure) => HandshakeFallback.IsDue(failure, HandshakeStep.Initializing, isHttp: false);
    }

    private static HttpErrorException Status(int status) => new((HttpStatusCode)status, "", null, hadSession: false);
}
