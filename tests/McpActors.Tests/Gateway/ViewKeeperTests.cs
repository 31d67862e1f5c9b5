using System.Text.Json;
using System.Threading.Channels;
using McpActors.Gateway;
using McpActors.Pool;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace McpActors.Tests.Gateway;

/// <summary>When the view is ready, and when a change of it is announced; on a clock of the test.</summary>
public sealed class ViewKeeperTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedPool _pool = new();
    private readonly Channel<ViewChange> _announced = Channel.CreateUnbounded<ViewChange>();
    private readonly ViewKeeper _keeper;

    public ViewKeeperTests() =>
        _keeper = new ViewKeeper(_pool, new GatewayOptions(), _time, change => _announced.Writer.TryWrite(change));

    [Fact]
    public async Task A_list_waits_for_servers_that_connect_for_the_first_time()
    {
        _pool.Groups = new GroupList([], ["slow"]);
        var reading = _keeper.ReadAsync(CancellationToken.None).AsTask();
        await _pool.ReadAsync();

        _pool.Change(Entries.Of(Entries.Tools("a", "x")));

        Assert.NotNull((await reading).Tools.Find("x"));
    }

    [Fact]
    public async Task A_list_waits_no_longer_than_the_limit()
    {
        _pool.Groups = new GroupList([Entries.Tools("a", "x")], ["slow"]);
        var reading = _keeper.ReadAsync(CancellationToken.None).AsTask();
        await _pool.ReadAsync();

        await AdvanceUntilAsync(reading);

        Assert.NotNull((await reading).Tools.Find("x"));
    }

    [Fact]
    public async Task Once_the_wait_is_over_no_list_waits_again()
    {
        _pool.Groups = new GroupList([Entries.Tools("a", "x")], ["hangs"]);
        var first = _keeper.ReadAsync(CancellationToken.None).AsTask();
        await _pool.ReadAsync();
        await AdvanceUntilAsync(first);

        // The clock stands still from here on.
        var second = _keeper.ReadAsync(CancellationToken.None).AsTask();
        Assert.False((await second.WaitAsync(PoolHost.Patience, TimeProvider.System)).IsComplete);
    }

    [Fact]
    public async Task What_is_known_already_is_not_waited_for()
    {
        _pool.Groups = new GroupList([Entries.Tools("a", "x")], ["hangs"]);

        var view = await _keeper.ReadAsync(CancellationToken.None, view => view.Tools.Find("x") is not null)
            .AsTask().WaitAsync(PoolHost.Patience, TimeProvider.System);

        Assert.False(view.IsComplete);
    }

    [Fact]
    public async Task Many_changes_are_one_announcement()
    {
        await StartAsync(Entries.Of(Entries.Tools("a")));

        await ChangeAsync(Entries.Of(Entries.Tools("a", "x")));
        await ChangeAsync(Entries.Of(Entries.Tools("a", "x", "y")));
        await AdvanceUntilAsync(_announced.Reader.WaitToReadAsync().AsTask());

        Assert.True(_announced.Reader.TryRead(out var change));
        Assert.Equal(new ViewChange(Tools: true, Prompts: false, Resources: false), change);
        Assert.False(_announced.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_change_that_is_taken_back_is_announced_to_nobody()
    {
        var before = Entries.Of(Entries.Tools("a", "x"));
        await StartAsync(before);

        await ChangeAsync(Entries.Of(Entries.Tools("a", "y")));
        await ChangeAsync(before);
        await ChangeAsync(Entries.Of(Entries.Tools("a", "x"), Entries.Prompts("b", "p")));
        await AdvanceUntilAsync(_announced.Reader.WaitToReadAsync().AsTask());

        Assert.True(_announced.Reader.TryRead(out var change));
        Assert.Equal(new ViewChange(Tools: false, Prompts: true, Resources: false), change);
    }

    [Fact]
    public async Task Changes_that_do_not_stop_are_announced_within_a_second()
    {
        await StartAsync(Entries.Of(Entries.Tools("a")));

        for (var i = 0; i < 11 && !_announced.Reader.TryPeek(out _); i++)
        {
            await ChangeAsync(Entries.Of(Entries.Tools("a", $"x{i}")));
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }
        await ChangeAsync(Entries.Of(Entries.Tools("a", "last")));

        Assert.True(await _announced.Reader.WaitToReadAsync().AsTask().WaitAsync(PoolHost.Patience, TimeProvider.System));
    }

    [Fact]
    public async Task A_pool_that_does_not_answer_is_asked_again()
    {
        await StartAsync(Entries.Of(Entries.Tools("a", "x")));

        _pool.Fails = true;
        _pool.Change(Entries.Of(Entries.Tools("a", "y")));
        await _pool.ReadAsync();
        Assert.NotNull((await _keeper.ReadAsync(CancellationToken.None)).Tools.Find("x"));
        _pool.Fails = false;
        await AdvanceUntilAsync(_pool.ReadAsync());
        await AdvanceUntilAsync(_announced.Reader.WaitToReadAsync().AsTask());

        Assert.NotNull((await _keeper.ReadAsync(CancellationToken.None)).Tools.Find("y"));
    }

    private async Task StartAsync(GroupList groups)
    {
        _pool.Groups = groups;
        await _keeper.ReadAsync(CancellationToken.None);
        await _pool.ReadAsync();
    }

    private Task ChangeAsync(GroupList groups)
    {
        _pool.Change(groups);
        return _pool.ReadAsync();
    }

    // The keeper sets its timers on threads of its own, so the clock goes on until one of them fires.
    private async Task AdvanceUntilAsync(Task done)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        using var patience = new CancellationTokenSource(PoolHost.Patience, TimeProvider.System);
        while (!done.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(50));
            await tick.WaitForNextTickAsync(patience.Token);
        }
    }

    /// <summary>A pool whose catalogue the test sets. Only what the keeper uses.</summary>
    private sealed class ScriptedPool : IMcpPool
    {
        private readonly Channel<PoolEvent> _events = Channel.CreateUnbounded<PoolEvent>();
        private readonly SemaphoreSlim _readings = new(0);

        public volatile GroupList Groups = new([], []);
        public volatile bool Fails;

        public void Change(GroupList groups)
        {
            Groups = groups;
            _events.Writer.TryWrite(new CatalogueChanged("server", Now));
        }

        /// <summary>Waits until the keeper has read the catalogue once more.</summary>
        public async Task ReadAsync() => Assert.True(await _readings.WaitAsync(PoolHost.Patience));

        public Task<GroupList> ListGroupsAsync(CancellationToken cancellationToken = default)
        {
            var groups = Groups;
            _readings.Release();
            return Fails ? Task.FromException<GroupList>(new TimeoutException()) : Task.FromResult(groups);
        }

        public Task<PoolStatus> GetStatusAsync(CancellationToken cancellationToken = default) =>
            Task.FromResult<PoolStatus>(null!);

        public IAsyncEnumerable<PoolEvent> ReadEventsAsync(CancellationToken cancellationToken = default) =>
            _events.Reader.ReadAllAsync(cancellationToken);

        public Task<CallCompleted> ExecuteAsync(
            string method, JsonElement? parameters = null, CallOptions? options = null,
            CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<CallCompleted> CallToolAsync(
            string name, JsonElement? arguments = null, CallOptions? options = null,
            CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<CallCompleted> ReadResourceAsync(
            string uri, CallOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<CallCompleted> GetPromptAsync(
            string name, JsonElement? arguments = null, CallOptions? options = null,
            CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<CallReply> SendAsync(PoolCall call, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<ToolList> ListToolsAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<ResourceList> ListResourcesAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<PromptList> ListPromptsAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<PoolStatus> WaitUntilReadyAsync(
            string? group = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<ClusterStatus> GetClusterStatusAsync(
            IReadOnlyList<string>? servers = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<Explanation> ExplainAsync(PoolCall call, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task CommandAsync(PoolCommand command, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
