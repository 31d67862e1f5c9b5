using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using McpActors.Connections;
using McpActors.Transports;
using McpActors.Transports.Http;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
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
    [InlineData(-32002, AttemptOutcome.NotSupported, false)]
    [InlineData(-32020, AttemptOutcome.Rejected, false)]
    [InlineData(-32022, AttemptOutcome.Rejected, false)]
    [InlineData(-32023, AttemptOutcome.ServerError, true)]
    [InlineData(-32019, AttemptOutcome.ServerError, true)]
    [InlineData(-32603, AttemptOutcome.ServerError, true)]
    [InlineData(-32000, AttemptOutcome.ServerError, true)]
    [InlineData(42, AttemptOutcome.ServerError, true)]
    public void Of_a_json_rpc_error(int code, AttemptOutcome outcome, bool failed)
    {
        var result = Classify(new McpProtocolException("Request failed (remote): broken", (McpErrorCode)code));
        Assert.Equal((outcome, failed, code, "broken"), (result.Outcome, result.Failed!.Value, result.Code!.Value, result.Error));
    }

    [Fact]
    public void Invalid_parameters_for_what_the_server_does_not_offer_mean_that_it_lacks_it() =>
        Assert.Equal(
            AttemptOutcome.NotSupported,
            Classify(
                new McpProtocolException("Unknown tool", McpErrorCode.InvalidParams),
                new AttemptFacts(IsNotOffered: true)).Outcome);

    [Theory]
    [InlineData(400, AttemptOutcome.Rejected, false)]
    [InlineData(413, AttemptOutcome.Rejected, false)]
    [InlineData(414, AttemptOutcome.Rejected, false)]
    [InlineData(415, AttemptOutcome.Rejected, false)]
    [InlineData(422, AttemptOutcome.Rejected, false)]
    [InlineData(401, AttemptOutcome.Refused, true)]
    [InlineData(403, AttemptOutcome.Refused, true)]
    [InlineData(404, AttemptOutcome.Refused, true)]
    [InlineData(405, AttemptOutcome.Refused, true)]
    [InlineData(499, AttemptOutcome.Refused, true)]
    [InlineData(301, AttemptOutcome.Refused, true)]
    [InlineData(307, AttemptOutcome.Refused, true)]
    [InlineData(308, AttemptOutcome.Refused, true)]
    [InlineData(300, AttemptOutcome.Lost, true)]
    [InlineData(302, AttemptOutcome.Lost, true)]
    [InlineData(303, AttemptOutcome.Lost, true)]
    [InlineData(304, AttemptOutcome.Lost, true)]
    [InlineData(408, AttemptOutcome.Lost, true)]
    [InlineData(500, AttemptOutcome.Lost, true)]
    [InlineData(502, AttemptOutcome.Lost, true)]
    [InlineData(504, AttemptOutcome.Lost, true)]
    public void Of_an_http_status(int status, AttemptOutcome outcome, bool failed)
    {
        foreach (var exception in new[]
        {
            new HttpRequestException("no", null, (HttpStatusCode)status),
            new HttpErrorException((HttpStatusCode)status, "no", error: null, hadSession: false),
        })
        {
            var result = Classify(exception);
            Assert.Equal((outcome, failed, exception.Message), (result.Outcome, result.Failed!.Value, result.Error));
            Assert.Equal(status is 401 or 403 ? AttemptCause.Unauthorized : AttemptCause.None, result.Cause);
            Assert.Equal(outcome == AttemptOutcome.Lost, result.IsStatus);
        }
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
        Assert.Equal((AttemptOutcome.Refused, true), (Classify(withRetryAfter).Outcome, Classify(withRetryAfter).Failed!.Value));
        var bare = Classify(new HttpRefusedException(HttpStatusCode.ServiceUnavailable, null));
        Assert.Equal((AttemptOutcome.Lost, true), (bare.Outcome, bare.IsStatus));
    }

    [Theory]
    [InlineData(400, -32601, AttemptOutcome.NotSupported)]
    [InlineData(400, -32602, AttemptOutcome.Rejected)]
    [InlineData(400, -32000, AttemptOutcome.Rejected)]
    [InlineData(404, -32601, AttemptOutcome.NotSupported)]
    [InlineData(404, -32002, AttemptOutcome.NotSupported)]
    [InlineData(404, -32602, AttemptOutcome.Rejected)]
    [InlineData(404, -32000, AttemptOutcome.ServerError)]
    [InlineData(422, -32000, AttemptOutcome.Rejected)]
    [InlineData(401, -32602, AttemptOutcome.Refused)]
    [InlineData(403, -32602, AttemptOutcome.Refused)]
    [InlineData(429, -32602, AttemptOutcome.Refused)]
    [InlineData(408, -32602, AttemptOutcome.Lost)]
    [InlineData(500, -32602, AttemptOutcome.Lost)]
    public void Of_an_http_status_with_a_json_rpc_error(int status, int code, AttemptOutcome outcome)
    {
        var data = JsonSerializer.SerializeToElement("why");
        var error = new JsonRpcErrorDetail { Code = code, Message = "no", Data = data };
        var result = Classify(new HttpErrorException((HttpStatusCode)status, "no", error, hadSession: false));

        Assert.Equal((outcome, $"HTTP {status}: no"), (result.Outcome, result.Error));
        var byCode = outcome is AttemptOutcome.NotSupported or AttemptOutcome.Rejected or AttemptOutcome.ServerError;
        Assert.Equal((byCode ? code : (int?)null, byCode ? "why" : null), (result.Code, result.Data?.GetString()));
    }

    [Fact]
    public void An_http_error_too_shows_that_a_tool_is_not_offered()
    {
        var error = new JsonRpcErrorDetail { Code = -32602, Message = "Unknown tool" };
        Assert.Equal(
            AttemptOutcome.NotSupported,
            Classify(new HttpErrorException(HttpStatusCode.BadRequest, "Unknown tool", error, false), new AttemptFacts(true)).Outcome);
    }

    [Theory]
    [InlineData(HttpRequestError.ConnectionError)]
    [InlineData(HttpRequestError.NameResolutionError)]
    [InlineData(HttpRequestError.SecureConnectionError)]
    [InlineData(HttpRequestError.ProxyTunnelError)]
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
    public void The_end_of_the_connection_is_distinguished_from_the_loss_of_one_answer()
    {
        Assert.Equal(AttemptCause.ConnectionLost, Classify(new ClientTransportClosedException(new ClientCompletionDetails())).Cause);
        Assert.Equal(AttemptCause.ConnectionLost, Classify(new TaskCanceledException()).Cause);
        Assert.Equal(AttemptCause.None, Classify(new IOException("reset")).Cause);
    }

    [Fact]
    public void The_words_of_a_failure_hold_its_causes_each_once()
    {
        var refused = new IOException("connection refused");
        var failure = new HttpRequestException("failed to connect", new IOException("failed to connect.", refused));

        Assert.Equal("failed to connect: connection refused", FailureClassifier.Words(failure));
    }

    [Fact]
    public void A_result_too_large_is_an_answer_and_no_failure_of_the_server()
    {
        var tooLarge = new ResultTooLargeException(10);
        foreach (var exception in new Exception[] { tooLarge, new HttpRequestException("copying", tooLarge) })
            AssertDropped(AttemptCause.ResultTooLarge, Classify(exception));
    }

    [Theory]
    [InlineData(MessageLimits.TooLarge, AttemptCause.ResultTooLarge)]
    [InlineData(StandIn.Unreadable, AttemptCause.ResultUnreadable)]
    public void A_stand_in_is_not_mistaken_for_a_servers_own_error_of_its_code(int code, object cause)
    {
        AssertDropped((AttemptCause)cause, Classify(Remote(StandIn.For(new RequestId(1), code, "dropped").Error)));

        var own = Classify(Remote(new JsonRpcErrorDetail { Code = code, Message = "my own code" }));
        Assert.Equal((AttemptOutcome.ServerError, AttemptCause.None, true, code), (own.Outcome, own.Cause, own.Failed, own.Code));
        var withData = Classify(Remote(new JsonRpcErrorDetail
        {
            Code = code,
            Message = "with data of its own",
            Data = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["mcp-actors/answer-dropped"] = "no" }),
        }));
        Assert.Equal((AttemptOutcome.ServerError, AttemptCause.None), (withData.Outcome, withData.Cause));
    }

    [Fact]
    public void A_request_that_is_too_large_is_wrong_on_every_server_and_no_failure_of_this_one()
    {
        var result = Classify(new RequestTooLargeException("too large"));
        Assert.Equal(
            (AttemptOutcome.Rejected, AttemptCause.Unwritable, null, "too large"),
            (result.Outcome, result.Cause, result.Failed, result.Error));
    }

    public static TheoryData<Exception, bool> Answers => new()
    {
        { new McpProtocolException("no", McpErrorCode.InternalError), true },
        { new HttpErrorException(HttpStatusCode.Unauthorized, "", null, false), true },
        { new HttpErrorException(HttpStatusCode.NotFound, "", null, false), true },
        { new HttpRefusedException(HttpStatusCode.TooManyRequests, null), true },
        { new HttpRefusedException(HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1)), true },
        { new HttpRefusedException(HttpStatusCode.ServiceUnavailable, null), false },
        { new HttpErrorException(HttpStatusCode.Forbidden, "", null, hadSession: true), false },
        { new HttpErrorException(HttpStatusCode.Forbidden, "no", new JsonRpcErrorDetail { Code = -32000, Message = "no" }, true), true },
        { new HttpErrorException(HttpStatusCode.BadGateway, "no", new JsonRpcErrorDetail { Code = -32000, Message = "no" }, true), false },
        { new HttpErrorException((HttpStatusCode)499, "", null, false), true },
        { new HttpErrorException(HttpStatusCode.InternalServerError, "", null, false), false },
        { new HttpErrorException(HttpStatusCode.BadGateway, "", null, false), false },
        { new HttpErrorException(HttpStatusCode.GatewayTimeout, "", null, false), false },
        { new HttpRequestException(HttpRequestError.ConnectionError, "refused"), false },
        { new UnreadableAnswerException("a page"), true },
        { new TimeoutException(), false },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_error_or_a_status_below_500_is_an_answer_unless_it_may_be_about_the_session(Exception failure, bool isAnswer) =>
        Assert.Equal(isAnswer, FailureClassifier.IsAnswer(failure));

    [Fact]
    public void The_code_of_an_error_is_found_in_an_http_error_too()
    {
        var error = new JsonRpcErrorDetail { Code = -32601, Message = "no" };
        Assert.Equal(-32601, FailureClassifier.CodeOf(new McpProtocolException("no", McpErrorCode.MethodNotFound)));
        Assert.Equal(-32601, FailureClassifier.CodeOf(new HttpErrorException(HttpStatusCode.NotFound, "no", error, hadSession: false)));
        Assert.Null(FailureClassifier.CodeOf(new HttpErrorException(HttpStatusCode.NotFound, "no", error: null, hadSession: false)));
        Assert.Null(FailureClassifier.CodeOf(new IOException("reset")));
    }

    private static void AssertDropped(AttemptCause cause, AttemptResult result) => Assert.Equal(
        (AttemptOutcome.ServerError, cause, false, true), (result.Outcome, result.Cause, result.Failed!.Value, result.IsAnswerDropped));

    // As the SDK reports an error with these properties.
    private static McpProtocolException Remote(JsonRpcErrorDetail error)
    {
        var exception = new McpProtocolException($"Request failed (remote): {error.Message}", (McpErrorCode)error.Code);
        if (error.Data is JsonElement data)
        {
            foreach (var property in data.EnumerateObject())
                exception.Data[property.Name] = property.Value.ValueKind == JsonValueKind.True ? true : property.Value.GetString();
        }
        return exception;
    }

    private static AttemptResult Classify(Exception exception, AttemptFacts facts = default) =>
        FailureClassifier.Classify(exception, facts);
}
