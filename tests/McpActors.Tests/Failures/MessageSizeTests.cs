using System.Text.Json;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>Limits are about the messages themselves, and what exceeds one, or cannot be read, fails its own call alone.</summary>
public sealed class MessageSizeTests
{
    [Fact]
    public async Task A_text_of_any_script_counts_as_long_as_it_is()
    {
        await using var endpoint = await NetworkEndpoint.StartAsync("ws");
        await using var pool = await BadAndGood.StartAsync(endpoint.Settings);
        var text = new string('中', 800_000);

        var answer = await pool.CallAsync("size", new { text });

        Assert.Equal("bad:Succeeded => bad", answer.Story);
        Assert.Equal("800000", answer.CallCompleted!.Text());
    }

    [Fact]
    public async Task A_request_that_is_too_large_for_the_wire_goes_to_no_server_and_harms_none()
    {
        await using var endpoint = await NetworkEndpoint.StartAsync("ws");
        await using var pool = await BadAndGood.StartAsync(endpoint.Settings);
        // JSON on the wire needs three times the bytes of these characters.
        var arguments = JsonElement.Parse($$"""{"text":"{{string.Concat(Enumerable.Repeat("🙂", 900_000))}}"}""");

        for (var i = 0; i < 6; i++)
            Assert.Equal("bad:Rejected => InvalidRequest", (await pool.CallAsync("size", arguments, safe: true)).Story);

        var bad = await pool.BadAsync();
        Assert.Equal((CircuitState.Closed, 0L, 0L), (bad.Circuit, bad.Failures, pool.GoodCalls));
        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync("echo", new { text = "still here" })).Story);
    }

    [Theory]
    [InlineData("application/json", "{0}", "中", 300_000)]
    [InlineData("text/event-stream", "data: {0}\n\n", "中", 300_000)]
    [InlineData("application/json", "{0}", "🙂", 250_000)]
    [InlineData("text/event-stream", "data: {0}\n\n", "🙂", 250_000)]
    public async Task A_result_of_any_script_counts_as_long_as_it_is(string type, string frame, string character, int count)
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        await using var pool = await BadAndGood.StartAsync(server.Settings, BadAndGood.Patient with { MaxResultSize = 1024 * 1024 });
        var content = $$"""{"content":[{"type":"text","text":"{{string.Concat(Enumerable.Repeat(character, count))}}"}]}""";
        server.Call = (context, request) => Scripts.Body(type, frame.Replace(
            "{0}", $$$"""{"jsonrpc":"2.0","id":{{{request["id"]}}},"result":{{{content}}}}""", StringComparison.Ordinal))(context, request);

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
    }

    [Theory]
    [InlineData(null, "bad:ServerError => OutcomeUnknown")]
    [InlineData(true, "bad:ServerError => Rejected")]
    public async Task A_result_that_cannot_be_read_is_an_answer(bool? safe, string story)
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        await using var pool = await BadAndGood.StartAsync(server.Settings);
        var deep = new string('[', 600) + new string(']', 600);
        server.Call = (context, request) => Scripts.Body(
            "application/json", $$$"""{"jsonrpc":"2.0","id":{{{request["id"]}}},"result":{"content":{{{deep}}}}}""")(context, request);

        var answer = await pool.CallAsync(safe: safe);

        Assert.Equal(story, answer.Story);
        Assert.Contains("ran the call, but the answer is nested", answer.Error!.Message, StringComparison.Ordinal);
        Assert.Equal((0L, 0L, 0), await pool.BadAsync() is var bad ? (bad.Failures, pool.GoodCalls, bad.Restarts) : default);
    }
}
