using McpActors.Balancing;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>A whole pool of memory servers with every default, in virtual time: the cost of a minute of failure.</summary>
public sealed class OutageSpecs : VirtualTimeSpec
{
    private const string Tool = "act";

    /// <summary>To open the circuit; then one trial call each after 5, 15 and 35 s, give or take the jitter.</summary>
    private const int MostAttempts = 5 + 3;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(40);

    private readonly MemoryServers _memory = new();

    public static TheoryData<string> Outages => ["fails", "is gone", "fails and then is gone"];

    [Theory]
    [MemberData(nameof(Outages))]
    public async Task A_minute_without_one_of_two_servers_costs_eight_attempts_and_no_safe_call(string outage)
    {
        var (bad, good) = (_memory.Add("bad").Tool(Tool, () => "bad"), _memory.Add("good").Tool(Tool, () => "good"));
        var pool = await StartAsync(PoolHost.Settings("bad", "good"));
        Break(bad, outage);

        var (reached, began) = (0, Now);
        while (Now - began < Minute)
        {
            var answer = await pool.CallToolAsync(Tool, options: new CallOptions { Idempotent = true }).WaitAsync(PoolHost.Patience);
            Assert.Equal("good", answer.Server);
            // An attempt that the circuit refused, because the router had no report of it yet, did not reach the server.
            reached += answer.Attempts.Count(attempt => attempt is { Server: "bad", Outcome: not AttemptOutcome.NotSent });
            Pass(Step);
            if (outage == "fails and then is gone" && Now - began > Minute / 2)
                Break(bad, "is gone");
        }

        Assert.InRange(reached, outage == "is gone" ? 0 : 5, MostAttempts);
        Assert.InRange(bad.Received(Tool), 0, MostAttempts);
        Assert.Equal(Minute / Step, good.Received(Tool), 1.0);
    }

    [Fact]
    public async Task Only_calls_in_flight_when_the_circuit_opens_add_to_the_attempts()
    {
        const int OnTheWay = 16;
        var release = new TaskCompletionSource();
        var bad = _memory.Add("bad").Tool(Tool, async (_, _) =>
        {
            await release.Task;
            throw new InvalidOperationException("down");
        });
        _memory.Add("good").Tool(Tool, () => "good");
        var pool = await StartAsync(PoolHost.Settings("bad", "good"));

        var calls = Enumerable.Range(0, 2 * OnTheWay).Select(_ => CallAsync()).ToArray();
        await UntilAsync(() => bad.Received(Tool) == OnTheWay);
        release.SetResult();
        await Task.WhenAll(calls).WaitAsync(PoolHost.Patience);
        for (var began = Now; Now - began < Minute; Pass(Step))
            await CallAsync();

        Assert.InRange(bad.Received(Tool), OnTheWay, OnTheWay + 3);

        async Task CallAsync() => Assert.Equal(
            "good", (await pool.CallToolAsync(Tool, options: new CallOptions { Idempotent = true }).WaitAsync(PoolHost.Patience)).Server);
    }

    [Fact]
    public async Task A_server_that_takes_calls_and_never_answers_costs_no_safe_call()
    {
        var bad = _memory.Add("bad").Tool(Tool, () => MemoryAnswer.Never);
        _memory.Add("good").Tool(Tool, () => "good");
        var pool = await StartAsync(PoolHost.Settings("bad", "good"));

        var calls = new List<Task<CallCompleted>>();
        for (var began = Now; Now - began < Minute; Pass(Step * 3))
        {
            calls.Add(pool.CallToolAsync(Tool, options: new CallOptions { Idempotent = true }));
            await QuietAsync(pool, "good");
        }
        for (; calls.Exists(call => !call.IsCompleted); Pass(Step * 3))
            await QuietAsync(pool, "good");

        Assert.All(await Task.WhenAll(calls), answer => Assert.Equal("good", answer.Server));
        Assert.InRange(bad.Received(Tool), 1, long.MaxValue);
    }

    [Fact]
    public async Task Ten_thousand_calls_that_all_fail_make_a_fifth_and_ten_a_second_of_extra_attempts()
    {
        const int Calls = 10_000;
        const int AtATime = 50;
        string[] names = ["a", "b", "c", "d"];
        foreach (var name in names)
            _memory.Add(name).Tool(Tool, () => throw new InvalidOperationException("down"));
        var pool = await StartAsync(PoolHost.Settings(names) with
        {
            // Circuits would end the storm before the budget is asked.
            Circuit = new CircuitSettings { ConsecutiveFailures = int.MaxValue, MinimumCalls = int.MaxValue },
        });

        var safe = new CallTool(Tool, Options: new CallOptions { Idempotent = true });
        var began = Now;
        for (var i = 0; i < Calls / AtATime; i++)
        {
            var failures = Task.WhenAll(Enumerable.Range(0, AtATime).Select(_ => pool.SendAsync(safe)));
            await QuietAsync(pool, names);
            for (; !failures.IsCompleted; await QuietAsync(pool, names))
                Pass(Step);
            Assert.All(await failures, reply => Assert.IsType<CallFailed>(reply));
        }

        var extra = names.Sum(name => _memory[name].Received(Tool)) - Calls;
        var allowed = (0.2 * Calls) + (10 * ((Now - began).TotalSeconds + 1));
        Assert.InRange(extra, 0.2 * Calls, allowed);
    }

    /// <summary>Waits until these servers have nothing to do, so that virtual time does not run ahead of them.</summary>
    private Task QuietAsync(IMcpPool pool, params string[] servers) => UntilAsync(
        async () => (await pool.GetStatusAsync()).Servers.All(server => server.InFlight == 0 || !servers.Contains(server.Name)));

    private static void Break(MemoryServer server, string outage)
    {
        server.Tool(Tool, () => throw new InvalidOperationException("down"));
        if (outage != "is gone")
            return;
        server.Refuse();
        server.Disconnect();
    }

    private async Task<IMcpPool> StartAsync(PoolSettings settings)
    {
        var services = new PoolServices(
            settings, current => new Connector(current, new TransportFactory(_memory, current, null), null), Strategies.BuiltIn, seed: 1);
        var pool = Sys.ActorOf(PoolActor.Props(services), "mcp-pool").ToMcpPool(Sys);
        await UntilAsync(
            async () => (await pool.GetStatusAsync()).Servers.All(server => server is { Status: ServerStatus.Connected, Tools: not null }));
        return pool;
    }
}
