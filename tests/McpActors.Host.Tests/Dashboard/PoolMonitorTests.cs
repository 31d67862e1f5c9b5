using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using McpActors.Host.Dashboard.Monitoring;
using McpActors.Pool;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace McpActors.Host.Tests.Dashboard;

public sealed class PoolMonitorTests : IAsyncDisposable
{
    private static readonly TimeSpan AtMostEvery = TimeSpan.FromMilliseconds(200);

    private readonly CountingClock _clock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly WatchedPool _pool = new();
    private readonly PoolMonitor _monitor;
    private readonly Task _running;

    public PoolMonitorTests()
    {
        _monitor = new PoolMonitor(_clock, NullLogger<PoolMonitor>.Instance);
        _running = _monitor.RunAsync(_pool, _stop.Token);
    }

    [Fact]
    public async Task Queries_every_five_seconds_while_no_page_is_open()
    {
        await _clock.WaitsAsync(1);
        _clock.Advance(AtMostEvery);
        await _clock.WaitsAsync(2);
        _clock.Advance(PoolMonitor.Unwatched - AtMostEvery - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, _pool.Asked);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await _clock.WaitsAsync(3);
        Assert.Equal(2, _pool.Asked);
    }

    [Fact]
    public async Task Queries_every_second_while_a_page_is_open_and_notifies_it()
    {
        var notified = 0;
        await _clock.WaitsAsync(1);
        using var watch = _monitor.Watch(() => Interlocked.Increment(ref notified));
        _clock.Advance(AtMostEvery);
        await _clock.WaitsAsync(3);
        Assert.Equal((2, 1), (_pool.Asked, notified));

        _clock.Advance(AtMostEvery);
        await _clock.WaitsAsync(4);
        _clock.Advance(PoolMonitor.Watched - AtMostEvery);
        await _clock.WaitsAsync(5);
        Assert.Equal((3, 2), (_pool.Asked, notified));
    }

    [Fact]
    public async Task Sees_the_nodes_with_each_status()
    {
        await _clock.WaitsAsync(1);

        Assert.Equal((true, "a:1"), (_monitor.View.InCluster, Assert.Single(_monitor.View.Nodes).Address));
    }

    [Fact]
    public async Task A_closed_page_is_not_notified()
    {
        var notified = 0;
        await _clock.WaitsAsync(1);
        _monitor.Watch(() => Interlocked.Increment(ref notified)).Dispose();

        _monitor.Observe(new PoolStatus([], DateTimeOffset.UnixEpoch));

        Assert.Equal(0, notified);
    }

    [Fact]
    public async Task An_event_is_shown_without_waiting_for_the_next_second()
    {
        await _clock.WaitsAsync(1);
        using var watch = _monitor.Watch(() => { });
        _clock.Advance(AtMostEvery);
        await _clock.WaitsAsync(3);
        _clock.Advance(AtMostEvery);
        await _clock.WaitsAsync(4);

        await _pool.Events.Writer.WriteAsync(
            new ServerStatusChanged("a", ServerStatus.Connected, ServerStatus.Error, "gone", DateTimeOffset.UnixEpoch));

        await _clock.WaitsAsync(5);
        Assert.Equal(3, _pool.Asked);
        Assert.Equal(("a failed", "gone"), (_monitor.View.Feed.Single().Text, _monitor.View.Feed.Single().Detail));
    }

    [Fact]
    public async Task Reports_that_the_pool_does_not_answer_and_keeps_querying()
    {
        await _clock.WaitsAsync(1);
        _pool.Answers = false;
        await PassAsync(1);
        Assert.NotNull(_monitor.Problem);

        _pool.Answers = true;
        await PassAsync(3);
        Assert.Null(_monitor.Problem);

        async Task PassAsync(int waits)
        {
            _clock.Advance(AtMostEvery);
            await _clock.WaitsAsync(waits + 1);
            _clock.Advance(PoolMonitor.Unwatched - AtMostEvery);
            await _clock.WaitsAsync(waits + 2);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    /// <summary>A clock that counts its timers, so that a test advances it only when the monitor waits.</summary>
    private sealed class CountingClock() : FakeTimeProvider(DateTimeOffset.UnixEpoch)
    {
        private int _waits;

        public Task WaitsAsync(int times) => Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref _waits) == times));

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Interlocked.Increment(ref _waits);
            return timer;
        }
    }

    private sealed class WatchedPool : IMcpPool
    {
        private int _asked;

        public Channel<PoolEvent> Events { get; } = Channel.CreateUnbounded<PoolEvent>();

        public int Asked => Volatile.Read(ref _asked);

        public bool Answers { get; set; } = true;

        public Task<PoolStatus> GetStatusAsync(CancellationToken cancellationToken = default)
        {
            if (!Answers)
                throw new TimeoutException("no answer");
            return Task.FromResult(new PoolStatus([], DateTimeOffset.UnixEpoch.AddSeconds(Interlocked.Increment(ref _asked))));
        }

        public Task<ClusterStatus> GetClusterStatusAsync(IReadOnlyList<string>? servers, CancellationToken cancellationToken) =>
            Task.FromResult(new ClusterStatus([new NodeInfo { Address = "a:1", Total = Asked }], DateTimeOffset.UnixEpoch));

        public Task<PoolStatus> WaitUntilReadyAsync(string? group, TimeSpan? timeout, CancellationToken cancellationToken) =>
            throw Unused();

        public IAsyncEnumerable<PoolEvent> ReadEventsAsync(CancellationToken cancellationToken = default) => ReadAsync(cancellationToken);

        public Task<CallReply> SendAsync(PoolCall call, CancellationToken cancellationToken) => throw Unused();

        public Task<Explanation> ExplainAsync(PoolCall call, CancellationToken cancellationToken) => throw Unused();

        public Task CommandAsync(PoolCommand command, CancellationToken cancellationToken) => throw Unused();

        public Task<CallCompleted> ExecuteAsync(string method, JsonElement? parameters, CallOptions? options, CancellationToken token) =>
            throw Unused();

        public Task<CallCompleted> CallToolAsync(string name, JsonElement? arguments, CallOptions? options, CancellationToken token) =>
            throw Unused();

        public Task<CallCompleted> ReadResourceAsync(string uri, CallOptions? options, CancellationToken cancellationToken) =>
            throw Unused();

        public Task<CallCompleted> GetPromptAsync(string name, JsonElement? arguments, CallOptions? options, CancellationToken token) =>
            throw Unused();

        public Task<ToolList> ListToolsAsync(CancellationToken cancellationToken) => throw Unused();

        public Task<ResourceList> ListResourcesAsync(CancellationToken cancellationToken) => throw Unused();

        public Task<PromptList> ListPromptsAsync(CancellationToken cancellationToken) => throw Unused();

        public Task<GroupList> ListGroupsAsync(CancellationToken cancellationToken) => throw Unused();

        private async IAsyncEnumerable<PoolEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                PoolEvent news;
                try
                {
                    news = await Events.Reader.ReadAsync(cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    yield break;
                }

                yield return news;
            }
        }

        private static InvalidOperationException Unused([CallerMemberName] string member = "") => new($"the monitor does not use {member}");
    }
}
