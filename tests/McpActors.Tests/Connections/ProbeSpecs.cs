using Akka.Actor;
using McpActors.Connections;
using McpActors.Telemetry;
using McpActors.Tests.Telemetry;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Connections;

/// <summary>When the actor of a connection probes its server, and what follows from the answers.</summary>
public sealed class ProbeSpecs : ServerConnectionSpec
{
    [Theory]
    [InlineData(null, "server/discover")]
    [InlineData("2025-11-25", "ping")]
    public async Task Probes_with_the_method_of_the_negotiated_revision(string? version, string method)
    {
        var server = Memory.Add("s");
        server.ProtocolVersion = version;
        Start();
        await ConnectedAsync();
        var before = server.Received(method);

        Pass(Pool.Probe.Interval);

        await UntilAsync(() => server.Received(method) == before + 1);
    }

    [Fact]
    public async Task An_error_is_an_answer_to_a_probe()
    {
        var server = Memory.Add("s");
        Start();
        await ConnectedAsync();
        server.Method("server/discover", _ => throw new InvalidOperationException("failed on purpose"));

        var before = server.Received("server/discover");
        await PassUntilAsync(() => server.Received("server/discover") >= before + 4);

        await Circuit.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_server_that_answers_no_probe_is_in_error_after_the_threshold_and_reconnected()
    {
        var server = Memory.Add("s");
        var connection = Start(pool: Pool with { Probe = Pool.Probe with { Timeout = TimeSpan.FromMilliseconds(50) } });
        await ConnectedAsync();
        server.Method("server/discover", _ => MemoryAnswer.Never);

        Pass(Pool.Probe.Interval);
        var first = await ReportAsync(r => r.LastError is not null);
        Assert.Equal(ServerStatus.Connected, first.Status);
        await HandledAsync(connection);
        Pass(Pool.Probe.Interval);
        var second = await ReportAsync(r => r.Status == ServerStatus.Error);
        Assert.Contains("2 probes in a row failed", second.Reason, StringComparison.Ordinal);
        server.RemoveMethod("server/discover");
        await UntilAsync(() => server.Connections == 0);
        await PassUntilAsync(() => server.Connections == 1);
        Assert.Equal(1, (await ReportAsync(r => r.Status == ServerStatus.Connected)).Restarts);
    }

    [Fact]
    public async Task A_server_that_ignores_ping_and_nothing_else_is_kept_and_named_once_in_the_log()
    {
        var server = Memory.Add("s").Method("ping", _ => MemoryAnswer.Never);
        server.ProtocolVersion = "2025-11-25";
        Start(pool: Pool with { Probe = Pool.Probe with { Timeout = TimeSpan.FromMilliseconds(500) } });
        await ConnectedAsync();
        var before = server.Received("tools/list");

        await EventFilter.Info(contains: "does not answer ping").ExpectAsync(
            1, () => PassUntilAsync(() => server.Received("tools/list") >= before + 10));

        Assert.Equal((1, 1L), (server.Connections, server.Received("ping")));
        await Circuit.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_server_that_answered_ping_once_is_lost_when_it_stops()
    {
        var server = Memory.Add("s");
        server.ProtocolVersion = "2025-11-25";
        using var metrics = new MetricRecorder(Sys);
        Start(pool: Pool with { Probe = Pool.Probe with { Timeout = TimeSpan.FromMilliseconds(500) } });
        await ConnectedAsync();
        await PassUntilAsync(() => metrics.Of(TelemetryNames.Instruments.ProbeDuration).Count >= 1);

        server.Method("ping", _ => MemoryAnswer.Never);

        await PassUntilAsync(() => server.Connections == 0);
        var failed = await ReportAsync(r => r.Status == ServerStatus.Error);
        Assert.Contains("2 probes in a row failed", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answered_call_counts_as_a_probe()
    {
        var server = Memory.Add("s").Tool("echo", () => "hello");
        var connection = Start();
        await ConnectedAsync();
        var before = server.Received("server/discover");

        connection.Tell(Attempt(1, "echo"));
        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(1)).Outcome);
        Pass(Pool.Probe.Interval);
        await HandledAsync(connection);

        Assert.Equal(before, server.Received("server/discover"));
    }

    [Fact]
    public async Task A_requested_probe_is_sent_at_once_even_after_answered_calls()
    {
        var server = Memory.Add("s").Tool("echo", () => "hello");
        var connection = Start();
        await ConnectedAsync();
        Pass(TimeSpan.FromSeconds(2));
        connection.Tell(Attempt(1, "echo"));
        await EndedAsync(1);
        var before = server.Received("server/discover");

        connection.Tell(ConnectionCommand.Probe);

        await UntilAsync(() => server.Received("server/discover") == before + 1);
    }

    [Fact]
    public async Task Simultaneous_requests_share_one_probe_and_two_seconds_later_another_is_sent()
    {
        var server = Memory.Add("s");
        using var metrics = new MetricRecorder(Sys);
        var connection = Start();
        await ConnectedAsync();
        var before = server.Received("server/discover");
        await RequestFiftyProbesAsync();
        Assert.Equal(before, server.Received("server/discover"));

        Pass(TimeSpan.FromSeconds(2));
        await RequestFiftyProbesAsync();
        await UntilAsync(() => server.Received("server/discover") == before + 1);
        // The connection sends no other one before it has the answer.
        await UntilAsync(() => metrics.Of(TelemetryNames.Instruments.ProbeDuration).Count == 1);
        Pass(TimeSpan.FromSeconds(1.9));
        await RequestFiftyProbesAsync();
        Pass(TimeSpan.FromSeconds(0.1));
        await RequestFiftyProbesAsync();
        await UntilAsync(() => server.Received("server/discover") == before + 2);

        async Task RequestFiftyProbesAsync()
        {
            for (var i = 0; i < 50; i++)
                connection.Tell(ConnectionCommand.Probe);
            await HandledAsync(connection);
        }
    }

    [Fact]
    public async Task No_second_probe_is_sent_while_one_is_under_way()
    {
        var server = Memory.Add("s");
        var connection = Start();
        await ConnectedAsync();
        var answer = new TaskCompletionSource<object?>();
        server.Method("server/discover", (_, _) => answer.Task);
        var before = server.Received("server/discover");
        Pass(TimeSpan.FromSeconds(2));
        connection.Tell(ConnectionCommand.Probe);
        await UntilAsync(() => server.Received("server/discover") == before + 1);

        // Neither a requested nor a scheduled one.
        Pass(Pool.Probe.Interval);
        connection.Tell(ConnectionCommand.Probe);
        await HandledAsync(connection);

        Assert.Equal(before + 1, server.Received("server/discover"));
    }

    [Fact]
    public async Task A_requested_probe_does_not_connect_the_server()
    {
        var server = Memory.Add("s");
        server.Refuse();
        var connection = Start();
        await ReportAsync(r => r.Status == ServerStatus.Error);
        server.Accept();

        connection.Tell(ConnectionCommand.Probe);
        await HandledAsync(connection);
        await Circuit.ExpectNoMsgAsync(TimeSpan.Zero);

        connection.Tell(ConnectionCommand.Disconnect);
        await ReportAsync(r => r is { Status: ServerStatus.Disconnected, Closed: true });
        connection.Tell(ConnectionCommand.Probe);
        await HandledAsync(connection);
        await Circuit.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task Single_failed_probes_do_not_add_up()
    {
        var server = Memory.Add("s");
        // Large enough that a few answers that are late by the real clock make no row of failures.
        Start(pool: Pool with { Probe = Pool.Probe with { Timeout = TimeSpan.FromMilliseconds(500), UnhealthyThreshold = 8 } });
        await ConnectedAsync();
        var probes = 0;
        server.Method("server/discover", _ => ++probes % 2 == 0 ? new { } : MemoryAnswer.Never);

        await PassUntilAsync(() => probes >= 18);

        Assert.Equal(1, server.Connections);
        var reports = await TakeAllAsync(Circuit);
        Assert.All(
            reports.OfType<ConnectionReport>(),
            report => Assert.Equal((ServerStatus.Connected, 0), (report.Status, report.Restarts)));
    }
}
