using McpActors.Configuration;
using McpActors.Tests.Transports;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>A server that crashes, is removed from the pool or outlives it during a call; over each network transport.</summary>
public sealed class ConnectionEndTests
{
    private static readonly PoolSettings ShortDrain = BadAndGood.Patient with { DrainTimeout = TimeSpan.FromMilliseconds(200) };

    [Theory]
    [MemberData(nameof(NetworkEndpoint.KindsAndSafety), MemberType = typeof(NetworkEndpoint))]
    public async Task A_server_that_crashes_during_a_call_may_have_run_it(string kind, bool safe)
    {
        await using var endpoint = await NetworkEndpoint.StartAsync(kind);
        await using var pool = await BadAndGood.StartAsync(endpoint.Settings);
        var call = await WaitingCallAsync(pool, endpoint, safe);

        await endpoint.KillAsync();

        Assert.Equal(safe ? "bad:Lost good:Succeeded => good" : "bad:Lost => OutcomeUnknown", (await call).Story);
    }

    [Theory]
    [MemberData(nameof(NetworkEndpoint.Kinds), MemberType = typeof(NetworkEndpoint))]
    public async Task A_call_after_the_crash_reaches_the_other_server(string kind)
    {
        await using var endpoint = await NetworkEndpoint.StartAsync(kind);
        await using var pool = await BadAndGood.StartAsync(endpoint.Settings);
        await endpoint.KillAsync();

        // The client cannot know whether a frame arrived that it wrote before it saw the socket closed. The same is true of a
        // request whose stream ends meanwhile.
        if (kind is "ws" or "sse")
            await pool.Host.UntilAsync(status => status.Servers[0].Status != ServerStatus.Connected);
        // If the connection is known to be closed, the server is skipped; else the call fails as not sent.
        Assert.Contains((await pool.CallAsync("echo")).Story, new[] { "good:Succeeded => good", "bad:NotSent good:Succeeded => good" });
    }

    [Theory]
    [MemberData(nameof(NetworkEndpoint.KindsAndSafety), MemberType = typeof(NetworkEndpoint))]
    public async Task A_server_that_is_removed_during_a_call_is_drained_and_then_the_call_is_lost(string kind, bool safe)
    {
        await using var endpoint = await NetworkEndpoint.StartAsync(kind);
        await using var pool = await BadAndGood.StartAsync(endpoint.Settings, ShortDrain);
        var call = await WaitingCallAsync(pool, endpoint, safe);

        await pool.Host.Pool.CommandAsync(new RemoveServer("bad"));

        Assert.Equal(safe ? "bad:Lost good:Succeeded => good" : "bad:Lost => OutcomeUnknown", (await call).Story);
        await pool.Host.UntilAsync(status => status.Servers is [{ Name: "good", InFlight: 0 }]);
    }

    [Theory]
    [MemberData(nameof(NetworkEndpoint.Kinds), MemberType = typeof(NetworkEndpoint))]
    public async Task A_server_that_is_replaced_during_a_call_is_drained_and_then_the_call_is_lost(string kind)
    {
        await using var endpoint = await NetworkEndpoint.StartAsync(kind);
        await using var pool = await BadAndGood.StartAsync(endpoint.Settings, ShortDrain);
        var call = await WaitingCallAsync(pool, endpoint, safe: false);

        await pool.Host.Pool.CommandAsync(new UpdateServer(endpoint.Settings with { Name = "bad", Weight = 2 }));
        await pool.Host.UntilAsync(status => status.Servers[0] is { Weight: 2, Status: ServerStatus.Connected });
        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync("echo", new { text = "meanwhile" }, server: "bad")).Story);

        Assert.Equal("bad:Lost => OutcomeUnknown", (await call).Story);
    }

    [Theory]
    [MemberData(nameof(NetworkEndpoint.Kinds), MemberType = typeof(NetworkEndpoint))]
    public async Task A_connection_that_is_reopened_during_a_call_loses_it(string kind)
    {
        await using var endpoint = await NetworkEndpoint.StartAsync(kind);
        await using var pool = await BadAndGood.StartAsync(endpoint.Settings);
        var call = await WaitingCallAsync(pool, endpoint, safe: false);

        await pool.Host.Pool.CommandAsync(new ReconnectServer("bad"));

        Assert.Equal("bad:Lost => OutcomeUnknown", (await call).Story);
        await pool.Host.UntilAsync(status => status.Servers[0] is { Status: ServerStatus.Connected, Restarts: 1, InFlight: 0 });
    }

    [Theory]
    [MemberData(nameof(NetworkEndpoint.Kinds), MemberType = typeof(NetworkEndpoint))]
    public async Task A_pool_that_stops_answers_what_it_still_holds(string kind)
    {
        await using var endpoint = await NetworkEndpoint.StartAsync(kind);
        var pool = await BadAndGood.StartAsync(endpoint.Settings, ShortDrain);
        var call = await WaitingCallAsync(pool, endpoint, safe: false);

        await pool.DisposeAsync().AsTask().WaitAsync(PoolHost.Patience);

        Assert.Equal("bad:Lost => OutcomeUnknown", (await call.WaitAsync(PoolHost.Patience)).Story);
    }

    private static async Task<Task<Answer>> WaitingCallAsync(BadAndGood pool, KestrelEndpoint endpoint, bool safe)
    {
        var call = pool.CallAsync("wait", safe: safe);
        await Eventually.TrueAsync(() => endpoint.Server.Waiting == 1, "the server has the call");
        return call;
    }
}
