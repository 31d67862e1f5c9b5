using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Calls;

/// <summary>The words of errors, with what the servers and connections say in them.</summary>
public sealed class CallErrorSpecs : RouterSpec
{
    [Theory]
    [InlineData(
        true,
        "HTTP 500: out of memory",
        "a answered HTTP 500: out of memory, which does not say whether the call ran; it was not sent again. "
            + "Check on a whether it ran before you repeat it.")]
    [InlineData(
        false,
        "HTTP 500 is what the log of the proxy says.",
        "The call was sent to a and the answer was lost: HTTP 500 is what the log of the proxy says. "
            + "It may or may not have run, so it was not sent again. Find out before you repeat it.")]
    public async Task A_lost_answer(bool isStatus, string error, string message) => Assert.Equal(
        (PoolErrorKind.OutcomeUnknown, message), await ErrorOfAsync(AttemptResult.Lost(error) with { IsStatus = isStatus }));

    [Theory]
    [InlineData("the answer has 9 bytes.", "the answer has 9 bytes")]
    [InlineData("the result cannot be read: bad", "the result cannot be read: bad")]
    public async Task A_dropped_answer(string error, string within) => Assert.Equal(
        (PoolErrorKind.OutcomeUnknown, $"a ran the call, but {within}."),
        await ErrorOfAsync(AttemptResult.AnswerDropped(AttemptCause.ResultUnreadable, error)));

    [Fact]
    public async Task A_full_stop_of_a_server_is_not_doubled()
    {
        var (_, message) = await ErrorOfAsync(AttemptResult.NotSent(AttemptCause.ConnectFailed, "it does not speak '2026-07-28'."));

        Assert.DoesNotContain("..", message, StringComparison.Ordinal);
        Assert.EndsWith("it does not speak '2026-07-28'.", message, StringComparison.Ordinal);
    }

    private async Task<(PoolErrorKind Kind, string Message)> ErrorOfAsync(AttemptResult result)
    {
        Start("a");
        Call(new CallTool("t"));
        await AnswerAsync("a", result);
        var error = await FailureAsync();
        return (error.Kind, error.Message);
    }
}
