using CsCheck;
using McpActors.Configuration;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Resilience;

public sealed class RetryBudgetTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(10_000, 10)]
    [InlineData(1_000, 60)]
    [InlineData(0, 5)]
    public void Allows_a_fifth_of_the_calls_and_ten_a_second(int calls, int seconds)
    {
        var budget = new RetryBudget(new RetryBudgetSettings());
        var granted = 0;
        // Four requests for an extra attempt per call, evenly over the time.
        for (var i = 0; i < Math.Max(calls, 1000); i++)
        {
            var now = Start + (TimeSpan.FromSeconds(seconds) * ((double)i / Math.Max(calls, 1000)));
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
    public void Calls_outside_the_window_allow_nothing()
    {
        var budget = new RetryBudget(new RetryBudgetSettings { MinPerSecond = 0 });
        for (var i = 0; i < 100; i++)
            budget.Deposit(Start);
        Assert.True(budget.TryWithdraw(Start + TimeSpan.FromSeconds(9)));
        Assert.False(budget.TryWithdraw(Start + TimeSpan.FromSeconds(11)));
    }

    private enum Step
    {
        Call,
        TryAgain,
        WaitALittle,
        WaitASecond,
        WaitLong,
    }

    private static readonly Gen<Step[]> Steps = Gen.Frequency(
        (10, Gen.Const(Step.Call)),
        (10, Gen.Const(Step.TryAgain)),
        (3, Gen.Const(Step.WaitALittle)),
        (2, Gen.Const(Step.WaitASecond)),
        (1, Gen.Const(Step.WaitLong))).Array[0, 300];

    [Fact]
    public void Does_what_two_lists_and_a_bucket_do_under_any_interleaving() =>
        Property.Holds(Gen.Select(Steps, Gen.Int[0, 10], Gen.Int[0, 3]), sample =>
        {
            var (steps, tenths, perSecond) = sample;
            var settings = new RetryBudgetSettings { Ratio = tenths / 10.0, MinPerSecond = perSecond };
            var budget = new RetryBudget(settings);
            var (calls, shared) = (new List<DateTimeOffset>(), new List<DateTimeOffset>());
            var (now, bucket, all) = (Start, (double)perSecond, 0);
            foreach (var step in steps)
            {
                switch (step)
                {
                    case Step.Call:
                        budget.Deposit(now);
                        calls.Add(now);
                        break;
                    case Step.TryAgain:
                        var inShare = shared.Count(IsRecent) + 1 <= settings.Ratio * calls.Count(IsRecent);
                        var inBucket = bucket >= 1;
                        Assert.Equal(inShare || inBucket, budget.TryWithdraw(now));
                        all += inShare || inBucket ? 1 : 0;
                        if (inShare)
                            shared.Add(now);
                        else if (inBucket)
                            bucket--;
                        break;
                    default:
                        // Binary fractions of a second: the bucket's sums are exact.
                        var wait = step switch { Step.WaitALittle => 0.25, Step.WaitASecond => 1, _ => 7 };
                        now += TimeSpan.FromSeconds(wait);
                        bucket = Math.Min(perSecond, bucket + (perSecond * wait));
                        break;
                }
            }
            Assert.InRange(all, 0, (settings.Ratio * calls.Count) + (perSecond * ((now - Start).TotalSeconds + 1)));

            bool IsRecent(DateTimeOffset at) => Second(at) > Second(now) - 10;
            static double Second(DateTimeOffset at) => Math.Floor((at - Start).TotalSeconds);
        });
}
