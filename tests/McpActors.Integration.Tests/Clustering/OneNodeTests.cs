using System.Collections.Concurrent;
using System.Text.Json;
using McpActors.Configuration;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>A server that has one connection in the whole cluster.</summary>
public sealed class OneNodeTests : IAsyncLifetime
{
    private static readonly PoolSettings Settings = new()
    {
        Servers = [new ServerSettings { Name = "one", Uri = new Uri("memory://one"), Placement = ServerPlacement.OneNode }],
        DrainTimeout = TimeSpan.FromMinutes(1),
    };

    private readonly TestCluster _cluster = new(Settings);

    private MemoryServer Server => _cluster.Memory["one"];

    public async Task InitializeAsync()
    {
        _cluster.Memory.Add("one").Tool("work", call => $"done: {call["text"]}");
        await _cluster.AddAsync();
        await _cluster.AddAsync();
        await _cluster[0].ConnectedAsync("one");
        await _cluster[1].ConnectedAsync("one");
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Every_node_calls_it_over_one_connection()
    {
        foreach (var node in new[] { _cluster[0], _cluster[1] })
        {
            var executed = await node.Pool.CallToolAsync("work", JsonSerializer.SerializeToElement(new { text = "hi" }));
            Assert.Equal("one", executed.Server);
            Assert.Contains("done: hi", executed.Result.GetRawText(), StringComparison.Ordinal);
            Assert.Equal(["work"], (await node.Pool.ListToolsAsync()).Tools.Select(tool => tool.Name));
        }

        Assert.Equal(1, Server.Connections);
    }

    [Fact]
    public async Task A_cancel_reaches_it_from_every_node()
    {
        foreach (var node in new[] { _cluster[0], _cluster[1] })
        {
            var (began, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
            Server.Tool("work", async (_, token) =>
            {
                using var registration = token.Register(() => cancelled.TrySetResult());
                began.TrySetResult();
                await cancelled.Task;
                return null;
            });
            using var cancellation = new CancellationTokenSource();
            var call = node.Pool.CallToolAsync("work", cancellationToken: cancellation.Token);
            await began.Task.WaitAsync(PoolHost.Patience);

            await cancellation.CancelAsync();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(PoolHost.Patience));
            await cancelled.Task.WaitAsync(PoolHost.Patience);
        }
    }

    [Fact]
    public async Task It_moves_when_its_node_leaves_and_no_call_is_lost_or_run_twice()
    {
        var (holder, other) = await HolderAndOtherAsync();
        var ran = new ConcurrentDictionary<string, int>();
        var most = 0;
        Server.Tool("work", async (call, _) =>
        {
            most = Math.Max(most, Server.Connections);
            ran.AddOrUpdate(call["id"].GetString()!, 1, (_, times) => times + 1);
            await Task.Yield();
            return "ok";
        });
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(caller => Task.Run(async () =>
        {
            var answered = 0;
            for (; !stop.IsCancellationRequested; answered++)
                await other.Pool.CallToolAsync("work", JsonSerializer.SerializeToElement(new { id = $"{caller}-{answered}" }));
            return answered;
        })).ToArray();
        await Eventually.TrueAsync(() => ran.Count > 20, "calls run");

        await holder.LeaveAsync();

        await other.ConnectedAsync("one");
        var before = ran.Count;
        await Eventually.TrueAsync(() => ran.Count > before + 20, "calls run on");
        await stop.CancelAsync();
        Assert.Equal((await Task.WhenAll(load)).Sum(), ran.Count);
        Assert.All(ran.Values, times => Assert.Equal(1, times));
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task A_running_call_ends_before_the_connection_moves()
    {
        // However short Akka's own limits are: those of the pool hold.
        await using var cluster = new TestCluster(Settings);
        cluster.Memory.Add("one").Tool("work", () => "done");
        for (var node = 0; node < 2; node++)
            await cluster.AddAsync(hocon: "akka.cluster.sharding.handoff-timeout = 1ms");
        await cluster[0].ConnectedAsync("one");
        await cluster[1].ConnectedAsync("one");
        var (holder, other) = await HolderAndOtherAsync(cluster);
        var (began, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Memory["one"].Tool("work", async (_, _) =>
        {
            began.TrySetResult();
            await go.Task;
            return "ended";
        });
        var call = other.Pool.CallToolAsync("work");
        await began.Task.WaitAsync(PoolHost.Patience);

        var leaving = holder.LeaveAsync();
        await Eventually.TrueAsync(async () => (await other.ServerAsync("one"))!.Status == ServerStatus.Connecting, "it moves");
        // It arrives while the connection moves, and waits for the new one.
        var next = other.Pool.CallToolAsync("work");
        go.SetResult();

        Assert.Contains("ended", (await call).Result.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("ended", (await next).Result.GetRawText(), StringComparison.Ordinal);
        await leaving;
    }

    [Fact]
    public async Task When_its_node_dies_running_calls_are_lost_and_another_node_takes_it_over()
    {
        var (holder, other) = await HolderAndOtherAsync();
        var began = new TaskCompletionSource();
        Server.Tool("work", async (_, token) =>
        {
            began.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return null;
        });
        var call = other.Pool.CallToolAsync("work");
        await began.Task.WaitAsync(PoolHost.Patience);

        await holder.KillAsync();
        other.Cluster.Down(holder.Address);

        var error = await Assert.ThrowsAnyAsync<McpPoolException>(() => call.WaitAsync(PoolHost.Patience));
        Assert.Equal(PoolErrorKind.OutcomeUnknown, error.Error.Kind);
        Server.Tool("work", () => "here");
        await other.ConnectedAsync("one");
        Assert.Contains("here", (await other.Pool.CallToolAsync("work")).Result.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_are_not_sent_before_its_dead_node_is_removed()
    {
        // Nodes that are not removed during the test.
        await using var cluster = new TestCluster(Settings);
        cluster.Memory.Add("one").Tool("work", () => "done");
        for (var node = 0; node < 2; node++)
            await cluster.AddAsync(hocon: "akka.cluster.split-brain-resolver.stable-after = 10m");
        await cluster[0].ConnectedAsync("one");
        await cluster[1].ConnectedAsync("one");
        var (holder, other) = await HolderAndOtherAsync(cluster);

        await holder.KillAsync();
        await Eventually.TrueAsync(async () => (await other.ServerAsync("one"))!.Status == ServerStatus.Error, "the node is unreachable");
        var error = await Assert.ThrowsAnyAsync<McpPoolException>(() => other.Pool.CallToolAsync("work"));

        Assert.Equal(PoolErrorKind.NoServerAvailable, error.Error.Kind);
        Assert.Contains($"{holder.Address.Host}:{holder.Address.Port}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_at_any_node_operates_the_one_connection()
    {
        await _cluster[1].Pool.CommandAsync(new IsolateServer("one"));
        await UntilBothAsync(server => server.Circuit == CircuitState.Isolated);
        await _cluster[0].Pool.CommandAsync(new ResetCircuit("one"));
        await UntilBothAsync(server => server.Circuit == CircuitState.Closed);

        await _cluster[0].Pool.CommandAsync(new DrainServer("one"));
        await UntilBothAsync(server => server is { Status: ServerStatus.Disconnected, Draining: false });
        await Eventually.TrueAsync(() => Server.Connections == 0, "the connection is closed");
        await _cluster[1].Pool.CommandAsync(new ConnectServer("one"));
        await UntilBothAsync(server => server is { Status: ServerStatus.Connected, Draining: false });
        Assert.Equal(1, Server.Connections);
    }

    [Fact]
    public async Task Changed_settings_have_one_connection_again()
    {
        await _cluster[0].Pool.CommandAsync(
            new UpdateServer(
                new ServerSettings { Name = "one", Uri = new Uri("memory://one"), Placement = ServerPlacement.OneNode, Weight = 7 }));

        await UntilBothAsync(server => server is { Weight: 7, Status: ServerStatus.Connected });
        await Eventually.TrueAsync(() => Server.Connections == 1, "the old connection is closed, and there is one new one");
    }

    private async Task UntilBothAsync(Func<ServerInfo, bool> wanted)
    {
        foreach (var node in new[] { _cluster[0], _cluster[1] })
            await Eventually.TrueAsync(async () => wanted((await node.ServerAsync("one"))!), "both nodes see it");
    }

    private Task<(TestNode Holder, TestNode Other)> HolderAndOtherAsync() => HolderAndOtherAsync(_cluster);

    private static async Task<(TestNode Holder, TestNode Other)> HolderAndOtherAsync(TestCluster cluster)
    {
        var status = await cluster[0].Pool.GetStatusAsync();
        var holder = Assert.Single(status.Servers).Node;
        return holder == $"{cluster[0].Address.Host}:{cluster[0].Address.Port}" ? (cluster[0], cluster[1]) : (cluster[1], cluster[0]);
    }
}
