using Akka.Actor;
using Akka.TestKit;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Telemetry;
using McpActors.Tests.Telemetry;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Connections;

/// <summary>One connection to a real MCP server in memory; its timers run in virtual time, its parent is a probe.</summary>
public sealed class ServerConnectionActorSpecs : VirtualTimeSpec
{
    private readonly MemoryServers _memory = new();
    private readonly TestProbe _circuit;
    // What the real clock measures is only to end where a spec is about that.
    private readonly PoolSettings _pool = new()
    {
        CloseTimeout = TimeSpan.FromSeconds(2),
        ConnectTimeout = PoolHost.Patience,
        DiscoverTimeout = PoolHost.Patience,
        Reconnect = new ReconnectSettings { Jitter = 0 },
        Probe = new ProbeSettings { Jitter = 0, Timeout = PoolHost.Patience },
    };

    public ServerConnectionActorSpecs() => _circuit = CreateTestProbe("circuit");

    [Fact]
    public async Task Connects_at_start_and_tells_what_it_found()
    {
        _memory.Add("s").Tool("echo", () => "hello");
        Start();

        Assert.Equal(ServerStatus.Connecting, (await ReportAsync(_ => true)).Status);
        var report = await ReportAsync(r => r.Catalogue is not null);

        Assert.Equal(ServerStatus.Connected, report.Status);
        Assert.Equal(("2026-07-28", "s"), (report.ProtocolVersion, report.ServerName));
        Assert.Equal(["echo"], report.Catalogue!.Tools.Keys.ToArray());
    }

    [Theory]
    [InlineData(null, "server/discover")]
    [InlineData("2025-11-25", "ping")]
    public async Task Probes_by_what_the_revision_knows(string? version, string method)
    {
        var server = _memory.Add("s");
        server.ProtocolVersion = version;
        Start();
        await ConnectedAsync();
        var before = server.Received(method);

        Pass(_pool.Probe.Interval);

        await UntilAsync(() => server.Received(method) == before + 1);
    }

    [Fact]
    public async Task An_error_is_an_answer_to_a_probe()
    {
        var server = _memory.Add("s");
        Start();
        await ConnectedAsync();
        server.Method("server/discover", _ => throw new InvalidOperationException("not in the mood"));

        var before = server.Received("server/discover");
        await PassUntilAsync(() => server.Received("server/discover") >= before + 4);

        await _circuit.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_server_that_answers_no_probe_is_in_error_after_the_threshold_and_connected_anew()
    {
        var server = _memory.Add("s");
        var connection = Start(pool: _pool with { Probe = _pool.Probe with { Timeout = TimeSpan.FromMilliseconds(50) } });
        await ConnectedAsync();
        server.Method("server/discover", _ => MemoryAnswer.Never);

        Pass(_pool.Probe.Interval);
        var first = await ReportAsync(r => r.LastError is not null);
        Assert.Equal(ServerStatus.Connected, first.Status);
        await HandledAsync(connection);
        Pass(_pool.Probe.Interval);
        var second = await ReportAsync(r => r.Status == ServerStatus.Error);
        Assert.Contains("2 probes in a row failed", second.Reason, StringComparison.Ordinal);
        server.RemoveMethod("server/discover");
        await UntilAsync(() => server.Connections == 0);
        await PassUntilAsync(() => server.Connections == 1);
        Assert.Equal(1, (await ReportAsync(r => r.Status == ServerStatus.Connected)).Restarts);
    }

    [Fact]
    public async Task An_answered_attempt_is_reported_once_and_a_cancel_that_comes_later_reports_nothing()
    {
        _memory.Add("s").Tool("echo", () => "hello");
        var connection = Start();
        await ConnectedAsync();

        connection.Tell(Attempt(1, "echo"));
        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(1)).Outcome);
        connection.Tell(new CancelAttempt(1, CancelReason.Caller));
        await HandledAsync(connection);

