using McpActors.Host.Dashboard.Monitoring;

namespace McpActors.Host.Tests.Dashboard;

public class PoolHistoryTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddDays(20_000);
    private readonly PoolHistory _history = new();

    [Fact]
    public void Calls_before_a_server_was_first_seen_are_not_counted()
    {
        _history.Observe(Status(0, Server("a", calls: 1_000_000)));

        var (servers, totals) = _history.Observe(Status(5, Server("a", calls: 1_000_050)));

        Assert.Equal(50 / 10.0, servers[0].CallsPerSecond);
        Assert.Equal(50 / 10.0, totals.CallsPerSecond);
    }

    [Fact]
    public void A_server_that_was_replaced_counts_from_zero()
    {
        _history.Observe(Status(0, Server("a", calls: 500, failures: 400)));

        var (servers, _) = _history.Observe(Status(5, Server("a", calls: 20, failures: 5)));

        Assert.Equal((2.0, 0.25), (servers[0].CallsPerSecond, servers[0].ErrorRate));
    }

    [Fact]
    public void A_server_that_left_and_came_back_starts_with_an_empty_history()
    {
        _history.Observe(Status(0, Server("a")));
        _history.Observe(Status(5, Server("a", calls: 100)));
        _history.Observe(Status(10));

        var (servers, _) = _history.Observe(Status(15, Server("a", calls: 40)));

        Assert.Equal((0.0, null), (servers[0].CallsPerSecond, servers[0].ErrorRate));
        Assert.All(_history.Points("a", Start.AddSeconds(20)), point => Assert.Equal(0, point.CallsPerSecond));
    }

    [Fact]
    public void The_pools_median_counts_each_server_by_its_calls_and_its_99th_percentile_is_the_slowest()
    {
        _history.Observe(Status(0, Server("a"), Server("b"), Server("idle")));

        var (_, totals) = _history.Observe(
            Status(5, Server("a", 30, p50: 2, p99: 4), Server("b", 10, p50: 10, p99: 50), Server("idle", p50: 900, p99: 999)));

        Assert.Equal((TimeSpan.FromMilliseconds(4), TimeSpan.FromMilliseconds(50)), (totals.P50, totals.P99));
    }

    [Fact]
    public void Servers_are_counted_by_state()
    {
        var (_, totals) = _history.Observe(Status(
            0,
            Server("a") with { InFlight = 2 },
            Server("b") with { Circuit = CircuitState.Open, InFlight = 1 },
            Server("c") with { Draining = true },
            Server("d") with { Status = ServerStatus.Error },
            Server("e") with { Status = ServerStatus.Connecting },
            Server("f") with { Status = ServerStatus.Disconnected }));

        Assert.Equal(
            new PoolTotals { Servers = 6, Connected = 3, Connecting = 1, Failed = 1, Disconnected = 1, HeldBack = 2, InFlight = 3 },
            totals);
    }

    [Fact]
    public void An_unknown_server_has_an_empty_history()
    {
        Assert.Equal(History.Steps, _history.Points("nobody", Start).Length);
    }

    private static PoolStatus Status(int second, params ServerInfo[] servers) => new(servers, Start.AddSeconds(second));

    private static ServerInfo Server(string name, long calls = 0, long failures = 0, double? p50 = null, double? p99 = null) => new()
    {
        Name = name,
        Endpoint = $"memory://{name}",
        Group = "default",
        Status = ServerStatus.Connected,
        Calls = calls,
        Failures = failures,
        LatencyP50 = p50 is { } median ? TimeSpan.FromMilliseconds(median) : null,
        LatencyP99 = p99 is { } slow ? TimeSpan.FromMilliseconds(slow) : null,
    };
}
