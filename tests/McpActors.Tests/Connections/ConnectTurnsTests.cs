using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Connections;

public sealed class ConnectTurnsTests
{
    [Theory]
    [InlineData(0, 16, 2000)]
    [InlineData(79, 16, 2000)]
    [InlineData(159, 16, 1000)]
    [InlineData(639, 16, 250)]
    [InlineData(9999, 16, 16)]
    [InlineData(0, 1, 2000)]
    [InlineData(9, 1, 1000)]
    public void A_turn_is_shorter_while_many_wait(int waiting, int places, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), ConnectTurns.TurnWhile(waiting, places));

    [Theory]
    [InlineData(640, 35)]
    [InlineData(10_000, 65)]
    public void Servers_that_all_hang_delay_the_last_one_by_about_a_minute_at_most(int servers, int seconds)
    {
        const int places = 16;
        var time = TimeSpan.Zero;
        for (var waiting = servers - places; waiting > 0; waiting -= places)
            time += ConnectTurns.TurnWhile(waiting, places);

        Assert.InRange(time.TotalSeconds, 1, seconds);
    }

    [Fact]
    public async Task Servers_that_failed_wait_behind_those_that_did_not()
    {
        var turns = new ConnectTurns(1);
        await turns.EnterAsync(hasFailed: false, CancellationToken.None);
        var failed = turns.EnterAsync(hasFailed: true, CancellationToken.None);
        var first = turns.EnterAsync(hasFailed: false, CancellationToken.None);
        var second = turns.EnterAsync(hasFailed: false, CancellationToken.None);

        foreach (var (next, others) in new[] { (first, new[] { second, failed }), (second, [failed]), (failed, []) })
        {
            turns.Leave();
            await next.WaitAsync(PoolHost.Patience);
            Assert.All(others, other => Assert.False(other.IsCompleted));
        }
    }

    [Fact]
    public async Task One_that_gives_up_takes_no_place()
    {
        var turns = new ConnectTurns(1);
        await turns.EnterAsync(hasFailed: false, CancellationToken.None);
        using var cancellation = new CancellationTokenSource();
        var given = turns.EnterAsync(hasFailed: false, cancellation.Token);
        var next = turns.EnterAsync(hasFailed: false, CancellationToken.None);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        turns.Leave();

        await next.WaitAsync(PoolHost.Patience);
        turns.Leave();
        await turns.EnterAsync(hasFailed: false, CancellationToken.None).WaitAsync(PoolHost.Patience);
    }
}
