using System.Reflection;
using McpActors.Configuration;
using McpActors.Transports;
using Xunit;
using Attributes = McpActors.Telemetry.TelemetryNames.Attributes;
using Instruments = McpActors.Telemetry.TelemetryNames.Instruments;

namespace McpActors.Tests.Telemetry;

/// <summary>The measurements of a pool, as a collector receives them.</summary>
public sealed class MetricsTests
{
    private readonly MemoryServers _memory = new();

    [Fact]
    public async Task A_call_that_fails_over_is_one_call_and_two_attempts()
    {
        _memory.Add("a").Tool("work", () => MemoryAnswer.Error(-32050, "broken"));
        _memory.Add("b").Tool("work", () => "done");
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a", "b"), _memory);
        using var metrics = new MetricRecorder(host.System);

        await host.Pool.CallToolAsync("work", options: new CallOptions { Mode = CallMode.Failover });

        await host.UntilAsync(_ => metrics.Of(Instruments.CallDuration).Count == 1);
        var call = Assert.Single(metrics.Of(Instruments.CallDuration));
        Assert.Equal(
            ("tools/call", "work", "default", null),
            (call[Attributes.Method], call[Attributes.Tool], call[Attributes.Group], call[Attributes.ErrorType]));
        Assert.Equal(
            [("a", "ServerError", "-32050"), ("b", "Succeeded", null)],
            metrics.Of(Instruments.OperationDuration)
                .Select(attempt => (attempt[Attributes.Server], attempt[Attributes.Outcome], attempt[Attributes.ErrorType])));
        Assert.Equal(
            [("a", "ServerError"), ("b", "Succeeded")],
            metrics.Of(Instruments.Attempts).Select(attempt => (attempt[Attributes.Server], attempt[Attributes.Outcome])));
        var failover = Assert.Single(metrics.Of(Instruments.Failovers));
        Assert.Equal(("a", "ServerError"), (failover[Attributes.Server], failover[Attributes.Outcome]));
        Assert.All(metrics.Of(Instruments.OperationDuration), attempt => Assert.True(attempt.Value is > 0 and < 30));
    }

    [Fact]
    public async Task A_call_that_no_server_can_take_is_counted_with_its_error()
    {
        await using var host = await PoolHost.StartAsync(PoolHost.Settings("nobody"), _memory);
        using var metrics = new MetricRecorder(host.System);

        await Assert.ThrowsAnyAsync<Exception>(() => host.Pool.CallToolAsync("work"));

        await host.UntilAsync(_ => metrics.Of(Instruments.CallDuration).Count == 1);
        var call = Assert.Single(metrics.Of(Instruments.CallDuration));
        Assert.Equal(nameof(PoolErrorKind.NoServerAvailable), call[Attributes.ErrorType]);
        Assert.Empty(metrics.Of(Instruments.Attempts));
    }

    [Theory]
    [InlineData("made-up-tool", "tools/call")]
    [InlineData("made/up", "_OTHER")]
    public async Task Names_invented_by_callers_create_no_series(string method, string expected)
    {
        _memory.Add("a").Tool("work", () => "done");
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);
        using var metrics = new MetricRecorder(host.System);

        await Assert.ThrowsAnyAsync<Exception>(() => host.Pool.ExecuteAsync(method, options: new CallOptions { Server = "a" }));

