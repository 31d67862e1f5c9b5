using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Connections;

public sealed class AttemptResultTests
{
    [Theory]
    [InlineData(CancelReason.Caller, AttemptOutcome.Cancelled, AttemptCause.None, "cancelled by the caller")]
    [InlineData(CancelReason.Deadline, AttemptOutcome.NotSent, AttemptCause.TimedOut, "no place in time")]
    public void An_attempt_given_up_before_it_was_sent_counts_neither_as_success_nor_as_failure(
        object reason, object outcome, object cause, string error)
    {
        var result = AttemptResult.GivenUp((CancelReason)reason, "no place in time");
        Assert.Equal(
            ((AttemptOutcome)outcome, (AttemptCause)cause, error, null),
            (result.Outcome, result.Cause, result.Error, result.Failed));
    }
}
