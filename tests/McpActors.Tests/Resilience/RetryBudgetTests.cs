using McpActors.Configuration;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Resilience;

public sealed class RetryBudgetTests
{
    private readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(10_000, 10)]
    [InlineData(1_000, 60)]
    [InlineData(0, 5)]
    public void Allows_a_fifth_of_the_calls_and_ten_a_second(int calls, int seconds)
    {
        var budget = new RetryBudget(new RetryBudgetSettings());
        var granted = 0;
        // Four who want an extra attempt for each call, evenly over the time.
        for (var i = 0; i < Math.Max(calls, 1000); i++)
        {
            var now = _start + (TimeSpan.FromSeconds(seconds) * ((double)i / Math.Max(calls, 1000)));
            if (i < calls)
                budget.Deposit(now);
            for (var want = 0; want < 4; want++)
            {
                if (budget.TryWithdraw(now))
                    granted++;
            }
        }
        var allowed = (0.2 * calls) + (10 * seconds) + 10;
        Assert.InRange(granted, allowed * 0.9 - 10, allowed);
    }

    [Fact]
    public void Calls_of_long_ago_allow_nothing()
    {
        var budget = new RetryBudget(new RetryBudgetSettings { MinPerSecond = 0 });
        for (var i = 0; i < 100; i++)
            budget.Deposit(_start);
        Assert.True(budget.TryWithdraw(_start + TimeSpan.FromSeconds(9)));
        Assert.False(budget.TryWithdraw(_start + TimeSpan.FromSeconds(11)));
    }
}