        await host.UntilAsync(_ => metrics.Of(Instruments.CallDuration).Count == 1);
        var measured = metrics.Of(Instruments.CallDuration).Concat(metrics.Of(Instruments.OperationDuration)).ToList();
        Assert.Equal(2, measured.Count);
        Assert.All(measured, value => Assert.Equal(expected, value[Attributes.Method]));
        Assert.All(measured, value => Assert.DoesNotContain("made", string.Join(' ', value.Tags.Values)));
    }

    [Fact]
    public async Task A_server_shows_its_running_and_waiting_attempts()
    {
        var release = new TaskCompletionSource();
        _memory.Add("a").Tool("work", async (_, _) =>
        {
            await release.Task;
            return "done";
        });
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a") with { MaxInFlight = 1, MaxQueue = 4 }, _memory);
        var calls = Enumerable.Range(0, 3).Select(_ => host.Pool.CallToolAsync("work")).ToArray();
        await host.UntilAsync(status => status.Servers[0].InFlight == 3);

        // The circuit may not have seen the last of them yet.
        await host.UntilAsync(_ => Shown(host, Instruments.ServerQueued) == 2);
        Assert.Equal(1, Shown(host, Instruments.ServerInFlight));
        Assert.Equal(3, Shown(host, Instruments.CallsActive));

        release.SetResult();
        await Task.WhenAll(calls);
        await host.UntilAsync(_ => Shown(host, Instruments.CallsActive) == 0);
        // A circuit answers before it counts.
        await host.UntilAsync(_ => (Shown(host, Instruments.ServerInFlight), Shown(host, Instruments.ServerQueued)) == (0, 0));
    }

    [Fact]
    public async Task A_circuit_and_a_connection_are_in_one_state_each()
    {
        _memory.Add("a");
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);
        using var metrics = new MetricRecorder(host.System);

        await host.Pool.CommandAsync(new IsolateServer("a"));
        await host.UntilAsync(status => status.Servers[0].Circuit == CircuitState.Isolated);

        Assert.Equal("Isolated", StateIn(Instruments.ServerCircuit));
        Assert.Equal("Connected", StateIn(Instruments.ServerStatus));
        var change = Assert.Single(metrics.Of(Instruments.CircuitChanges));
        Assert.Equal(("a", "Isolated"), (change[Attributes.Server], change[Attributes.State]));

        string? StateIn(string instrument) => Assert.Single(metrics.Of(instrument), state => state.Value == 1)[Attributes.State];
    }

    [Fact]
    public async Task A_replacement_connection_is_measured_together_with_the_replaced_one()
    {
        var server = _memory.Add("a");
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);
        using var metrics = new MetricRecorder(host.System);

        await host.Pool.CommandAsync(new ReconnectServer("a"));
        await host.UntilAsync(status => status.Servers[0] is { Restarts: 1, Status: ServerStatus.Connected });

        Assert.Single(metrics.Of(Instruments.Reconnects), reconnect => reconnect[Attributes.Server] == "a");
        Assert.Single(metrics.Of(Instruments.ConnectDuration), connect => connect[Attributes.ErrorType] is null);
        Assert.Single(
            metrics.Of(Instruments.SessionDuration),
            session => session[Attributes.Server] == "a" && session[Attributes.ProtocolVersion] is not null);

        server.Refuse();
        await host.Pool.CommandAsync(new ReconnectServer("a"));
        await host.UntilAsync("a", ServerStatus.Error);

        Assert.Contains(metrics.Of(Instruments.ConnectDuration), connect => connect[Attributes.ErrorType] is not null);
    }

    [Fact]
    public async Task Probes_are_measured()
    {
        _memory.Add("a");
        var settings = PoolHost.Settings("a") with { Probe = new ProbeSettings { Interval = TimeSpan.FromMilliseconds(20), Jitter = 0 } };
        await using var host = await PoolHost.StartConnectedAsync(settings, _memory);
        using var metrics = new MetricRecorder(host.System);

        await host.UntilAsync(_ => metrics.Of(Instruments.ProbeDuration).Count > 0);

        Assert.Equal("a", metrics.Of(Instruments.ProbeDuration)[0][Attributes.Server]);
    }

    [Fact]
    public async Task A_server_that_left_is_not_shown()
    {
        _memory.Add("a");
        _memory.Add("b");
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a", "b"), _memory);

        await host.Pool.CommandAsync(new RemoveServer("b"));

        await host.UntilAsync(_ =>
        {
            using var metrics = new MetricRecorder(host.System);
            return metrics.Of(Instruments.ServerInFlight).All(measured => measured[Attributes.Server] == "a");
        });
    }

    [Fact]
    public async Task A_pool_in_no_cluster_is_one_node()
    {
        await using var host = await PoolHost.StartAsync(PoolHost.Settings(), _memory);
        await host.Pool.GetStatusAsync();
        using var metrics = new MetricRecorder(host.System);

        Assert.Equal(
            [("Joining", 0), ("Up", 1), ("Leaving", 0), ("Down", 0), ("Unreachable", 0)],
            metrics.Of(Instruments.Nodes).Select(nodes => (nodes[Attributes.State], nodes.Value)));
    }

    [Fact]
    public async Task Every_name_has_an_instrument_and_every_instrument_a_name()
    {
        await using var host = await PoolHost.StartAsync(PoolHost.Settings(), _memory);
        await host.Pool.GetStatusAsync();
        using var metrics = new MetricRecorder(host.System);

        var names = typeof(Instruments).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!);

        Assert.Equal(names.Order(StringComparer.Ordinal), metrics.Instruments.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Durations_are_in_seconds_and_counts_name_what_they_count()
    {
        await using var host = await PoolHost.StartAsync(PoolHost.Settings(), _memory);
        await host.Pool.GetStatusAsync();
        using var metrics = new MetricRecorder(host.System);

        var (durations, others) = (metrics.Units.Where(IsDuration), metrics.Units.Where(unit => !IsDuration(unit)));
        Assert.All(durations, unit => Assert.Equal("s", unit.Value));
        // Gauges of a state are 0 or 1 and have no unit.
        Assert.All(
            others.Where(unit => unit.Key is not (Instruments.ServerStatus or Instruments.ServerCircuit)),
            unit => Assert.Matches("^[{][a-z]+[}]$", unit.Value));

        static bool IsDuration(KeyValuePair<string, string?> unit) => unit.Key.EndsWith(".duration", StringComparison.Ordinal);
    }

    private static double Shown(PoolHost host, string gauge)
    {
        using var metrics = new MetricRecorder(host.System);
        return metrics.Of(gauge).Sum(measured => measured.Value);
    }
}
