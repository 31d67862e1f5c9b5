using System.Collections.Concurrent;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Transports;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace McpActors.Tests.Connections;

/// <summary>How long the requests in flight of a lost session are awaited.</summary>
public sealed class SettlingSpecs : VirtualTimeSpec
{
    private readonly MemoryServers _memory = new();
    private readonly PoolTime _time = new();

    [Fact]
    public async Task The_time_to_be_refused_is_that_of_the_pool()
    {
        _memory.Add("s").Tool("wait", async (_, cancellation) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
            return null;
        });
        var (server, pool) = (new ServerSettings { Name = "s", Uri = new Uri("memory://s") }, new PoolSettings());
        var connector = new Connector(pool, new TransportFactory(_memory, pool, null), null, _time);
        var connection = await connector.OpenAsync(
            new Opening(server, new CurrentRedactor(), null, _ => { }, HasFailed: false), CancellationToken.None);
        var runner = new AttemptRunner(server, pool, _time, TestActor, (_, _) => { }, _ => { }, new PingMemory(), new CurrentRedactor());
        var call = new CallRequest("tools/call", "wait", null, Wrap: true);
        runner.Start(connection, new StartAttempt(1, call, DateTimeOffset.MaxValue, null, null), null);

        var settling = runner.SettleAsync();
        await UntilAsync(() => _time.Delays.Contains(AttemptRunner.RefusalGrace));
        Assert.False(settling.IsCompleted);
        _time.Advance(AttemptRunner.RefusalGrace);

        await settling.WaitAsync(PoolHost.Patience);
        runner.EndAll("the test ends");
        var closing = connection.CloseAsync(PoolHost.Patience);
        await closing.WaitAsync(PoolHost.Patience);
    }

    private sealed class PoolTime : FakeTimeProvider
    {
        public ConcurrentQueue<TimeSpan> Delays { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Delays.Enqueue(dueTime);
            return timer;
        }
    }
}
