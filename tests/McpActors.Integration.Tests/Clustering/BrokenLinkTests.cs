using Akka.Actor;
using Akka.Remote;
using McpActors.Chaos.Cluster;
using McpActors.Configuration;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>
/// The connections between two nodes break and come back before a node is removed. Messages in transit, and messages sent before
/// Akka.Remote reconnects, are lost without an error.
/// </summary>
public sealed class BrokenLinkTests : IAsyncLifetime
{
    private readonly TcpLink[] _links = [new(), new()];
    private readonly TestCluster _cluster = new(new PoolSettings
    {
        AttemptTimeout = TimeSpan.FromMinutes(10),
        Servers =
        [
            new ServerSettings { Name = "one", Uri = new Uri("memory://one"), Placement = ServerPlacement.OneNode, Priority = 1 },
            new ServerSettings { Name = "two", Uri = new Uri("memory://two"), Priority = 2 },
        ],
    });

    private readonly TaskCompletionSource _go = new();

    private TestNode _holder = null!;
    private TestNode _other = null!;
    private int _running;

    public async Task InitializeAsync()
    {
        foreach (var name in new[] { "one", "two" })
        {
            _cluster.Memory.Add(name)
                .Tool("work", (_, _) => AnswerAsync(name), new MemoryToolOptions { ReadOnly = true })
                .Tool("pay", (_, _) => AnswerAsync(name));
        }
        foreach (var link in _links)
        {
            await _cluster.AddAsync(hocon: $$"""
                akka.remote.dot-netty.tcp { hostname = "{{TcpLink.Inside}}", public-hostname = "{{TcpLink.Outside}}" }
                akka.remote.dot-netty.tcp { port = {{link.Port}}, public-port = {{link.Port}} }
                # No node is removed during a break.
                akka.cluster.split-brain-resolver.stable-after = 10m
                """);
        }
        foreach (var server in new[] { "one", "two" })
        {
            await _cluster[0].ConnectedAsync(server);
            await _cluster[1].ConnectedAsync(server);
        }
        var holds = (await _cluster[0].ServerAsync("one"))!.Node == $"{_cluster[0].Address.Host}:{_cluster[0].Address.Port}";
        (_holder, _other) = holds ? (_cluster[0], _cluster[1]) : (_cluster[1], _cluster[0]);
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        foreach (var link in _links)
            await link.DisposeAsync();
    }

    [Fact]
    public async Task The_state_of_a_server_that_changed_during_the_break_is_known_afterwards()
    {
        _cluster.Memory["one"].Refuse();
        _cluster.Memory["one"].Disconnect();
        await StatusAsync(_other, ServerStatus.Error);

        await CutAsync();
        _cluster.Memory["one"].Accept();
        await _holder.Pool.CommandAsync(new ConnectServer("one"));
        await StatusAsync(_holder, ServerStatus.Connected);
        await MendAsync();

        await StatusAsync(_other, ServerStatus.Connected);
    }

    [Fact]
    public async Task A_command_during_the_break_applies_afterwards()
    {
        await CutAsync();
        await _other.Pool.CommandAsync(new IsolateServer("one"));
        await MendAsync();

        await Eventually.TrueAsync(async () => (await _holder.ServerAsync("one"))!.Circuit == CircuitState.Isolated, "it is isolated");
    }

    [Fact]
    public async Task A_call_whose_answer_was_lost_ends_before_its_deadline()
    {
        var options = new CallOptions { Mode = CallMode.Failover, Timeout = TimeSpan.FromMinutes(20) };
        var (safe, once) = (
            _other.Pool.SendAsync(new CallTool("work", Options: options)), _other.Pool.SendAsync(new CallTool("pay", Options: options)));
        await Eventually.TrueAsync(() => Volatile.Read(ref _running) == 2, "both run");

        await CutAsync();
        _go.SetResult();
        await Eventually.TrueAsync(async () => (await _holder.ServerAsync("one"))!.InFlight == 0, "both have ended where they ran");
        await FailsToConnectAsync(_holder);
        await MendAsync();

        Assert.Contains(
            "saved", Assert.IsType<CallCompleted>(await safe.WaitAsync(PoolHost.Patience)).Result.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(PoolErrorKind.OutcomeUnknown, Assert.IsType<CallFailed>(await once.WaitAsync(PoolHost.Patience)).Error.Kind);
    }

    [Fact]
    public async Task A_call_without_a_link_is_not_sent_and_goes_to_another_server()
    {
        foreach (var link in _links)
            link.Cut();
        await FailsToConnectAsync(_other);

        // Neither node is unreachable yet.
        var paid = await _other.Pool.CallToolAsync(
            "pay", options: new CallOptions { Mode = CallMode.Failover, Timeout = TimeSpan.FromMinutes(20) })
            .WaitAsync(PoolHost.Patience);

        Assert.Equal(("two", 0), (paid.Server, Volatile.Read(ref _running)));
        Assert.All(paid.Attempts.SkipLast(1), attempt => Assert.Equal(AttemptOutcome.NotSent, attempt.Outcome));
    }

    // The first server answers only when the test lets it.
    private async Task<object?> AnswerAsync(string server)
    {
        if (server == "two")
            return "saved";
        Interlocked.Increment(ref _running);
        await _go.Task;
        return "lost";
    }

    private async Task CutAsync()
    {
        foreach (var link in _links)
            link.Cut();
        foreach (var node in new[] { _holder, _other })
            await Eventually.TrueAsync(() => !node.Cluster.State.Unreachable.IsEmpty, "the nodes are unreachable for each other");
    }

    /// <summary>
    /// Akka keeps messages that are sent while it tries to connect. Those sent before have been dropped after two failed attempts.
    /// </summary>
    private static async Task FailsToConnectAsync(TestNode node)
    {
        using var events = Inbox.Create(node.System);
        node.System.EventStream.Subscribe(events.Receiver, typeof(AssociationErrorEvent));
        for (var failures = 0; failures < 2; failures++)
            await events.ReceiveAsync(PoolHost.Patience);
    }

    private async Task MendAsync()
    {
        foreach (var link in _links)
            link.Mend();
        await _cluster.UpAsync();
    }

    private static Task StatusAsync(TestNode node, ServerStatus status) =>
        Eventually.TrueAsync(async () => (await node.ServerAsync("one"))!.Status == status, $"it is {status}");
}
