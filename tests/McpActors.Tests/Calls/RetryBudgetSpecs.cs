using McpActors.Configuration;
using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Calls;

/// <summary>The calls that pay for retries.</summary>
public sealed class RetryBudgetSpecs : RouterSpec
{
    [Fact]
    public async Task Calls_that_are_refused_pay_for_no_retry()
    {
        Start(
            new PoolSettings { RetryBudget = new RetryBudgetSettings { Ratio = 1, MinPerSecond = 0 } },
            new ServerSettings { Name = "a", Priority = 1 },
            new ServerSettings { Name = "b", Priority = 2 },
            new ServerSettings { Name = "c", Priority = 3 });
        for (var i = 0; i < 10; i++)
        {
            Call(new CallTool(""));
            Assert.Equal(PoolErrorKind.InvalidRequest, (await FailureAsync()).Kind);
        }

        Call(new CallTool("read", null, Vouched with { Mode = CallMode.Failover }));
        await AnswerAsync("a", AttemptResult.Lost("the connection broke"));
        await AnswerAsync("b", AttemptResult.Lost("the connection broke"));

        Assert.Contains("retry-budget", (await FailureAsync()).Message, StringComparison.Ordinal);
    }
}
