using System.Text.Json;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>Every answer of an HTTP server that is not a result, over the real transport and a whole pool.</summary>
public sealed class HttpAnswerTests : IAsyncLifetime
{
    private ScriptedHttpServer _server = null!;

    public static TheoryData<string> Rows => [.. HttpAnswerRow.All.Keys];

    public async Task InitializeAsync() => _server = await ScriptedHttpServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task An_unsafe_call_moves_exactly_when_it_cannot_have_run(string name)
    {
        var row = HttpAnswerRow.All[name];
        _server.Call = row.Script;
        await using var pool = await BadAndGood.StartAsync(_server.Settings);

        var answer = await pool.CallAsync();

        Assert.Equal(
            row.Moves == Moves.Always
                ? $"bad:{row.Outcome} good:Succeeded => good"
                : $"bad:{row.Outcome} => {row.Alone?.ToString() ?? "bad"}",
            answer.Story);
        Assert.Equal((1, row.Moves == Moves.Always ? 1 : 0), (_server.Calls, pool.GoodCalls));
    }

    [Theory]
    [InlineData(null, "bad:ServerError => ServerError")]
    [InlineData(true, "bad:ServerError good:Succeeded => good")]
    public async Task After_an_error_a_call_moves_only_if_it_is_safe_unless_its_caller_asks_for_failover(bool? safe, string story)
    {
        _server.Call = Scripts.Error(-32603);
        await using var pool = await BadAndGood.StartAsync(_server.Settings, BadAndGood.Patient with { LoadBalancing = "priority" });

        Assert.Equal(story, (await pool.CallAsync(safe: safe, mode: CallMode.Balanced)).Story);
        Assert.Equal(1, _server.Calls);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_safe_call_moves_unless_every_server_would_answer_the_same(string name)
    {
        var row = HttpAnswerRow.All[name];
        _server.Call = row.Script;
        await using var pool = await BadAndGood.StartAsync(_server.Settings);

        var answer = await pool.CallAsync(safe: true);

        Assert.Equal(
            row.Moves == Moves.Never
                ? $"bad:{row.Outcome} => {row.Alone?.ToString() ?? "bad"}"
                : $"bad:{row.Outcome} good:Succeeded => good",
            answer.Story);
        Assert.Equal((1, row.Moves == Moves.Never ? 0 : 1), (_server.Calls, pool.GoodCalls));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Without_another_server_the_error_reports_whether_it_may_have_run(string name)
    {
        var row = HttpAnswerRow.All[name];
        _server.Call = row.Script;
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true);

        var answer = await pool.CallAsync();

        Assert.Equal($"bad:{row.Outcome} => {row.Alone?.ToString() ?? "bad"}", answer.Story);
        Assert.Equal(1, _server.Calls);
        await pool.IdleAsync();
    }

    [Theory]
    [InlineData("429 with seconds")]
    [InlineData("429 with a date")]
    [InlineData("503 with seconds")]
    [InlineData("503 with a date")]
    public async Task The_wait_a_server_asks_for_reaches_the_caller_and_is_kept(string name)
    {
        _server.Call = HttpAnswerRow.All[name].Script;
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true);

        var first = await pool.CallAsync();
        var second = await pool.CallAsync();

        Assert.InRange(first.Error!.RetryAfter!.Value.TotalSeconds, 50, 60);
        Assert.Equal(" => Overloaded", second.Story);
        Assert.InRange(second.Error!.RetryAfter!.Value.TotalSeconds, 40, 60);
        Assert.Equal(1, _server.Calls);
    }

    [Fact]
    public async Task The_reset_of_its_circuit_ends_the_wait_a_server_asked_for()
    {
        _server.Call = HttpAnswerRow.All["429 with seconds"].Script;
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true);
        await pool.CallAsync();
        _server.Call = Scripts.Result("again");
        Assert.Equal(" => Overloaded", (await pool.CallAsync()).Story);

        await pool.Host.Pool.CommandAsync(new ResetCircuit("bad"));

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
        Assert.Null((await pool.BadAsync()).PausedUntil);
    }

    [Fact]
    public async Task A_refusal_without_a_wait_does_not_delay_the_next_call()
    {
        _server.Call = Scripts.Status(429);
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true);
        await pool.CallAsync();
        _server.Call = Scripts.Result("again");

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
    }

    [Fact]
    public async Task Of_two_replies_in_a_stream_one_counts()
    {
        _server.Call = (context, request) => Scripts.Body(
            "text/event-stream",
            $"data: {LegacyMcp.ToolResult(request, "first").ToJsonString()}\n\n"
            + $"data: {LegacyMcp.ToolResult(request, "second").ToJsonString()}\n\n")(context, request);
        await using var pool = await BadAndGood.StartAsync(_server.Settings);

        for (var i = 0; i < 3; i++)
            Assert.Contains((await pool.CallAsync()).CallCompleted?.Text(), new[] { "first", "second" });

        Assert.Equal((3, 3L, 0L), await pool.BadAsync() is var bad ? (_server.Calls, bad.Calls, bad.Failures) : default);
    }

    [Fact]
    public async Task A_call_with_a_name_twice_deep_inside_was_sent_when_its_answer_was_lost()
    {
        _server.Call = Scripts.Status(502);
        await using var pool = await BadAndGood.StartAsync(_server.Settings);

        var answer = await pool.CallAsync(arguments: JsonElement.Parse("""{"inner":{"a":1,"a":2}}"""));

        Assert.Equal("bad:Lost => OutcomeUnknown", answer.Story);
        Assert.Equal((1, 0), (_server.Calls, pool.GoodCalls));
    }

    [Fact]
    public async Task A_result_is_accepted_as_json_and_as_event_stream()
    {
        await using var pool = await BadAndGood.StartAsync(_server.Settings);
        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);

        _server.Call = Scripts.EventOf("as an event");
        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
    }
}
