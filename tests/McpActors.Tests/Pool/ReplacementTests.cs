using Akka.Actor;
using McpActors.Configuration;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>
/// A server that is replaced, removed or crashes at an awkward moment: the command takes effect, and no actor or connection is left over.
/// </summary>
public sealed class ReplacementTests
{
    private readonly MemoryServers _memory = new();
    private readonly TaskCompletionSource _opens = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ReplacementTests()
    {
        _memory.Add("old").Tool("who", () => "old");
        _memory.Add("new").Tool("who", () => "new");
    }

    [Fact]
    public async Task A_server_that_was_drained_before_leaves_nothing_when_it_is_removed()
    {
        await using var host = await StartAsync();
        await host.Pool.CommandAsync(new DrainServer("a"));
        await host.UntilAsync("a", ServerStatus.Disconnected);

        await host.Pool.CommandAsync(new RemoveServer("a"));

        await UntilCircuitsAsync(host, 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_is_disconnected_is_replaced_by_one_that_is_disconnected(bool drained)
    {
        await using var host = await StartAsync();
        await host.Pool.CommandAsync(drained ? new DrainServer("a") : new DisconnectServer("a"));
        await host.UntilAsync("a", ServerStatus.Disconnected);

        await host.Pool.CommandAsync(new UpdateServer(Replacement));

        await host.UntilAsync(status => status.Servers.Single() is { Weight: 7, Status: ServerStatus.Disconnected });
        await UntilCircuitsAsync(host, 1);
        Assert.Equal(0, _memory["new"].Connections);
    }

    [Fact]
    public async Task A_pool_that_crashes_after_a_replacement_and_another_command_keeps_the_new_settings()
    {
        await using var host = await StartAsync();
        await ReplaceByOneThatConnectsSlowlyAsync(host);
        await host.Pool.CommandAsync(new AddServer(new ServerSettings { Name = "b", Uri = new Uri("memory://old") }));
        _opens.SetResult();
        await host.UntilAsync(status => status.Servers.Any(server => server is { Name: "a", Weight: 7, Status: ServerStatus.Connected }));

        var pool = (IInternalActorRef)host.Actor;
        pool.Suspend();
        pool.Restart(new InvalidOperationException("crash"));

        var after = await host.UntilAsync(status =>
            status.Servers.Count == 2 && status.Servers.All(server => server.Status == ServerStatus.Connected));
        Assert.Equal(7, after.Servers.Single(server => server.Name == "a").Weight);
    }

    [Fact]
    public async Task A_server_that_crashes_while_its_replacement_connects_is_followed_by_that()
    {
        await using var host = await StartAsync();
        await ReplaceByOneThatConnectsSlowlyAsync(host);

        Crash(host, path => path == "a");
        await Eventually.TrueAsync(() => _memory["old"].Connections == 0, "the old one is gone");
        _opens.SetResult();

        await UntilReplacedAsync(host);
    }

    [Fact]
    public async Task A_replacement_that_crashes_while_it_connects_is_made_again_and_the_old_one_serves_until_then()
    {
        await using var host = await StartAsync();
        await ReplaceByOneThatConnectsSlowlyAsync(host);

        Crash(host, path => path != "a");
        await Eventually.TrueAsync(() => _memory["new"].Received("server/discover") == 2, "it is made again");
        Assert.Equal("old", Text(await host.Pool.CallToolAsync("who")));
        _opens.SetResult();

        await UntilReplacedAsync(host);
    }

    [Fact]
    public async Task A_server_whose_circuit_crashes_starts_again_after_a_wait_and_keeps_its_history()
    {
        await using var host = await StartAsync();

        Crash(host, path => path == "a");
        var down = (await host.UntilAsync("a", ServerStatus.Error)).Servers.Single();
        var up = (await host.UntilAsync("a", ServerStatus.Connected)).Servers.Single();

        Assert.NotNull(down.NextReconnect);
        Assert.Equal(1, up.Restarts);
        Assert.Equal("old", Text(await host.Pool.CallToolAsync("who")));
        await Eventually.TrueAsync(() => _memory["old"].Connections == 1, "one connection is left");
    }

    [Fact]
    public async Task A_server_that_is_built_again_for_a_changed_setting_begins_without_the_history_of_the_old_connection()
    {
        await using var host = await StartAsync();
        var settings = new PoolSettings { Servers = [new ServerSettings { Name = "a", Uri = new Uri("memory://old") }] };

        await host.Pool.CommandAsync(new ApplyConfiguration(settings with { MaxQueue = 7 }));
        await UntilCircuitsAsync(host, 1);

        var server = (await host.UntilAsync("a", ServerStatus.Connected)).Servers.Single();
        Assert.Equal(0, server.Restarts);
    }

    [Fact]
    public async Task A_server_that_is_removed_while_its_circuit_waits_does_not_come_back()
    {
        await using var host = await PoolHost.StartConnectedAsync(
            new PoolSettings
            {
                Servers = [new ServerSettings { Name = "a", Uri = new Uri("memory://old") }],
                Reconnect = new ReconnectSettings { MinBackoff = TimeSpan.FromMilliseconds(200) },
            },
            _memory);
        Crash(host, path => path == "a");
        await host.UntilAsync("a", ServerStatus.Error);

        await host.Pool.CommandAsync(new RemoveServer("a"));
        await host.Pool.CommandAsync(new AddServer(Replacement with { Name = "b" }));
        await host.UntilAsync(status => status.Servers.Single() is { Name: "b", Status: ServerStatus.Connected });

        await UntilCircuitsAsync(host, 1);
        Assert.Equal(0, _memory["old"].Connections);
    }

    private static ServerSettings Replacement => new() { Name = "a", Uri = new Uri("memory://new"), Weight = 7 };

    private Task<PoolHost> StartAsync() => PoolHost.StartConnectedAsync(
        new PoolSettings { Servers = [new ServerSettings { Name = "a", Uri = new Uri("memory://old") }] }, _memory);

    private async Task ReplaceByOneThatConnectsSlowlyAsync(PoolHost host)
    {
        _memory["new"].Method("server/discover", async (_, cancellation) =>
        {
            await _opens.Task.WaitAsync(cancellation);
            return MemoryAnswer.Error(-32601, "an older one");
        });
        await host.Pool.CommandAsync(new UpdateServer(Replacement));
        await Eventually.TrueAsync(() => _memory["new"].Received("server/discover") == 1, "the replacement connects");
    }

    private async Task UntilReplacedAsync(PoolHost host)
    {
        await host.UntilAsync(status => status.Servers.Single() is { Weight: 7, Status: ServerStatus.Connected });
        await UntilCircuitsAsync(host, 1);
        await Eventually.TrueAsync(
            () => (_memory["old"].Connections, _memory["new"].Connections) == (0, 1), "only the new server is connected");
        Assert.Equal("new", Text(await host.Pool.CallToolAsync("who")));
    }

    private static string Text(CallCompleted answer) => answer.Result.GetProperty("content")[0].GetProperty("text").GetString()!;

    private static void Crash(PoolHost host, Func<string, bool> name) =>
        Circuits(host).Single(circuit => name(circuit.Path.Name)).Tell(Kill.Instance);

    private static Task UntilCircuitsAsync(PoolHost host, int number) =>
        Eventually.TrueAsync(() => Circuits(host).Length == number, $"circuits left: {number}");

    private static IActorRef[] Circuits(PoolHost host) =>
        [.. ((ActorRefWithCell)host.Actor).Children.Where(child => child.Path.Name != "router")];
}
