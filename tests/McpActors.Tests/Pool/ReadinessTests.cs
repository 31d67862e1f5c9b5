using System.Runtime.CompilerServices;
using McpActors.Configuration;
using McpActors.Pool;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>The wait for a pool that can serve.</summary>
public sealed class ReadinessTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly ServerInfo Failed =
        new() { Name = "a", Endpoint = "memory://a", Group = "default", Status = ServerStatus.Error, LastError = "connection refused" };

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData("missing", "No server of group missing is connected after 20 s: the group has no servers. The pool's groups: default.")]
    [InlineData(null, "No server of the pool is connected after 20 s. a: Error, connection refused.")]
    public async Task A_wait_ends_with_its_time_limit_and_the_state_of_each_server(string? group, string message)
    {
        var waiting = new Readiness(_ => Task.FromResult(new PoolStatus([Failed], default)), NoEvents, _time)
            .WaitAsync(group, Limit, CancellationToken.None);

        _time.Advance(Limit);

        Assert.Equal(message, (await Assert.ThrowsAsync<TimeoutException>(() => waiting.WaitAsync(PoolHost.Patience))).Message);
    }

    [Fact]
    public async Task A_group_that_the_settings_do_not_have_is_refused_at_once()
    {
        var error = await Assert.ThrowsAsync<McpPoolException>(() => WaitForGroupAsync("missing"));

        Assert.Equal(PoolErrorKind.UnknownGroup, error.Kind);
        Assert.StartsWith(
            "No server of the pool is in the group missing, and its settings have no such group. The pool's groups: files, later.",
            error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("later")]
    [InlineData("default")]
    [InlineData(null)]
    public async Task A_group_of_the_settings_is_waited_for(string? group)
    {
        var waiting = WaitForGroupAsync(group);
        Assert.False(waiting.IsCompleted);

        _time.Advance(Limit);

        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
    }

    [Fact]
    public async Task A_pool_that_does_not_answer_does_not_extend_the_wait()
    {
        var waiting = new Readiness(NeverAsync, NoEvents, _time).WaitAsync(null, Limit, CancellationToken.None);

        _time.Advance(Limit);

        var error = await Assert.ThrowsAsync<TimeoutException>(() => waiting.WaitAsync(PoolHost.Patience));
        Assert.EndsWith("the pool has not answered.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_events_are_subscribed_to_after_the_start_and_before_the_first_status()
    {
        var steps = new List<string>();
        var readiness = new Readiness(
            _ =>
            {
                steps.Add("status");
                return Task.FromResult(new PoolStatus([Failed with { Status = ServerStatus.Connected }], default));
            },
            cancellationToken =>
            {
                steps.Add("subscribe");
                return NoEvents(cancellationToken);
            },
            _time);

        await readiness.WaitAsync(null, Limit, CancellationToken.None, async _ =>
        {
            await Task.Yield();
            steps.Add("start");
        });

        Assert.Equal(["start", "subscribe", "status"], steps);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(60.0 * 24 * 3600)]
    public void A_time_limit_that_no_timer_can_hold_is_refused(double seconds) =>
        Assert.Throws<ArgumentOutOfRangeException>("timeout", () => Readiness.LimitOf(TimeSpan.FromSeconds(seconds)));

    /// <summary>Waits for a group of a pool that has servers only in the group files, and the group later in its settings.</summary>
    private async Task WaitForGroupAsync(string? group)
    {
        var routing = PoolRouting.Of(new PoolSettings { Groups = new Dictionary<string, GroupSettings> { ["later"] = new() } });
        var status = new PoolStatus([Failed with { Group = "files" }], default) { Routing = routing };
        await new Readiness(_ => Task.FromResult(status), NoEvents, _time).WaitAsync(group, Limit, CancellationToken.None)
            .WaitAsync(PoolHost.Patience);
    }

    private static async Task<PoolStatus> NeverAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        throw new InvalidOperationException("unreachable");
    }

    private static async IAsyncEnumerable<PoolEvent> NoEvents([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource();
        await using var registration = cancellationToken.Register(ended.SetResult);
        await ended.Task;
        yield break;
    }
}
