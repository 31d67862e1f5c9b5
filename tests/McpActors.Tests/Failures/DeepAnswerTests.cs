using System.Net.WebSockets;
using System.Text.Json.Nodes;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>What a server nests deep reaches its caller, and costs nobody else anything.</summary>
public sealed class DeepAnswerTests
{
    private const string Planted = "planted-token-12345";

    [Theory]
    [InlineData(62)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(505)]
    public async Task A_result_reaches_its_caller(int levels)
    {
        var result = $$"""{"content":{{Nested(levels)}}}""";
        await using var server = await StartAsync((socket, request) => AnswerAsync(socket, request, $"\"result\":{result}"));
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        Assert.Equal(result, (await pool.CallAsync()).CallCompleted?.Result.GetRawText());
    }

    [Theory]
    [InlineData(62)]
    [InlineData(100)]
    [InlineData(500)]
    public async Task The_error_of_a_tool_is_shown_without_the_token_of_the_server(int levels)
    {
        await using var server = await StartAsync((socket, request) => AnswerAsync(
            socket, request, $$"""  "result":{"content":{{Nested(levels, $"\"{Planted}\"")}},"isError":true}"""));
        server.Token = Planted;
        await using var pool = await BadAndGood.StartAsync(server.Settings with { Token = Secret.FromLiteral(Planted) }, alone: true);

        var answer = await pool.CallAsync();

        Assert.Equal("bad:ToolError => bad", answer.Story);
        Assert.Equal(
            $$"""{"content":{{Nested(levels, "\"***\"")}},"isError":true}""", answer.CallCompleted?.Result.GetRawText());
        await pool.IdleAsync();
    }

    [Theory]
    [InlineData(-32000, PoolErrorKind.AllServersFailed)]
    [InlineData(-32602, PoolErrorKind.Rejected)]
    [InlineData(-32601, PoolErrorKind.AllServersFailed)]
    public async Task An_error_keeps_its_code_and_its_data(int code, PoolErrorKind kind)
    {
        var levels = 80;
        await using var server = await StartAsync((socket, request) => AnswerAsync(
            socket, request, $$"""  "error":{"code":{{code}},"message":"no","data":{{Nested(levels)}}}"""));
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        foreach (var some in (int[])[61, 80, 100, 300, 510])
        {
            levels = some;
            var error = (await pool.CallAsync(safe: true)).Error!;
            Assert.Equal((kind, code, Nested(levels)), (error.Kind, error.Code, error.Data?.GetRawText()));
        }
    }

    [Theory]
    [InlineData(400, 62)]
    [InlineData(400, 100)]
    [InlineData(404, 512)]
    public async Task An_error_beside_a_status_keeps_its_code_and_its_data(int status, int levels)
    {
        var error = (await CallOverHttpAsync(status, levels)).Error!;

        Assert.Equal((PoolErrorKind.Rejected, -32602, Nested(levels)), (error.Kind, error.Code, error.Data?.GetRawText()));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    public async Task An_error_beside_a_status_with_data_that_are_too_deep_keeps_its_code(int status)
    {
        var error = (await CallOverHttpAsync(status, 513)).Error!;

        Assert.Equal((PoolErrorKind.Rejected, -32602, null), (error.Kind, error.Code, error.Data));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(513)]
    public async Task An_error_beside_a_failure_of_the_server_keeps_its_words(int levels)
    {
        var error = (await CallOverHttpAsync(500, levels)).Error!;

        Assert.DoesNotContain("[[", error.Message, StringComparison.Ordinal);
        Assert.Contains("no", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""  "id":"sI","method":"roots/list","params":{"a":DEEP}""")]
    [InlineData("""  "id":"sI","method":"ping","params":{"_meta":DEEP}""")]
    [InlineData("""  "id":"sI","method":"sampling/createMessage","params":{"_meta":{"a":DEEP}}""")]
    [InlineData("""  "method":"notifications/cancelled","params":{"requestId":DEEP}""")]
    [InlineData("""  "method":"notifications/cancelled","params":{"requestId":"x","reason":DEEP}""")]
    [InlineData("""  "method":"notifications/progress","params":{"progressToken":"mcp-actors-1","progress":DEEP,"message":DEEP}""")]
    [InlineData("""  "method":"notifications/message","params":DEEP""")]
    [InlineData("""  "method":"notifications/tools/list_changed","params":{"_meta":{"a":DEEP}}""")]
    public async Task Messages_of_the_server_before_its_answer_cost_no_call(string message)
    {
        await using var server = await StartAsync(async (socket, request) =>
        {
            for (var i = 0; i < 30; i++)
            {
                await ScriptedWebSocketServer.SendAsync(socket, "{\"jsonrpc\":\"2.0\"," + message
                    .Replace("sI", $"s{i}", StringComparison.Ordinal).Replace("DEEP", Nested(100), StringComparison.Ordinal) + "}");
            }
            await ScriptedWebSocketServer.SendAsync(socket, LegacyMcp.ToolResult(request, "after all").ToJsonString());
        });
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        var answers = await Task.WhenAll(pool.CallAsync(), pool.CallAsync());

        Assert.All(answers, answer => Assert.Equal("after all", answer.CallCompleted?.Text()));
        Assert.Equal((ServerStatus.Connected, 0), await pool.BadAsync() is var bad ? (bad.Status, bad.Restarts) : default);
    }

    [Fact]
    public async Task A_tool_whose_schema_is_deep_is_listed_beside_the_others()
    {
        var schema = "{\"properties\":{\"a\":{\"default\":" + Nested(200) + "}}}";
        await using var server = await StartAsync(
            (socket, request) => ScriptedWebSocketServer.SendAsync(socket, LegacyMcp.ToolResult(request, "listed").ToJsonString()));
        server.Answer = message => (string?)message["method"] == "tools/list"
            ? LegacyMcp.Message(message, $$"""  "result":{"tools":[{"name":"deep","inputSchema":{{schema}}},{"name":"act"}]}""")
            : LegacyMcp.Answer(message)?.ToJsonString();
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        Assert.Equal(["act", "deep"], (await pool.Host.Pool.ListToolsAsync()).Tools.Select(tool => tool.Name).Order());
        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync("deep")).Story);
    }

    private static async Task<Answer> CallOverHttpAsync(int status, int levels)
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        server.Call = (context, request) => Scripts.Body(
            "application/json",
            LegacyMcp.Message(request, $$"""  "error":{"code":-32602,"message":"no","data":{{Nested(levels)}}}"""),
            status)(context, request);
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);
        return await pool.CallAsync();
    }

    private static Task<ScriptedWebSocketServer> StartAsync(Func<WebSocket, JsonNode, Task> call) =>
        ScriptedWebSocketServer.StartAsync(call);

    private static Task AnswerAsync(WebSocket socket, JsonNode request, string rest) =>
        ScriptedWebSocketServer.SendAsync(socket, LegacyMcp.Message(request, rest));

    private static string Nested(int levels, string inside = "") => new string('[', levels) + inside + new string(']', levels);
}
