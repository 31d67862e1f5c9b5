using McpActors.Configuration;
using McpActors.Tests.Failures;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Stories;

/// <summary>Problems of other pools at the start.</summary>
public sealed class StartStories
{
    private static readonly ReconnectSettings Soon = new()
    {
        MinBackoff = TimeSpan.FromMilliseconds(5),
        MaxBackoff = TimeSpan.FromMilliseconds(20),
    };

    private static readonly CircuitSettings SoonTried = new()
    {
        OpenFor = TimeSpan.FromMilliseconds(20),
        MaxOpenFor = TimeSpan.FromMilliseconds(20),
    };

    private readonly MemoryServers _memory = new();

    [Fact]
    public async Task A_pool_whose_servers_are_all_down_starts_and_fails_calls_at_once_and_serves_when_one_comes_up()
    {
        var server = _memory.Add("late").Tool("act", () => "here");
        server.Refuse();
        await using var host = await PoolHost.StartAsync(PoolHost.Settings("late") with { Reconnect = Soon, Circuit = SoonTried }, _memory);
        await host.UntilAsync(status => status.Servers[0].LastError is not null);

        var failed = Assert.IsType<CallFailed>(await host.Pool.SendAsync(new CallTool("act")));
        Assert.Equal(PoolErrorKind.NoServerAvailable, failed.Error.Kind);

        server.Accept();
        await host.UntilAsync(status => status.Servers[0] is { Status: ServerStatus.Connected, Circuit: not CircuitState.Open });
        Assert.Equal("late", (await host.Pool.ExecuteAsync("act")).Server);
    }

    [Fact]
    public async Task A_server_that_failed_very_often_is_still_tried_again()
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        var refused = 0;
        server.Before = async (context, message) =>
        {
            Interlocked.Increment(ref refused);
            await Scripts.Status(503)(context, message);
            return true;
        };
        await using var host = await PoolHost.StartAsync(new PoolSettings { Servers = [server.Settings], Reconnect = Soon });
        await Eventually.TrueAsync(() => Volatile.Read(ref refused) >= 25, "the server is asked again and again");

        server.Before = null;

        await host.UntilAsync("bad", ServerStatus.Connected);
    }

    [Fact]
    public async Task A_server_that_was_down_so_long_that_its_circuit_opened_serves_again_once_it_is_back()
    {
        var server = _memory.Add("late").Tool("act", () => "here");
        server.Refuse();
        await using var host = await PoolHost.StartAsync(
            PoolHost.Settings("late") with { Reconnect = Soon, Circuit = SoonTried }, _memory);
        // Open only for a short time, then half-open until a call passes.
        await host.UntilAsync(status => status.Servers[0].Circuit != CircuitState.Closed);

        server.Accept();
        await host.UntilAsync(status => status.Servers[0] is { Status: ServerStatus.Connected, Circuit: not CircuitState.Open });

        Assert.Equal("late", (await host.Pool.ExecuteAsync("act", options: new CallOptions { Idempotent = true })).Server);
        await host.UntilAsync(status => status.Servers[0].Circuit == CircuitState.Closed);
    }

    [Fact]
    public async Task A_hundred_servers_do_not_all_connect_at_once()
    {
        var (now, most) = (0, 0);
        var names = Enumerable.Range(0, 100).Select(i => $"server-{i}").ToArray();
        foreach (var name in names)
        {
            _memory.Add(name).Method("server/discover", async (_, cancellation) =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref now));
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellation);
                Interlocked.Decrement(ref now);
                return MemoryAnswer.Error(-32601, "not known here");
            });
        }

        await using var host = await PoolHost.StartAsync(PoolHost.Settings(names) with { ConnectConcurrency = 8 }, _memory);

        await host.UntilAsync(status => status.Servers.All(server => server.Status == ServerStatus.Connected));
        Assert.InRange(most, 2, 8);
    }

    [Fact]
    public async Task A_server_that_never_lists_its_tools_delays_no_other_list()
    {
        _memory.Add("slow").Method("tools/list", _ => MemoryAnswer.Never);
        _memory.Add("quick").Tool("act", () => "done");
        await using var host = await PoolHost.StartAsync(PoolHost.Settings("slow", "quick"), _memory);
        await host.UntilAsync(status => status.Servers[1].Tools == 1);

        var list = await host.Pool.ListToolsAsync();

        Assert.Equal(["quick"], Assert.Single(list.Tools).Servers);
        Assert.Equal("quick", (await host.Pool.ExecuteAsync("act", options: new CallOptions { Server = "quick" })).Server);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, value, seen);
    }
}
