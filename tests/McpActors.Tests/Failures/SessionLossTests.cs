using System.Text.Json.Nodes;
using McpActors.Tests.Transports;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>A server that has lost the session, as after a restart: HTTP 404 to a request with its id.</summary>
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

    private static Func<HttpContext, JsonNode, Task<bool>> OnInitialize(Script script) =>
        async (context, message) =>
        {
            if ((string?)message["method"] != "initialize")
                return false;
            await script(context, message);
            return true;
        };
}
