using System.Collections.Concurrent;
using System.Diagnostics;
using McpActors.Configuration;
using McpActors.Tests.Transports;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>What an HTTP server answers to a probe, through a whole pool.</summary>
public sealed class ProbeAnswerTests : IAsyncLifetime
{
    private static readonly PoolSettings Probing = BadAndGood.Patient with
    {
        Probe = new ProbeSettings { Interval = TimeSpan.FromMilliseconds(20), Jitter = 0, UnhealthyThreshold = 2 },
        Reconnect = new ReconnectSettings { MinBackoff = TimeSpan.FromMilliseconds(20) },
    };

    private readonly ConcurrentQueue<long> _probes = new();
    private ScriptedHttpServer _server = null!;

    public async Task InitializeAsync() => _server = await ScriptedHttpServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(200)]
    [InlineData(202)]
    [InlineData(204)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(429)]
    public async Task A_status_below_500_is_life(int status)
    {
        AnswerProbes(Scripts.Status(status));
        await using var pool = await BadAndGood.StartAsync(_server.Settings, Probing);

        await Eventually.TrueAsync(() => _probes.Count >= 6, "six probes have arrived");

        var bad = await pool.BadAsync();
        Assert.Equal((ServerStatus.Connected, 0, null), (bad.Status, bad.Restarts, bad.LastError));
        Assert.Equal(1, _server.Initialized);
    }

    public static TheoryData<string, object> AnswersWithoutReply => new()
    {
        { "202", Scripts.Status(202) },
        { "200 empty", Scripts.Status(200) },
        { "200 of JSON, empty", Scripts.Body("application/json", "") },
        { "204", Scripts.Status(204) },
        { "an event stream without an event", Scripts.EndedStream },
        { "200 HTML", Scripts.Body("text/html", "<html>It works</html>") },
    };

    [Theory]
    [MemberData(nameof(AnswersWithoutReply))]
    public async Task An_answer_without_a_reply_is_life(string answer, object script)
    {
        Assert.NotEmpty(answer);
        AnswerProbes((Script)script);
        await using var pool = await BadAndGood.StartAsync(_server.Settings, Probing);

        await Eventually.TrueAsync(() => _probes.Count >= 6, "six probes have arrived");

        var bad = await pool.BadAsync();
        Assert.Equal((ServerStatus.Connected, 0, null), (bad.Status, bad.Restarts, bad.LastError));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    public async Task Other_statuses_are_failed_probes_of_a_server_that_has_answered_ping(int status)
    {
        AnswerProbes(Scripts.AsItShouldBe);
        await using var pool = await BadAndGood.StartAsync(_server.Settings, Probing);
        // The client has the first answer before it sends the second probe.
        await Eventually.TrueAsync(() => _probes.Count >= 2, "two probes have arrived");
        AnswerProbes(Scripts.Status(status));

        await pool.Host.UntilAsync(now => now.Servers[0].Restarts > 0);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(500)]
    [InlineData(null)]
    public async Task A_server_that_never_answered_ping_and_lists_its_tools_is_alive(int? status)
    {
        var lists = 0;
        AnswerProbes(status is { } number ? Scripts.Status(number) : Scripts.Never);
        var probes = _server.Before!;
        _server.Before = (context, message) =>
        {
            if ((string?)message["method"] == "tools/list")
                Interlocked.Increment(ref lists);
            return probes(context, message);
        };
        await using var pool = await BadAndGood.StartAsync(
            _server.Settings, Probing with { Probe = Probing.Probe with { Timeout = TimeSpan.FromSeconds(1) } });

        await Eventually.TrueAsync(() => lists >= 6, "it is probed with tools/list");

        var bad = await pool.BadAsync();
        Assert.Equal((ServerStatus.Connected, 0, null), (bad.Status, bad.Restarts, bad.LastError));
        Assert.Equal((1, 1), (_server.Initialized, _probes.Count));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task No_probe_is_sent_while_the_server_asks_for_a_pause(int status)
    {
        var pause = TimeSpan.FromSeconds(1);
        AnswerProbes(Scripts.Status(status, "1"));
        await using var pool = await BadAndGood.StartAsync(_server.Settings, Probing);

        await Eventually.TrueAsync(() => _probes.Count >= 2, "two probes have arrived");

        var times = _probes.ToArray();
        Assert.InRange(Stopwatch.GetElapsedTime(times[0], times[1]), pause, PoolHost.Patience);
        Assert.Equal((ServerStatus.Connected, 0), await pool.BadAsync() is var bad ? (bad.Status, bad.Restarts) : default);
    }

    [Fact]
    public async Task A_pause_that_a_call_was_asked_for_holds_for_probes_too()
    {
        var pause = TimeSpan.FromSeconds(1);
        long asked = 0;
        _server.Call = async (context, message) =>
        {
            asked = Stopwatch.GetTimestamp();
            await Scripts.Status(429, "1")(context, message);
        };
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        AnswerProbes((_, _) => release.Task);
        await using var pool = await BadAndGood.StartAsync(_server.Settings, Probing with
        {
            Probe = Probing.Probe with { Interval = TimeSpan.FromMilliseconds(200) },
        });
        // So that no other probe is sent before the answer to the call.
        await Eventually.TrueAsync(() => !_probes.IsEmpty, "a probe has arrived");
        Assert.Equal("bad:Refused good:Succeeded => good", (await pool.CallAsync()).Story);

        release.SetResult();
        await Eventually.TrueAsync(() => _probes.Count > 1, "another probe has arrived");

        Assert.InRange(Stopwatch.GetElapsedTime(asked, _probes.ElementAt(1)), pause, PoolHost.Patience);
    }

    private void AnswerProbes(Script script) => _server.Before = async (context, message) =>
    {
        if ((string?)message["method"] != "ping")
            return false;
        _probes.Enqueue(Stopwatch.GetTimestamp());
        await script(context, message);
        return true;
    };
}