        await _circuit.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task An_answered_call_counts_as_a_probe()
    {
        var server = _memory.Add("s").Tool("echo", () => "hello");
        var connection = Start();
        await ConnectedAsync();
        var before = server.Received("server/discover");

        connection.Tell(Attempt(1, "echo"));
        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(1)).Outcome);
        Pass(_pool.Probe.Interval);
        await HandledAsync(connection);

        Assert.Equal(before, server.Received("server/discover"));
    }

    [Fact]
    public async Task A_probe_that_is_asked_for_is_sent_at_once_though_calls_were_answered()
    {
        var server = _memory.Add("s").Tool("echo", () => "hello");
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
    public async Task Probes_that_many_ask_for_are_one_and_the_next_is_sent_when_two_seconds_have_passed()
    {
        var server = _memory.Add("s");
        using var metrics = new MetricRecorder(Sys);
        var connection = Start();
        await ConnectedAsync();
        var before = server.Received("server/discover");
        await AskFiftyTimesAsync();
        Assert.Equal(before, server.Received("server/discover"));

        Pass(TimeSpan.FromSeconds(2));
        await AskFiftyTimesAsync();
        await UntilAsync(() => server.Received("server/discover") == before + 1);
        // No other is sent before the connection has the answer.
        await UntilAsync(() => metrics.Of(TelemetryNames.Instruments.ProbeDuration).Count == 1);
        Pass(TimeSpan.FromSeconds(1.9));
        await AskFiftyTimesAsync();
        Pass(TimeSpan.FromSeconds(0.1));
        await AskFiftyTimesAsync();
        await UntilAsync(() => server.Received("server/discover") == before + 2);

        async Task AskFiftyTimesAsync()
        {
            for (var i = 0; i < 50; i++)
                connection.Tell(ConnectionCommand.Probe);
            await HandledAsync(connection);
        }
    }

    [Fact]
    public async Task No_second_probe_is_sent_beside_one_under_way()
    {
        var server = _memory.Add("s");
        var connection = Start();
        await ConnectedAsync();
        var answer = new TaskCompletionSource<object?>();
        server.Method("server/discover", (_, _) => answer.Task);
        var before = server.Received("server/discover");
        Pass(TimeSpan.FromSeconds(2));
        connection.Tell(ConnectionCommand.Probe);
        await UntilAsync(() => server.Received("server/discover") == before + 1);

        // Neither one that is asked for nor the next by schedule.
        Pass(_pool.Probe.Interval);
        connection.Tell(ConnectionCommand.Probe);
        await HandledAsync(connection);

        Assert.Equal(before + 1, server.Received("server/discover"));
    }

    [Fact]
    public async Task A_probe_that_is_asked_for_connects_nothing()
    {
        var server = _memory.Add("s");
        server.Refuse();
        var connection = Start();
        await ReportAsync(r => r.Status == ServerStatus.Error);
        server.Accept();

        connection.Tell(ConnectionCommand.Probe);
        await HandledAsync(connection);
        await _circuit.ExpectNoMsgAsync(TimeSpan.Zero);

        connection.Tell(ConnectionCommand.Disconnect);
        await ReportAsync(r => r is { Status: ServerStatus.Disconnected, Closed: true });
        connection.Tell(ConnectionCommand.Probe);
        await HandledAsync(connection);
        await _circuit.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_server_that_is_down_is_tried_again_with_growing_waits_for_ever()
    {
        var server = _memory.Add("s");
        server.Refuse();
        Start();

        var waits = new List<double>();
        for (var i = 0; i < 4; i++)
        {
            var report = await ReportAsync(r => r.Status == ServerStatus.Error);
            Assert.Equal(i + 1, report.FailedConnects);
            waits.Add((report.NextReconnect!.Value - report.LastErrorAt!.Value).TotalSeconds);
            Pass(report.NextReconnect.Value - report.LastErrorAt.Value);
        }
        Assert.Equal([1, 1.6, 2.56, 4.096], waits);

        server.Accept();
        await PassUntilAsync(() => server.Connections == 1);
        await ReportAsync(r => r is { Status: ServerStatus.Connected, FailedConnects: 0 });
    }

    [Theory]
    [InlineData(29, 1.6)]
    [InlineData(30, 1)]
    public async Task The_waits_begin_anew_only_after_a_connection_that_held(int held, double wait)
    {
        var server = _memory.Add("s");
        server.Refuse();
        Start();
        var failed = await ReportAsync(r => r.Status == ServerStatus.Error);
        server.Accept();
        Pass(failed.NextReconnect!.Value - failed.LastErrorAt!.Value);
        await ConnectedAsync();

        Pass(TimeSpan.FromSeconds(held));
        server.Disconnect();

        var lost = await ReportAsync(r => r.Status == ServerStatus.Error);
        Assert.Equal(wait, (lost.NextReconnect!.Value - lost.LastErrorAt!.Value).TotalSeconds);
    }

    [Fact]
    public async Task What_ran_on_a_connection_that_ends_is_lost_and_what_comes_later_is_not_sent()
    {
        var server = _memory.Add("s").Tool("hang", () => MemoryAnswer.Never);
        var connection = Start();
        await ConnectedAsync();
        connection.Tell(Attempt(1, "hang"));
        await UntilAsync(() => server.Received("hang") == 1);

        server.Disconnect();
        // The attempt may hear of it by itself, so either can be told first.
        var (outcome, isInError) = ((AttemptOutcome?)null, false);
        await _circuit.FishForMessageAsync<object>(
            message =>
            {
                if (message is AttemptEnded { AttemptId: 1 } ended)
                    outcome = ended.Result.Outcome;
                isInError |= message is ConnectionReport { Status: ServerStatus.Error };
                return outcome is not null && isInError;
            },
            PoolHost.Patience);
        Assert.Equal(AttemptOutcome.Lost, outcome);
        connection.Tell(Attempt(2, "hang"));

        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.NotConnected), ((await EndedAsync(2)).Outcome, AttemptCause.NotConnected));
    }

    [Fact]
    public async Task Given_up_attempts_are_answered_at_once_and_cancelled_at_the_server()
    {
        var cancelled = new TaskCompletionSource();
        var server = _memory.Add("s").Tool("hang", async (_, token) =>
        {
            // Each ends by its own cancel alone: one that ended with the other would succeed.
            var mine = new TaskCompletionSource();
            using var registration = token.Register(() => mine.TrySetResult());
            await mine.Task;
            cancelled.TrySetResult();
            return null;
        });
        var connection = Start();
        await ConnectedAsync();
        connection.Tell(Attempt(1, "hang"));
        connection.Tell(Attempt(2, "hang"));
        await UntilAsync(() => server.Received("hang") == 2);

        connection.Tell(new CancelAttempt(1, CancelReason.Caller));
        connection.Tell(new CancelAttempt(2, CancelReason.Deadline));

        Assert.Equal(AttemptOutcome.Cancelled, (await EndedAsync(1)).Outcome);
        Assert.Equal((AttemptOutcome.Lost, AttemptCause.TimedOut), await EndedAsync(2) is var late ? (late.Outcome, late.Cause) : default);
        await cancelled.Task.WaitAsync(PoolHost.Patience);
    }

    [Fact]
    public async Task Disconnected_stays_so_until_told_otherwise()
    {
        var server = _memory.Add("s");
        var connection = Start();
        await ConnectedAsync();

        connection.Tell(ConnectionCommand.Disconnect);
        await ReportAsync(r => r is { Status: ServerStatus.Disconnected, Closed: true });
        await UntilAsync(() => server.Connections == 0);
        Pass(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(10));
        await HandledAsync(connection);
        Assert.Equal(0, server.Connections);

        connection.Tell(ConnectionCommand.Connect);
        await ReportAsync(r => r.Status == ServerStatus.Connected);
    }

    [Fact]
    public async Task A_reconnect_closes_the_old_connection_before_it_opens_the_new_one()
    {
        var server = _memory.Add("s");
        var connection = Start();
        await ConnectedAsync();

        connection.Tell(ConnectionCommand.Reconnect);

        await ReportAsync(r => r.Status == ServerStatus.Connecting);
        await ReportAsync(r => r is { Status: ServerStatus.Connected, Restarts: 1 });
        // The server counts the old one until it has heard of its end.
        await UntilAsync(() => server.Connections == 1);
    }

    [Fact]
    public async Task The_catalogue_follows_the_server_and_outlives_a_failed_reading()
    {
        var server = _memory.Add("s").Tool("one", () => 1);
        server.ProtocolVersion = "2025-11-25";
        Start();
        await ReportAsync(r => r.Catalogue?.Tools.Count == 1);

        server.Tool("two", () => 2);
        var grown = await ReportAsync(r => r.Catalogue?.Tools.Count == 2);
        server.Method("tools/list", _ => throw new InvalidOperationException("cannot say"));
        var before = server.Received("tools/list");
        await PassUntilAsync(() => server.Received("tools/list") > before);

        Assert.Equal(["one", "two"], grown.Catalogue!.Tools.Keys.Order());
        await _circuit.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task What_changes_while_the_catalogue_is_read_is_read_as_well()
    {
        var server = _memory.Add("s").Tool("one", () => 1);
        server.ProtocolVersion = "2025-11-25";
        var answer = new TaskCompletionSource();
        server.Method("tools/list", async (_, _) =>
        {
            var names = answer.Task.IsCompleted ? new[] { "one", "two" } : ["one"];
            await answer.Task;
            return new { tools = names.Select(name => new { name, inputSchema = new { type = "object" } }) };
        });
        var connection = Start();
        await UntilAsync(() => server.Received("tools/list") == 1);

        server.Tool("two", () => 2);
        // The server tells of what changed before it answers what it hears later.
        connection.Tell(Attempt(1, "two"));
        await EndedAsync(1);
        answer.SetResult();

        await ReportAsync(r => r.Catalogue?.Tools.Count == 2);
    }

    [Fact]
    public async Task The_catalogue_is_read_to_its_last_page()
    {
        _memory.Add("s").Tool("any", () => 1).Method("tools/list", call =>
        {
            var page = call.Arguments.TryGetValue("cursor", out var cursor) ? int.Parse(cursor.GetString()!) : 1;
            return new
            {
                tools = new[] { new { name = $"tool-{page}", inputSchema = new { type = "object" } } },
                nextCursor = page < 3 ? $"{page + 1}" : null,
            };
        });
        Start();

        var report = await ReportAsync(r => r.Catalogue is not null);

        Assert.Equal(["tool-1", "tool-2", "tool-3"], report.Catalogue!.Tools.Keys.Order());
    }

    [Fact]
    public async Task A_crash_reports_what_ran_as_lost_and_connects_again_after_a_wait()
    {
        var server = _memory.Add("s").Tool("hang", () => MemoryAnswer.Never);
        var connection = Start();
        await ConnectedAsync();
        connection.Tell(Attempt(1, "hang"));
        await UntilAsync(() => server.Received("hang") == 1);

        connection.Tell(Kill.Instance);

        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(1)).Outcome);
        await ReportAsync(r => r.Status == ServerStatus.Error);
        await UntilAsync(() => server.Connections == 0);
        await PassUntilAsync(() => server.Connections == 1);
        await ReportAsync(r => r.Status == ServerStatus.Connected);
    }

    [Fact]
    public async Task What_is_in_the_mailbox_of_a_connection_that_crashes_is_answered_once_each()
    {
        var server = _memory.Add("s").Tool("hang", () => MemoryAnswer.Never);
        var connection = Start();
        await ConnectedAsync();
        connection.Tell(Attempt(1, "hang"));
        await UntilAsync(() => server.Received("hang") == 1);

        connection.Tell(Kill.Instance);
        connection.Tell(Attempt(2, "hang"));
        connection.Tell(new CancelAttempt(1, CancelReason.Caller));
        connection.Tell(Attempt(3, "hang"));
        await HandledAsync(connection);

        var ends = new List<AttemptEnded>();
        while (ends.Count < 3)
            ends.Add(await _circuit.FishForMessageAsync<AttemptEnded>(_ => true, PoolHost.Patience));
        Assert.Equal(
            [(1, AttemptOutcome.Lost), (2, AttemptOutcome.NotSent), (3, AttemptOutcome.NotSent)],
            ends.OrderBy(ended => ended.AttemptId).Select(ended => (ended.AttemptId, ended.Result.Outcome)));
        Assert.Equal(1, server.Received("hang"));
        Assert.DoesNotContain(await _circuit.ReceiveWhileAsync<object>(TimeSpan.Zero, message => message).ToListAsync(), message => message is AttemptEnded);
    }

    [Fact]
    public async Task Probes_that_fail_now_and_then_never_add_up()
    {
        var server = _memory.Add("s");
        // So many that an answer which comes too late, by the real clock, is not enough for a row of them.
        Start(pool: _pool with { Probe = _pool.Probe with { Timeout = TimeSpan.FromMilliseconds(500), UnhealthyThreshold = 8 } });
        await ConnectedAsync();
        var probes = 0;
        server.Method("server/discover", _ => ++probes % 2 == 0 ? new { } : MemoryAnswer.Never);

        await PassUntilAsync(() => probes >= 18);

        Assert.Equal(1, server.Connections);
        var reports = await _circuit.ReceiveWhileAsync<object>(TimeSpan.Zero, message => message).ToListAsync();
        Assert.All(reports.OfType<ConnectionReport>(), report => Assert.Equal((ServerStatus.Connected, 0), (report.Status, report.Restarts)));
    }

    [Fact]
    public async Task A_connection_that_opens_after_it_was_given_up_is_closed()
    {
        var arrived = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var server = _memory.Add("s").Method("server/discover", async (_, _) =>
        {
            arrived.TrySetResult();
            await release.Task;
            return new { };
        });
        var connection = Start();
        await arrived.Task.WaitAsync(PoolHost.Patience);

        connection.Tell(ConnectionCommand.Disconnect);
        await ReportAsync(r => r is { Status: ServerStatus.Disconnected, Closed: true });
        release.SetResult();

        await UntilAsync(() => server.Connections == 0);
    }

    private IActorRef Start(ServerSettings? settings = null, PoolSettings? pool = null) => _circuit.ChildActorOf(
        ServerConnectionActor.Props(
            settings ?? new ServerSettings { Name = "s", Uri = new Uri("memory://s") },
            pool ?? _pool,
            new Connector(_pool, new TransportFactory(_memory, _pool, null), null),
            seed: 1),
        "connection",
        new OneForOneStrategy(_ => Directive.Restart));

    private static StartAttempt Attempt(long id, string tool) =>
        new(id, new CallRequest("tools/call", tool, null, Wrap: true), DateTimeOffset.MaxValue, null, null);

    private async Task ConnectedAsync() => await ReportAsync(r => r is { Status: ServerStatus.Connected, Catalogue: not null });

    private async Task<ConnectionReport> ReportAsync(Predicate<ConnectionReport> wanted) =>
        await _circuit.FishForMessageAsync(wanted, PoolHost.Patience);

    private async Task<AttemptResult> EndedAsync(long id) =>
        (await _circuit.FishForMessageAsync<AttemptEnded>(ended => ended.AttemptId == id, PoolHost.Patience)).Result;
}
