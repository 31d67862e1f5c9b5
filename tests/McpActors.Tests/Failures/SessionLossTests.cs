using System.Text.Json.Nodes;
using McpActors.Configuration;
using McpActors.Tests.Transports;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>
/// A server that has lost the session, as after a restart: HTTP 404 to a request with its id, or 400 as common servers do. What only sounds
/// like it is a tool's own answer.
/// </summary>
public sealed class SessionLossTests : IAsyncLifetime
{
    private ScriptedHttpServer _server = null!;

    public async Task InitializeAsync() => _server = await ScriptedHttpServer.StartAsync(sessions: true);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_refused_call_is_sent_once_more_on_a_new_session()
    {
        await using var pool = await BadAndGood.StartAsync(_server.Settings);
        _server.ForgetSessions();

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
        Assert.Equal((2, 1), (_server.Initialized, _server.Calls));
        await AssertNothingFailedAsync(pool);
    }

    [Fact]
    public async Task Many_calls_refused_at_once_share_one_new_session()
    {
        await using var pool = await BadAndGood.StartAsync(_server.Settings);
        _server.ForgetSessions();

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => pool.CallAsync()));

        Assert.All(answers, answer => Assert.Equal("bad:Succeeded => bad", answer.Story));
        Assert.Equal(2, _server.Initialized);
        Assert.Equal(40, _server.Calls);
        await AssertNothingFailedAsync(pool);
    }

    [Theory]
    [InlineData(200, -32002, "Server not initialized")]
    [InlineData(400, -32000, "Bad Request: Server not initialized")]
    public async Task A_handshake_that_is_forgotten_without_a_session_is_made_again(int status, int code, string words)
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        var hasForgotten = false;
        server.Before = async (context, message) =>
        {
            hasForgotten &= (string?)message["method"] != "initialize";
            if (hasForgotten)
                await Scripts.Error(code, status, words)(context, message);
            return hasForgotten;
        };
        await using var pool = await BadAndGood.StartAsync(server.Settings);
        Volatile.Write(ref hasForgotten, true);

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
        Assert.Equal((2, 1), (server.Initialized, server.Calls));
    }

    [Fact]
    public async Task A_server_that_answers_no_ping_is_not_asked_for_one_to_decide()
    {
        var (pings, lists) = (0, 0);
        _server.UnknownSessionStatus = 400;
        _server.Before = async (context, message) =>
        {
            var isPing = (string?)message["method"] == "ping";
            Interlocked.Add(ref pings, isPing ? 1 : 0);
            Interlocked.Add(ref lists, (string?)message["method"] == "tools/list" ? 1 : 0);
            if (isPing)
                await Scripts.Status(500)(context, message);
            return isPing;
        };
        await using var pool = await BadAndGood.StartAsync(_server.Settings, BadAndGood.Patient with
        {
            Probe = new ProbeSettings { Interval = TimeSpan.FromMilliseconds(20), Jitter = 0 },
        });
        await Eventually.TrueAsync(() => Volatile.Read(ref lists) >= 4, "it is probed with tools/list");
        _server.ForgetSessions();

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
        Assert.Equal(1, pings);
    }

    [Theory]
    [InlineData(null, "bad:Lost => OutcomeUnknown")]
    [InlineData(true, "bad:Lost good:Succeeded => good")]
    public async Task A_call_that_was_pending_at_the_loss_may_have_run(bool? safe, string story)
    {
        await using var pool = await BadAndGood.StartAsync(_server.Settings);
        _server.Call = Scripts.Never;
        var pending = pool.CallAsync(safe: safe);
        await Eventually.TrueAsync(() => _server.Calls == 1, "the first call arrives");
        _server.Call = Scripts.Result("new");
        _server.ForgetSessions();

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
        Assert.Equal(story, (await pending).Story);
        Assert.Equal(2, _server.Calls);
    }

    [Fact]
    public async Task A_loss_that_a_reading_of_the_catalogue_meets_is_mended_before_the_next_call()
    {
        await using var pool = await BadAndGood.StartAsync(
            _server.Settings, BadAndGood.Patient with { CatalogueRefresh = TimeSpan.FromSeconds(1) });

        _server.ForgetSessions();

        await Eventually.TrueAsync(() => _server.Initialized == 2, "a new session is opened without a call");
    }

    [Fact]
    public async Task A_server_that_refuses_the_first_reading_of_each_session_keeps_its_connection()
    {
        _server.Before = async (context, message) =>
        {
            if ((string?)message["method"] != "tools/list")
                return false;
            await Scripts.Status(404)(context, message);
            return true;
        };
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true, waitForBad: false);
        await pool.Host.UntilAsync("bad", ServerStatus.Connected);

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
        Assert.Equal(1, _server.Initialized);
        await AssertNothingFailedAsync(pool);
    }

    [Fact]
    public async Task A_server_that_refuses_its_new_session_too_is_left_after_one_retry()
    {
        await using var pool = await BadAndGood.StartAsync(_server.Settings);
        _server.Call = Scripts.Status(404);

        Assert.Equal("bad:Refused good:Succeeded => good", (await pool.CallAsync()).Story);
        Assert.Equal(2, _server.Calls);
    }

    [Fact]
    public async Task Without_a_new_session_the_call_moves_to_another_server()
    {
        await using var pool = await BadAndGood.StartAsync(_server.Settings);
        _server.Before = OnInitialize(Scripts.Status(500));
        _server.ForgetSessions();

        Assert.Equal("bad:NotSent good:Succeeded => good", (await pool.CallAsync()).Story);
        Assert.Equal(0, _server.Calls);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(true)]
    public async Task The_deadline_of_a_call_holds_while_a_new_session_is_opened(bool? safe)
    {
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true);
        _server.Before = OnInitialize(Scripts.Never);
        _server.ForgetSessions();

        Assert.Equal("bad:NotSent => DeadlineExceeded", (await pool.CallAsync(safe: safe, timeout: TimeSpan.FromSeconds(3))).Story);
        Assert.Equal(0, _server.Calls);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(-32000)]
    [InlineData(-32600)]
    public async Task A_server_that_answers_400_to_an_unknown_session_is_known_by_a_probe(int? code)
    {
        await using var pool = await BadAndGood.StartAsync(_server.Settings);
        _server.UnknownSession = code is { } number ? Scripts.Error(number, 400) : Scripts.Status(400);
        _server.ForgetSessions();

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
        Assert.Equal((2, 1), (_server.Initialized, _server.Calls));
        await AssertNothingFailedAsync(pool);
    }

    [Theory]
    [InlineData(400, null, "Invalid session")]
    [InlineData(400, -32000, "Server not initialized")]
    [InlineData(401, null, "Session expired")]
    [InlineData(404, -32603, "no such session")]
    [InlineData(409, null, "")]
    [InlineData(410, null, "")]
    [InlineData(422, null, "Unexpected message, expect initialize request")]
    [InlineData(428, null, "Mcp-Session-Id is missing")]
    [InlineData(200, -32002, "Server not initialized")]
    public async Task A_session_lost_in_any_words_is_opened_again_even_if_a_ping_needs_none(int status, int? code, string words)
    {
        foreach (var pingNeedsNone in new[] { false, true })
        {
            await using var server = await ScriptedHttpServer.StartAsync(sessions: true);
            server.UnknownSession = code is { } number ? Scripts.Error(number, status, words) : Scripts.Body("text/plain", words, status);
            if (pingNeedsNone && words.Length > 0)
                server.Before = On("ping", Scripts.AsItShouldBe);
            await using var pool = await BadAndGood.StartAsync(server.Settings);
            server.ForgetSessions();

            Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
            Assert.Equal((2, 1), (server.Initialized, server.Calls));
            await AssertNothingFailedAsync(pool);
        }
    }

    [Fact]
    public async Task A_server_that_refuses_its_probes_in_such_words_gets_a_new_session_without_a_call()
    {
        _server.UnknownSession = Scripts.Error(-32000, 400, "Server not initialized");
        await using var pool = await BadAndGood.StartAsync(_server.Settings, BadAndGood.Patient with
        {
            Probe = new() { Interval = TimeSpan.FromMilliseconds(100) },
        });

        _server.ForgetSessions();

        await Eventually.TrueAsync(() => _server.Initialized == 2, "a new session is opened without a call");
    }

    [Theory]
    [InlineData(400, null)]
    [InlineData(400, -32000)]
    [InlineData(400, -32602)]
    [InlineData(404, -32602)]
    public async Task A_request_that_is_wrong_in_a_session_that_the_server_knows_is_rejected(int status, int? code)
    {
        await using var pool = await BadAndGood.StartAsync(_server.Settings);
        _server.Call = code is { } number ? Scripts.Error(number, status) : Scripts.Status(status);

        Assert.Equal("bad:Rejected => Rejected", (await pool.CallAsync()).Story);
        Assert.Equal((1, 1), (_server.Initialized, _server.Calls));
        await AssertNothingFailedAsync(pool);
    }

    [Theory]
    [InlineData(-32000, 200, "bad:ServerError => ServerError")]
    [InlineData(-32001, 200, "bad:ServerError => ServerError")]
    [InlineData(-32000, 400, "bad:Rejected => Rejected")]
    public async Task A_tools_own_words_about_a_session_run_the_call_once_and_end_nothing(int code, int status, string story)
    {
        await using var pool = await BadAndGood.StartAsync(_server.Settings);
        _server.Call = Scripts.Never;
        using var others = new CancellationTokenSource();
        var pending = pool.Host.Pool.SendAsync(new CallTool(LegacyMcp.Tool, Options: new CallOptions { Server = "bad" }), others.Token);
        await Eventually.TrueAsync(() => _server.Calls == 1, "the other call arrives");
        _server.Call = Scripts.Error(code, status, "Unknown session id 42: session not found");

        Assert.Equal(story, (await pool.CallAsync(mode: CallMode.Balanced, server: "bad")).Story);

        Assert.Equal((1, 2), (_server.Initialized, _server.Calls));
        Assert.False(pending.IsCompleted);
        Assert.Equal(0, (await pool.BadAsync()).Restarts);
        await others.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
    }

    [Fact]
    public async Task A_server_that_reports_every_request_of_an_unknown_session_with_200_gets_a_new_session()
    {
        await using var pool = await BadAndGood.StartAsync(_server.Settings);
        _server.UnknownSession = Scripts.Error(-32001, 200, "Session not found");
        _server.ForgetSessions();

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
        Assert.Equal((2, 1), (_server.Initialized, _server.Calls));
        await AssertNothingFailedAsync(pool);
    }

    [Fact]
    public async Task A_call_whose_time_ends_while_a_probe_decides_has_the_answer_that_came()
    {
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true);
        _server.Call = Scripts.Status(400);
        _server.Before = On("ping", Scripts.Never);

        Assert.Equal("bad:Rejected => Rejected", (await pool.CallAsync(timeout: TimeSpan.FromSeconds(2))).Story);
    }

    private static async Task AssertNothingFailedAsync(BadAndGood pool)
    {
        var bad = await pool.BadAsync();
        Assert.Equal((0, CircuitState.Closed), (bad.Failures, bad.Circuit));
    }

    private static Func<HttpContext, JsonNode, Task<bool>> OnInitialize(Script script) => On("initialize", script);

    private static Func<HttpContext, JsonNode, Task<bool>> On(string method, Script script) =>
        async (context, message) =>
        {
            if ((string?)message["method"] != method)
                return false;
            await script(context, message);
            return true;
        };
}
