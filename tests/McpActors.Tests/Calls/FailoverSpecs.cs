using McpActors.Connections;
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

        var error = (await Caller.ExpectMsgAsync<CallFailed>()).Error;
        Assert.Equal((PoolErrorKind.Rejected, -32602), (error.Kind, error.Code!.Value));
        Assert.Contains("bad argument", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_third_attempt_waits_for_its_jitter()
    {
        Start("a", "b", "c");
        Call(new CallTool("t"));
        await AnswerAsync("a", ServerError());
        await AnswerAsync("b", ServerError());
        await HandledAsync(Router);

        await Circuits["c"].ExpectNoMsgAsync(TimeSpan.Zero);
        Pass(TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(20));

        await AnswerAsync("c", Success("c"));
        Assert.Equal("c", (await Caller.ExpectMsgAsync<CallCompleted>()).Server);
    }

    [Fact]
    public async Task When_every_server_failed_the_error_names_each_attempt()
    {
        Start("a", "b");
        Call(new CallTool("t"));
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
