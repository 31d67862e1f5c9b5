using McpActors.Balancing;
using McpActors.Configuration;
using McpActors.Transports;
using Xunit;
using HoconConfiguration = Akka.Configuration.ConfigurationFactory;

namespace McpActors.Tests.Balancing;

/// <summary>Strategies in a whole pool.</summary>
public sealed class RealPoolTests
{
    private const int Calls = 500;

    public static TheoryData<string, bool> StrategiesWithAndWithoutCircuit()
    {
        var data = new TheoryData<string, bool>();
        foreach (var strategy in Strategies.BuiltIn.Keys.Order(StringComparer.Ordinal))
        {
            data.Add(strategy, true);
            data.Add(strategy, false);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(StrategiesWithAndWithoutCircuit))]
    public async Task A_server_that_fails_at_once_gets_no_more_than_its_fair_share(string strategy, bool circuit)
    {
        var memory = new MemoryServers();
        string[] names = ["a", "bad", "c", "d", "e"];
        foreach (var name in names)
        {
            memory.Add(name).Tool(
                "work",
                () => name == "bad" ? MemoryAnswer.Error(-32000, "broken") : MemoryAnswer.After(TimeSpan.FromMilliseconds(20), name));
        }

        var settings = new PoolSettings
        {
            LoadBalancing = strategy,
            Servers = [.. names.Select(name => new ServerSettings { Name = name, Uri = new Uri($"memory://{name}") })],
            Circuit = circuit ? new CircuitSettings() : new CircuitSettings { ConsecutiveFailures = 10_000, MinimumCalls = 10_000 },
            RetryBudget = new RetryBudgetSettings { Ratio = 1 },
        };
        await using var host = await PoolHost.StartConnectedAsync(settings, memory);
        var next = 0;
        async Task CallAsync()
        {
            for (var call = Interlocked.Increment(ref next); call <= Calls; call = Interlocked.Increment(ref next))
            {
                var options = new CallOptions { AffinityKey = $"key {call}", Idempotent = true };
                Assert.NotEqual("bad", (await host.Pool.ExecuteAsync("work", options: options)).Server);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => CallAsync())).WaitAsync(PoolHost.Patience);

        // A fifth of the calls plus a tolerance; it would be all of them if failing at once made it look idle.
        Assert.InRange(memory["bad"].Received("work"), 0, (Calls / 5) + 40);
    }

    [Fact]
    public async Task A_strategy_of_ones_own_is_found_by_its_name_from_pool_group_route_and_call()
    {
        var memory = new MemoryServers();
        foreach (var name in new[] { "a", "b", "c", "x", "y", "z" })
            memory.Add(name).Tool("work", () => name).Tool("routed", () => name);
        var settings = PoolConfiguration.Read(
            HoconConfiguration.ParseString(
                """
                mcp-actors.pool {
                  load-balancing = last
                  groups { other { load-balancing = middle } }
                  servers {
                    a { uri = "memory://a" }
                    b { uri = "memory://b" }
                    c { uri = "memory://c" }
                    x { uri = "memory://x", group = other }
                    y { uri = "memory://y", group = other }
                    z { uri = "memory://z", group = other }
                  }
                  routes = [{ match = routed, group = default, load-balancing = middle }]
                }
                """),
            strategies: ["last", "middle", "round-robin"]);
        await using var host = await PoolHost.StartAsync(settings, memory, options =>
        {
            options.Strategies["last"] = _ => new PlaceChoice(1);
            options.Strategies["middle"] = _ => new PlaceChoice(0.5);
        });
        await host.UntilAsync(status => status.Servers.All(server => server is { Status: ServerStatus.Connected, Tools: not null }));

        async Task<string> ServerOfAsync(string tool, CallOptions? options = null) =>
            (await host.Pool.ExecuteAsync(tool, options: options)).Server;
        Assert.Equal("c", await ServerOfAsync("work"));
        Assert.Equal("y", await ServerOfAsync("work", new CallOptions { Group = "other" }));
        Assert.Equal("b", await ServerOfAsync("routed"));
        Assert.Equal("z", await ServerOfAsync("work", new CallOptions { Group = "other", Strategy = "last" }));
    }

    private sealed class PlaceChoice(double place) : ILoadBalancingStrategy
    {
        public Candidate Choose(CandidateSet candidates, string? affinityKey) =>
            candidates.Servers[(int)(place * (candidates.Servers.Length - 1))];
    }
}
