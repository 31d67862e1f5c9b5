using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Calls;

/// <summary>The time of a call and of its attempts.</summary>
public sealed class DeadlineSpecs : RouterSpec
{
    [Fact]
    public async Task At_its_deadline_an_unsafe_call_is_cancelled_and_its_outcome_unknown()
    {
        Start("a", "b");
        Call(new CallTool("pay", null, new CallOptions { Timeout = TimeSpan.FromSeconds(2) }));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        Pass(TimeSpan.FromSeconds(2.1));
        Assert.Equal(new CancelAttempt(attempt.Id, CancelReason.Deadline), await Circuits["a"].ExpectMsgAsync<CancelAttempt>());
        Circuits["a"].Reply(new AttemptEnded(attempt.Id, AttemptResult.Lost("no answer", AttemptCause.TimedOut)));

        Assert.Equal(PoolErrorKind.OutcomeUnknown, (await FailureAsync()).Kind);
    }

    [Fact]
    public async Task A_safe_call_that_hangs_gets_half_the_time_and_is_saved_by_the_next_server()
    {
        Start("a", "b");
        Call(new CallTool("read", null, Vouched with { Timeout = TimeSpan.FromSeconds(10) }));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Assert.Equal(Now + TimeSpan.FromSeconds(5), attempt.Deadline);

        Pass(TimeSpan.FromSeconds(5.1));
        await Circuits["a"].ExpectMsgAsync<CancelAttempt>();
        Circuits["a"].Reply(new AttemptEnded(attempt.Id, AttemptResult.Lost("no answer", AttemptCause.TimedOut)));
        await AnswerAsync("b", Success("b"));

        Assert.Equal("b", (await Caller.ExpectMsgAsync<CallCompleted>()).Server);
    }

    [Fact]
    public async Task A_second_attempt_leaves_time_for_a_third_even_when_the_first_server_has_become_unavailable()
    {
        Start("a", "b", "c");
        Call(new CallTool("read", null, Vouched with { Timeout = TimeSpan.FromSeconds(10) }));
        var first = await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        Report("a", Connected with { Circuit = CircuitState.Open });
        Circuits["a"].Reply(new AttemptEnded(first.Id, AttemptResult.Lost("the connection broke")));

        Assert.Equal(Now + TimeSpan.FromSeconds(5), (await Circuits["b"].ExpectMsgAsync<StartAttempt>()).Deadline);
    }

    [Fact]
    public async Task A_safe_call_without_an_answer_at_its_deadline_has_exceeded_it()
    {
        Start("a");
        Call(new CallTool("read", null, Vouched with { Timeout = TimeSpan.FromSeconds(1) }));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Pass(TimeSpan.FromSeconds(1.1));
        await Circuits["a"].ExpectMsgAsync<CancelAttempt>();
        Circuits["a"].Reply(new AttemptEnded(attempt.Id, AttemptResult.Lost("no answer", AttemptCause.TimedOut)));

        Assert.Equal(PoolErrorKind.DeadlineExceeded, (await FailureAsync()).Kind);
    }

    [Fact]
    public async Task A_circuit_that_never_answers_a_cancel_does_not_hold_the_caller()
    {
        Start("a");
        Call(new CallTool("pay", null, new CallOptions { Timeout = TimeSpan.FromSeconds(1) }));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();

        Pass(TimeSpan.FromSeconds(1.1));
        await Circuits["a"].ExpectMsgAsync<CancelAttempt>();
        await HandledAsync(Router);
        Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(PoolErrorKind.OutcomeUnknown, (await FailureAsync()).Kind);
        Assert.Equal(new ForgetAttempt(attempt.Id), await Circuits["a"].ExpectMsgAsync<ForgetAttempt>());
    }
}
