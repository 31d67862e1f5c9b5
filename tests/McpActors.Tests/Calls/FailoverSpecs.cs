using System.Text.Json;
using McpActors.Connections;
using McpActors.Tests.Balancing;
using Xunit;

namespace McpActors.Tests.Calls;

/// <summary>After a failed attempt: the next server, or an error.</summary>
public sealed class FailoverSpecs : RouterSpec
{
    [Fact]
    public async Task An_unsafe_call_whose_answer_was_lost_is_not_sent_again()
    {
        Start("a", "b");
        Call(new CallTool("pay"));

        await AnswerAsync("a", AttemptResult.Lost("the connection broke"));

        var failed = await Caller.ExpectMsgAsync<CallFailed>();
        Assert.Equal(PoolErrorKind.OutcomeUnknown, failed.Error.Kind);
        Assert.Equal("a", failed.Error.Server);
        await Circuits["b"].ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_safe_call_whose_answer_was_lost_goes_to_the_next_server_at_once()
    {
        Start("a", "b");
        Call(new CallTool("read", null, Vouched));

        await AnswerAsync("a", AttemptResult.Lost("the connection broke"));
        await AnswerAsync("b", Success("b"));

        var completed = await Caller.ExpectMsgAsync<CallCompleted>();
        Assert.Equal("b", completed.Server);
        Assert.Equal([AttemptOutcome.Lost, AttemptOutcome.Succeeded], completed.Attempts.Select(a => a.Outcome));
        var failedOver = await Pool.FishForMessageAsync<CallFailedOver>(_ => true);
        Assert.Equal(("a", "b", AttemptOutcome.Lost), (failedOver.From, failedOver.To, failedOver.Outcome));
    }

    [Fact]
    public async Task An_unsafe_call_that_was_not_sent_moves_to_the_next_server()
    {
        Start("a", "b");
        Call(new CallTool("pay"));

        await AnswerAsync("a", AttemptResult.NotSent(AttemptCause.NotConnected, "not connected"));
        await AnswerAsync("b", Success("b"));

        Assert.Equal("b", (await Caller.ExpectMsgAsync<CallCompleted>()).Server);
    }

    [Fact]
    public async Task A_rejected_request_is_not_tried_elsewhere()
    {
        Start("a", "b");
        Call(new CallTool("t"));

        await AnswerAsync("a", new AttemptResult(AttemptOutcome.Rejected) { Code = -32602, Error = "bad argument" });

        var error = await FailureAsync();
        Assert.Equal((PoolErrorKind.Rejected, -32602), (error.Kind, error.Code!.Value));
        Assert.Contains("bad argument", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unsafe_call_that_ended_with_an_error_is_not_sent_again()
    {
        Start("a", "b");
        Call(new CallTool("pay"));

        await AnswerAsync("a", ServerError("the receipt could not be printed"));

        var failed = await Caller.ExpectMsgAsync<CallFailed>();
        Assert.Equal((PoolErrorKind.ServerError, "a", -32000), (failed.Error.Kind, failed.Error.Server, failed.Error.Code!.Value));
        await Circuits["b"].ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task An_unsafe_call_moves_after_an_error_when_its_caller_asks_for_failover()
    {
        Start("a", "b");
        Call(new CallTool("pay", null, new CallOptions { Mode = CallMode.Failover }));

        await AnswerAsync("a", ServerError());
        await AnswerAsync("b", Success("b"));

        Assert.Equal("b", (await Caller.ExpectMsgAsync<CallCompleted>()).Server);
    }

    [Theory]
    [InlineData(AttemptOutcome.NotSent)]
    [InlineData(AttemptOutcome.Refused)]
    [InlineData(AttemptOutcome.Rejected)]
    [InlineData(AttemptOutcome.ServerError)]
    public async Task Once_an_unsafe_call_may_have_run_its_outcome_is_unknown_whatever_ends_it(AttemptOutcome last)
    {
        Start("a", "b");
        Call(new CallTool("pay", null, new CallOptions { Mode = CallMode.Failover }));

        await AnswerAsync("a", ServerError());
        await AnswerAsync("b", new AttemptResult(last) { Error = "the second problem" });

        var error = await FailureAsync();
        Assert.Equal((PoolErrorKind.OutcomeUnknown, true), (error.Kind, error.MayHaveRun));
        Assert.Contains("the second problem", error.Message, StringComparison.Ordinal);
        Assert.Contains("Find out before you repeat it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_outcome_has_nothing_of_the_error_that_it_replaces()
    {
        Start("a", "b");
        Call(new CallTool("pay", null, new CallOptions { Mode = CallMode.Failover }));

        await AnswerAsync("a", ServerError());
        await AnswerAsync("b", new AttemptResult(AttemptOutcome.Refused)
        {
            Cause = AttemptCause.Overloaded,
            Error = "busy",
            Code = -32000,
            Data = JsonElement.Parse("{}"),
            RetryAfter = TimeSpan.FromSeconds(1),
        });

        var error = await FailureAsync();
        Assert.Equal(PoolErrorKind.OutcomeUnknown, error.Kind);
        Assert.Equal((null, null, null, 0), (error.Code, error.Data, error.RetryAfter, error.Servers.Count));
    }

    [Fact]
    public async Task At_its_deadline_an_unsafe_call_that_may_have_run_and_waits_for_its_next_attempt_is_not_called_safe()
    {
        Start("a", "b", "c");
        Call(new CallTool("pay", null, new CallOptions { Mode = CallMode.Failover, Timeout = TimeSpan.FromMilliseconds(20) }));
        await AnswerAsync("a", ServerError());
        await AnswerAsync("b", AttemptResult.NotSent(AttemptCause.NotConnected, "not connected"));
        await HandledAsync(Router);

        Pass(TimeSpan.FromMilliseconds(40), TimeSpan.FromMilliseconds(20));

        var error = await FailureAsync();
        Assert.Equal((PoolErrorKind.OutcomeUnknown, true), (error.Kind, error.MayHaveRun));
        Assert.DoesNotContain("is safe", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_third_attempt_waits_for_its_jitter()
    {
        Start("a", "b", "c");
        Call(new CallTool("t", null, Vouched));
        await AnswerAsync("a", ServerError());
        await AnswerAsync("b", ServerError());
        await HandledAsync(Router);

        await Circuits["c"].ExpectNoMsgAsync(TimeSpan.Zero);
        Pass(TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(20));

        await AnswerAsync("c", Success("c"));
        Assert.Equal("c", (await Caller.ExpectMsgAsync<CallCompleted>()).Server);
    }

    [Fact]
    public async Task A_server_chosen_after_a_wait_is_known_to_have_what_the_last_one_did_not_support()
    {
        Start("a", "b", "c", "d");
        var known = Connected with { Connection = Connected.Connection with { Catalogue = Catalogues.WithTool("t") } };
        Call(new CallTool("t", null, Vouched));
        await AnswerAsync("a", ServerError());
        Report("c", known);
        await AnswerAsync("b", new AttemptResult(AttemptOutcome.NotSupported) { Error = "no such tool" });
        await HandledAsync(Router);

        Report("c", known with { Circuit = CircuitState.Isolated });
        await HandledAsync(Router);
        Pass(TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(20));

        Assert.Equal(PoolErrorKind.AllServersFailed, (await FailureAsync()).Kind);
        await Circuits["d"].ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task When_every_server_failed_the_error_names_each_attempt()
    {
        Start("a", "b");
        Call(new CallTool("t", null, Vouched));
        await AnswerAsync("a", ServerError("first"));
        await AnswerAsync("b", ServerError("second"));

        var failed = await Caller.ExpectMsgAsync<CallFailed>();
        Assert.Equal(PoolErrorKind.AllServersFailed, failed.Error.Kind);
        Assert.Equal(["first", "second"], failed.Attempts.Select(a => a.Error));
    }

    [Fact]
    public async Task A_pinned_call_never_moves()
    {
        Start("a", "b");
        Call(new CallTool("t", null, new CallOptions { Server = "b" }));

        await AnswerAsync("b", ServerError("broken"));

        var failed = await Caller.ExpectMsgAsync<CallFailed>();
        Assert.Equal(PoolErrorKind.ServerError, failed.Error.Kind);
        Assert.Single(failed.Attempts);
    }
}
