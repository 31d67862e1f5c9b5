using Akka.Actor;
using Akka.Remote;
using McpActors.Chaos.Cluster;
using McpActors.Configuration;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>
/// The connections between two nodes break and come back before anybody is removed: what was under way on them is lost without a word, and what follows too until
/// Akka.Remote has connected again.
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
                akka.remote.dot-netty.tcp { hostname = "{{TcpLink.Inside}}", public-hostname = "{{TcpLink.Outside}}", port = {{link.Port}}, public-port = {{link.Port}} }
                # What is cut off here comes back.
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
    public async Task What_became_of_a_server_meanwhile_is_known_afterwards()
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
    public async Task What_an_operator_said_meanwhile_holds_afterwards()
    {
        await CutAsync();
        await _other.Pool.CommandAsync(new IsolateServer("one"));
        await MendAsync();

        await Eventually.TrueAsync(async () => (await _holder.ServerAsync("one"))!.Circuit == CircuitState.Isolated, "it is isolated");
    }

    [Fact]
    public async Task A_call_whose_answer_was_lost_does_not_wait_for_its_time_to_be_up()
    {
        var options = new CallOptions { Mode = CallMode.Failover, Timeout = TimeSpan.FromMinutes(20) };
        var (safe, once) = (_other.Pool.SendAsync(new CallTool("work", Options: options)), _other.Pool.SendAsync(new CallTool("pay", Options: options)));
        await Eventually.TrueAsync(() => Volatile.Read(ref _running) == 2, "both run");

        await CutAsync();
        _go.SetResult();
        await Eventually.TrueAsync(async () => (await _holder.ServerAsync("one"))!.InFlight == 0, "both have ended where they ran");
        await FailsToConnectAsync(_holder);
        await MendAsync();

        Assert.Contains("saved", Assert.IsType<CallCompleted>(await safe.WaitAsync(PoolHost.Patience)).Result.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(PoolErrorKind.OutcomeUnknown, Assert.IsType<CallFailed>(await once.WaitAsync(PoolHost.Patience)).Error.Kind);
    }

    [Fact]
    public async Task A_call_that_comes_when_there_is_no_link_was_not_sent_and_goes_to_another_server()
    {
        foreach (var link in _links)
            link.Cut();
        await FailsToConnectAsync(_other);

        // Nobody misses anybody yet.
        var paid = await _other.Pool.CallToolAsync("pay", options: new CallOptions { Mode = CallMode.Failover, Timeout = TimeSpan.FromMinutes(20) }).WaitAsync(PoolHost.Patience);

        Assert.Equal(("two", 0), (paid.Server, Volatile.Read(ref _running)));
        Assert.All(paid.Attempts.SkipLast(1), attempt => Assert.Equal(AttemptOutcome.NotSent, attempt.Outcome));
    }

    // The first server keeps its callers waiting.
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
            await Eventually.TrueAsync(() => !node.Cluster.State.Unreachable.IsEmpty, "the nodes miss each other");
    }

    /// <summary>Akka keeps what is said while it tries to connect. What was said before has been dropped once it has failed to, twice.</summary>
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
