using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Resilience;

/// <summary>Which time-outs say something about a server.</summary>
public sealed class FairTimeTests
{
    [Theory]
    [InlineData(null, 99, false)]
    [InlineData(null, 100, true)]
    [InlineData(5, 19, false)]
    [InlineData(5, 20, true)]
    [InlineData(10_000, 10_999, false)]
    [InlineData(10_000, 11_000, true)]
    [InlineData(0, 0, true)]
    public void It_is_the_usual_time_of_a_success_and_some_more(int? success, int had, bool fair)
    {
        var time = new FairTime();
        for (var i = 0; success is { } milliseconds && i < 3; i++)
            time.Succeeded(TimeSpan.FromMilliseconds(milliseconds));

        Assert.Equal(fair, time.IsFair(TimeSpan.FromMilliseconds(had)));
    }

    [Theory]
    [InlineData(AttemptOutcome.Succeeded, true)]
    [InlineData(AttemptOutcome.ToolError, true)]
    [InlineData(AttemptOutcome.ServerError, false)]
    [InlineData(AttemptOutcome.Rejected, false)]
    [InlineData(AttemptOutcome.Refused, false)]
    public void Only_the_time_of_a_result_is_a_usual_time(AttemptOutcome outcome, bool isUsual)
    {
        var time = new FairTime();

        Assert.False(time.FailureOf(new AttemptResult(outcome) { Failed = false }, TimeSpan.FromSeconds(10)));

        Assert.Equal(!isUsual, time.IsFair(TimeSpan.FromMilliseconds(100)));
    }

    [Fact]
    public void It_follows_the_server()
    {
        var time = new FairTime();
        time.Succeeded(TimeSpan.FromSeconds(10));
        for (var i = 0; i < 100; i++)
            time.Succeeded(TimeSpan.FromMilliseconds(10));

        Assert.True(time.IsFair(TimeSpan.FromMilliseconds(50)));
    }
}
