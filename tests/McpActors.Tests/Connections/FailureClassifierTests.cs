using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using McpActors.Connections;
using McpActors.Transports;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using Xunit;

namespace McpActors.Tests.Connections;

/// <summary>The failure table, from the exceptions of the SDK. The tests of each transport show which exceptions it throws.</summary>
public sealed class FailureClassifierTests
{
    [Theory]
    [InlineData(-32700, AttemptOutcome.Rejected, false)]
    [InlineData(-32600, AttemptOutcome.Rejected, false)]
    [InlineData(-32602, AttemptOutcome.Rejected, false)]
    [InlineData(-32601, AttemptOutcome.NotSupported, false)]
    [InlineData(-32020, AttemptOutcome.Rejected, false)]
    [InlineData(-32603, AttemptOutcome.ServerError, true)]
    [InlineData(-32000, AttemptOutcome.ServerError, true)]
    [InlineData(42, AttemptOutcome.ServerError, true)]
    public void Of_a_json_rpc_error(int code, AttemptOutcome outcome, bool failed)
    {
        var result = Classify(new McpProtocolException("Request failed (remote): broken", (McpErrorCode)code));
        Assert.Equal((outcome, failed, code, "broken"), (result.Outcome, result.Failed!.Value, result.Code!.Value, result.Error));
    }

    [Fact]
    public void Invalid_parameters_for_a_tool_the_server_lacks_mean_that_it_lacks_the_tool() =>
        Assert.Equal(
            AttemptOutcome.NotSupported,
            Classify(
                new McpProtocolException("Unknown tool", McpErrorCode.InvalidParams),
                new AttemptFacts(HasSession: false, ToolIsUnknown: true)).Outcome);

    [Fact]
    public void The_servers_error_data_is_kept()
    {
        var exception = new McpProtocolException("broken", McpErrorCode.InternalError);
        exception.Data["field"] = JsonSerializer.SerializeToElement("name");
        Assert.Equal("""{"field":"name"}""", Classify(exception).Data!.Value.GetRawText());
    }

    [Theory]
    [InlineData(400, AttemptOutcome.Rejected, false)]
    [InlineData(413, AttemptOutcome.Rejected, false)]
    [InlineData(401, AttemptOutcome.Refused, true)]
    [InlineData(403, AttemptOutcome.Refused, true)]
    [InlineData(404, AttemptOutcome.Refused, true)]
    [InlineData(405, AttemptOutcome.Refused, true)]
    [InlineData(500, AttemptOutcome.Lost, true)]
    [InlineData(502, AttemptOutcome.Lost, true)]
    [InlineData(504, AttemptOutcome.Lost, true)]
    public void Of_an_http_status(int status, AttemptOutcome outcome, bool failed)
    {
        var result = Classify(new HttpRequestException("no", null, (HttpStatusCode)status));
        Assert.Equal((outcome, failed), (result.Outcome, result.Failed!.Value));
    }

    [Fact]
    public void Too_many_requests_is_a_refusal_that_does_not_count_against_the_circuit()
    {
        var result = Classify(new HttpRefusedException(HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(7)));
        Assert.Equal((AttemptOutcome.Refused, null, TimeSpan.FromSeconds(7)), (result.Outcome, result.Failed, result.RetryAfter!.Value));
    }

    [Fact]
    public void Unavailable_with_retry_after_was_not_run_and_without_it_the_outcome_is_unknown()
    {
        var withRetryAfter = new HttpRefusedException(HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1));
        Assert.Equal(AttemptOutcome.Refused, Classify(withRetryAfter).Outcome);
        Assert.Equal(AttemptOutcome.Lost, Classify(new HttpRefusedException(HttpStatusCode.ServiceUnavailable, null)).Outcome);
    }

    public static TheoryData<Exception> SessionLosses =>
    [
        new HttpRequestException("gone", null, HttpStatusCode.NotFound),
        new McpProtocolException("Bad Request: No valid session ID provided", (McpErrorCode)(-32000)),
        new McpProtocolException("Session not found", (McpErrorCode)(-32001)),
    ];

    [Theory]
    [MemberData(nameof(SessionLosses))]
    public void A_lost_session_is_a_refusal_where_there_was_a_session(Exception exception)
    {
        var lost = Classify(exception, new AttemptFacts(HasSession: true, false));
        Assert.Equal((AttemptOutcome.Refused, AttemptCause.SessionLost, null), (lost.Outcome, lost.Cause, lost.Failed));
        Assert.NotEqual(AttemptCause.SessionLost, Classify(exception).Cause);
    }

    [Fact]
    public void Not_found_with_method_not_found_inside_means_the_method() =>
        Assert.Equal(
            AttemptOutcome.NotSupported,
            Classify(
                new HttpRequestException("""404: {"error":{"code":-32601}}""", null, HttpStatusCode.NotFound),
                new AttemptFacts(HasSession: true, ToolIsUnknown: false)).Outcome);

    [Theory]
    [InlineData(HttpRequestError.ConnectionError)]
    [InlineData(HttpRequestError.NameResolutionError)]
    [InlineData(HttpRequestError.SecureConnectionError)]
    public void A_request_that_never_connected_was_not_sent(HttpRequestError error)
    {
        var result = Classify(new HttpRequestException(error, "refused"));
        Assert.Equal((AttemptOutcome.NotSent, true), (result.Outcome, result.Failed!.Value));
    }

    [Fact]
    public void A_message_that_the_transport_did_not_write_was_not_sent() =>
        Assert.Equal(AttemptOutcome.NotSent, Classify(new MessageNotSentException("closed")).Outcome);

    public static TheoryData<Exception> Losses =>
    [
        new TaskCanceledException(),
        new ClientTransportClosedException(new ClientCompletionDetails()),
        new IOException("reset"),
        new McpException("Streamable HTTP POST response completed without a reply to request with ID: 1"),
        new WebSocketException("aborted"),
        new TimeoutException(),
        new JsonException("nonsense"),
        new HttpRequestException(HttpRequestError.ResponseEnded, "ended"),
        new InvalidOperationException("anything else"),
    ];

    [Theory]
    [MemberData(nameof(Losses))]
    public void Every_exception_without_proof_is_lost(Exception exception)
    {
        var result = Classify(exception);
        Assert.Equal((AttemptOutcome.Lost, true), (result.Outcome, result.Failed!.Value));
    }

    [Fact]
    public void A_result_too_large_is_not_a_failure_of_the_server()
    {
        var tooLarge = new ResultTooLargeException(10);
        foreach (var exception in new Exception[] { tooLarge, new HttpRequestException("copying", tooLarge) })
        {
            var result = Classify(exception);
            Assert.Equal((AttemptOutcome.Lost, AttemptCause.ResultTooLarge, false), (result.Outcome, result.Cause, result.Failed!.Value));
        }
    }

    private static AttemptResult Classify(Exception exception, AttemptFacts facts = default) =>
        FailureClassifier.Classify(exception, facts);
}
