using System.Text.Json;
using Akka.Actor;
using Akka.Cluster.Tools.Client;
using Akka.Hosting;
using McpActors.Clustering;
using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;
using Cluster = Akka.Cluster.Cluster;

namespace McpActors.Tests.Clustering;

/// <summary>The pools of two nodes over real sockets, used by each other and from outside.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private const string SystemName = "mcp-actors";

    private readonly MemoryServers _memory = new();
    private readonly List<IHost> _hosts = [];
    private IHost _first = null!;
    private IHost _second = null!;

    public async Task InitializeAsync()
    {
        _memory.Add("a").Tool("work", call => $"done: {call["text"]}").Tool("fail", () => MemoryAnswer.Error(-32050, "broken"));
        _first = await StartNodeAsync(seed: null);
        _second = await StartNodeAsync(AddressOf(_first));
        await Eventually.TrueAsync(
            () => _hosts.All(
                host => Cluster.Get(SystemOf(host)).State.Members.Count(member => member.Status == Akka.Cluster.MemberStatus.Up) == 2),
            "both nodes are up");
        foreach (var host in _hosts)
        {
            await Eventually.TrueAsync(
                async () => (await PoolOf(host).GetStatusAsync()).Servers[0] is { Status: ServerStatus.Connected, Tools: 2 },
                "the server is connected");
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var host in Enumerable.Reverse(_hosts))
            await StopAsync(host);
    }

    [Fact]
    public async Task A_node_uses_the_pool_of_another_node_like_its_own()
    {
        var pool = await OtherPoolAsync();

        var executed = await pool.CallToolAsync("work", JsonSerializer.SerializeToElement(new { text = "hi" }));
        Assert.Equal("a", executed.Server);
        Assert.Contains("done: hi", executed.Result.GetRawText(), StringComparison.Ordinal);

        var error = await PoolAssert.FailsAsync(
            PoolErrorKind.ServerError, () => pool.CallToolAsync("fail", options: new CallOptions { Server = "a" }));
        Assert.Equal(-32050, error.Error.Code);
        Assert.Equal(["fail", "work"], (await pool.ListToolsAsync()).Tools.Select(tool => tool.Name).Order());
        Assert.Equal("a", Assert.Single((await pool.GetStatusAsync()).Servers).Name);
        Assert.Equal("a", (await pool.ExplainAsync(new CallTool("work"))).Candidates.Single().Server);
    }

    [Fact]
    public async Task Events_of_another_nodes_pool_arrive()
    {
        var pool = await OtherPoolAsync();
        using var patience = new CancellationTokenSource(PoolHost.Patience);
        await using var events = pool.ReadEventsAsync(patience.Token).GetAsyncEnumerator(patience.Token);
        var next = events.MoveNextAsync();

        // The subscription may arrive after a command: repeat the commands until an event arrives.
        await Eventually.TrueAsync(async () =>
        {
            await pool.CommandAsync(new IsolateServer("a"), patience.Token);
            await pool.CommandAsync(new ResetCircuit("a"), patience.Token);
            return next.IsCompleted;
        }, "an event arrived");

        Assert.True(await next);
        Assert.Equal("a", Assert.IsType<CircuitStateChanged>(events.Current).Server);
    }

    [Fact]
    public async Task A_cancel_reaches_the_server_over_the_other_node()
    {
        var pool = await OtherPoolAsync();
        var (began, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        _memory["a"].Tool("work", async (_, token) =>
        {
            using var registration = token.Register(() => cancelled.TrySetResult());
            began.TrySetResult();
            await cancelled.Task;
            return null;
        });
        using var cancellation = new CancellationTokenSource();
        var call = pool.CallToolAsync("work", cancellationToken: cancellation.Token);
        await began.Task.WaitAsync(PoolHost.Patience);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(PoolHost.Patience));
        await cancelled.Task.WaitAsync(PoolHost.Patience);
    }

    [Fact]
    public async Task A_call_whose_node_stops_ends_as_outcome_unknown()
    {
        var pool = await OtherPoolAsync();
        var began = new TaskCompletionSource();
        _memory["a"].Tool("work", async (_, token) =>
        {
            began.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return null;
        });
        var call = pool.CallToolAsync("work");
        await began.Task.WaitAsync(PoolHost.Patience);

        // At once and without drain, as far as that is possible within one process; process tests kill a node.
        await SystemOf(_second).Terminate();

        var error = await Assert.ThrowsAnyAsync<McpPoolException>(() => call.WaitAsync(PoolHost.Patience));
        Assert.Equal(PoolErrorKind.OutcomeUnknown, error.Error.Kind);
    }

    [Fact]
    public async Task A_service_outside_uses_the_pool_through_ClusterClient()
    {
        using var outside = await StartClientAsync();
        var client = ClientOf(outside);

        var reply = await client.Ask<CallCompleted>(new ClusterClient.Send("/user/mcp-pool", new Execute("work")), PoolHost.Patience);

        Assert.Equal("a", reply.Server);
    }

    [Fact]
    public async Task A_node_that_leaves_forwards_calls_that_still_arrive()
    {
        var pool = await OtherPoolAsync();
        var (began, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        _memory["a"].Tool("work", async (_, _) =>
        {
            // The node is leaving until this first call ends.
            if (began.TrySetResult())
                await end.Task;
            return "ended";
        });
        var waiting = pool.CallToolAsync("work");
        await began.Task.WaitAsync(PoolHost.Patience);
        var leaving = StopAsync(_second);
        await Eventually.TrueAsync(() => RefusesAsync(PoolOf(_second)), "it takes no new calls");

        Assert.Equal("a", (await pool.CallToolAsync("work")).Server);

        end.SetResult();
        Assert.Equal("a", (await waiting).Server);
        await leaving;

        static async Task<bool> RefusesAsync(IMcpPool pool)
        {
            try
            {
                await pool.ExecuteAsync("work");
                return false;
            }
            catch (McpPoolException e) when (e.Error.Kind == PoolErrorKind.NoServerAvailable)
            {
                return true;
            }
        }
    }

    [Fact]
    public async Task A_program_cannot_be_added_from_outside()
    {
        using var outside = await StartClientAsync();
        var reply = await ClientOf(outside).Ask<CommandRefused>(
            new ClusterClient.Send("/user/mcp-pool", new AddServer(new ServerSettings { Name = "shell", Command = "sh" })),
            PoolHost.Patience);

        Assert.Contains("shell cannot be added from another process", reply.Reason, StringComparison.Ordinal);
    }

    private static ActorSystem SystemOf(IHost host) => host.Services.GetRequiredService<ActorSystem>();

    private static IMcpPool PoolOf(IHost host) => host.Services.GetRequiredService<IMcpPool>();

    private static Address AddressOf(IHost host) => Cluster.Get(SystemOf(host)).SelfAddress;

    private async Task<IMcpPool> OtherPoolAsync()
    {
        var system = SystemOf(_first);
        var actor = await system.ActorSelection(new RootActorPath(AddressOf(_second)) / "user" / "mcp-pool").ResolveOne(PoolHost.Patience);
        return actor.ToMcpPool(system);
    }

    private async Task<IHost> StartNodeAsync(Address? seed)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAkka(SystemName, akka => akka
            .WithMcpCluster(new McpClusterSettings
            {
                Port = 0,
                SeedNodes = seed is null ? [] : [$"{seed.Host}:{seed.Port}"],
                OutsideCommands = true,
            })
            .WithMcpPool(
                PoolHost.Settings("a") with { DrainTimeout = TimeSpan.FromMinutes(1) }, options => options.MemoryServers = _memory));
        builder.Services.AddMcpPoolClient();
        var host = await StartAsync(builder);
        if (seed is null)
            Cluster.Get(SystemOf(host)).Join(AddressOf(host));
        return host;
    }

    private async Task<IHost> StartClientAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAkka("outside", akka => akka
            .AddHocon(
                "akka { actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0, maximum-frame-size = 20 MiB } }",
                HoconAddMode.Prepend)
            .WithMcpPoolMessages());
        return await StartAsync(builder);
    }

    private IActorRef ClientOf(IHost outside)
    {
        var system = SystemOf(outside);
        var contact = new RootActorPath(AddressOf(_first)) / "system" / "receptionist";
        return system.ActorOf(ClusterClient.Props(ClusterClientSettings.Create(system).WithInitialContacts([contact])));
    }

    private async Task<IHost> StartAsync(HostApplicationBuilder builder)
    {
        var host = builder.Build();
        await host.StartAsync();
        _hosts.Add(host);
        return host;
    }

    private async Task StopAsync(IHost host)
    {
        _hosts.Remove(host);
        await host.StopAsync();
        host.Dispose();
    }
}
