using System.Globalization;
using System.Text.Json.Nodes;
using McpActors.Configuration;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>Servers whose messages break the rules, and cannot be misunderstood.</summary>
public sealed class OddAnswerTests
{
    private static readonly string[] Types = ["json", "sse", "ws"];

    /// <summary>Changes of a message, by name.</summary>
    private static readonly Dictionary<string, Func<string, string>> Oddities = new()
    {
        ["id as a float"] = json => WithId(json, id => $"{id}.0"),
        ["id with an exponent"] = json => WithId(json, id => $"{id}e0"),
        ["id in exact scientific notation"] = json =>
            WithId(json, id => decimal.Parse(id, CultureInfo.InvariantCulture).ToString("0.############e0", CultureInfo.InvariantCulture)),
        ["id as text"] = json => WithId(json, id => $"\"{id}\""),
        ["no jsonrpc"] = json => json.Replace("\"jsonrpc\":\"2.0\",", "", StringComparison.Ordinal),
        ["jsonrpc as a number"] = json => json.Replace("\"jsonrpc\":\"2.0\"", "\"jsonrpc\":2.0", StringComparison.Ordinal),
        ["half a surrogate pair in the result"] = json => json.Replace("\"odd\"", "\"odd \\ud800\"", StringComparison.Ordinal),
        ["half a surrogate pair in a name"] = json =>
            json.Replace("\"inputSchema\":{", "\"\\udc00\":1,\"inputSchema\":{", StringComparison.Ordinal),
        ["names twice in a result"] = json => json
            .Replace("\"isError\":", "\"isError\":true,\"_meta\":1,\"_meta\":{\"a\":1,\"a\":2},\"isError\":", StringComparison.Ordinal)
            .Replace("\"tools\":[", "\"nextCursor\":\"more\",\"nextCursor\":null,\"tools\":[", StringComparison.Ordinal),
        ["error null beside the result"] = json => json.Replace("\"result\":", "\"error\":null,\"result\":", StringComparison.Ordinal),
    };

    public static TheoryData<string, string> All
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var oddity in Oddities.Keys)
            {
                foreach (var type in Types)
                    all.Add(oddity, type);
            }
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Every_answer_is_understood(string oddity, string type)
    {
        await using var server = await AnswersAsync(type, message => AnswerTo(message) is { } answer ? Oddities[oddity](answer) : null);
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("sse")]
    [InlineData("ws")]
    public async Task A_tool_whose_name_has_half_a_surrogate_pair_costs_no_other(string type)
    {
        const string Tools = """ "result":{"tools":[{"name":"half \ud800"},{"name":"act"},{"name":"\ud83d\ude00"}]}""";
        await using var server = await AnswersAsync(type, message => (string?)message["method"] == "tools/list"
            ? LegacyMcp.Message(message, Tools)
            : AnswerTo(message));
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        Assert.Equal(
            ["half \uFFFD", "act", "\U0001F600"], (await pool.Host.Pool.ListToolsAsync()).Tools.Select(tool => tool.Name).Order(Longest));
        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync("half \uFFFD")).Story);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("sse")]
    [InlineData("ws")]
    public async Task An_error_with_half_a_surrogate_pair_is_the_servers_error(string type)
    {
        await using var server = await CallAnsweredAsync(
            type, request => LegacyMcp.Message(request, """ "error":{"code":-32602,"message":"no \ud800 here","data":{"at":"\udfff"}}"""));
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        var error = (await pool.CallAsync()).Error!;

        Assert.Equal((PoolErrorKind.Rejected, -32602, "\uFFFD"), (error.Kind, error.Code, error.Data?.GetProperty("at").GetString()));
        Assert.Contains("no \uFFFD here", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("json", "\"result\":{\"content\":[]},", "")]
    [InlineData("json", "", ",\"result\":{\"content\":[]}")]
    [InlineData("sse", "\"result\":{\"content\":[]},", "")]
    [InlineData("sse", "", ",\"result\":null")]
    [InlineData("ws", "\"result\":{\"content\":[]},", "")]
    [InlineData("ws", "", ",\"result\":{\"content\":[]}")]
    public async Task An_error_beside_a_result_is_the_answer(string type, string before, string after)
    {
        await using var server = await CallAnsweredAsync(
            type, request => LegacyMcp.Message(request, $$"""{{before}}"error":{"code":-32602,"message":"no"}{{after}}"""));
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        var error = (await pool.CallAsync()).Error!;

        Assert.Equal((PoolErrorKind.Rejected, -32602), (error.Kind, error.Code));
    }

    [Theory]
    [InlineData("json", "{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{\"content\":[", "the answer is not JSON")]
    [InlineData("json", "{\"jsonrpc\":\"2.0\"", "it begins with `{\"jsonrpc\":\"2.0\"`")]
    [InlineData("json", "{\"jsonrpc\":\"2.0\",\"id\":ID}", "neither a result nor an error")]
    [InlineData("sse", "{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":tru}", "the answer is not JSON")]
    [InlineData("ws", "{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{\"content\":[", "the answer is not JSON")]
    [InlineData("ws", "{\"jsonrpc\":\"2.0\",\"id\":ID}", "neither a result nor an error")]
    public async Task A_broken_answer_ends_its_call_at_once_with_the_reason(string type, string answer, string words)
    {
        await using var server = await CallAnsweredAsync(
            type, request => answer.Replace("ID", request["id"]!.ToJsonString(), StringComparison.Ordinal));
        await using var pool = await BadAndGood.StartAsync(server.Settings);

        var unsafely = await pool.CallAsync();
        var safely = await pool.CallAsync(safe: true);

        Assert.Equal("bad:Lost => OutcomeUnknown", unsafely.Story);
        Assert.Contains(words, unsafely.Error!.Message, StringComparison.Ordinal);
        Assert.Equal("bad:Lost good:Succeeded => good", safely.Story);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"protocolVersion":"2025-11-25","capabilities":[],"serverInfo":[]}""")]
    [InlineData("""{"protocolVersion":"2025-11-25","capabilities":null,"serverInfo":{"name":"php"}}""")]
    [InlineData("""{"protocolVersion":"2025-11-25","capabilities":{"tools":[],"experimental":[]},"serverInfo":{"version":1}}""")]
    [InlineData("""{"protocolVersion":"2025-09-30","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}}""")]
    [InlineData("""{"protocolVersion":"2030-01-01","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}}""")]
    [InlineData("""{"protocolVersion":"1.0","capabilities":{"tools":true},"serverInfo":{"name":"s","version":"1"}}""")]
    [InlineData("""{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"a","name":"b","version":"1"}}""")]
    [InlineData("""{"capabilities":{"tools":1,"tools":{"listChanged":true,"listChanged":false}},"serverInfo":{"name":"s"}}""")]
    [InlineData("""
        {"capabilities":{"tools":{},"experimental":{"x":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
        ]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}},"serverInfo":{"name":"s"}}
        """)]
    public async Task A_handshake_that_breaks_the_rules_connects(string result)
    {
        foreach (var type in Types)
        {
            await using var server = await AnswersAsync(type, message => (string?)message["method"] == "initialize"
                ? LegacyMcp.Message(message, $"\"result\":{result}")
                : AnswerTo(message));
            await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);
            Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
        }
    }

    /// <summary>The longest text first.</summary>
    private static Comparer<string> Longest { get; } = Comparer<string>.Create((one, other) => other.Length.CompareTo(one.Length));

    /// <summary>A server that answers calls of tools with these texts, and everything else as it should.</summary>
    private static Task<AnsweringServer> CallAnsweredAsync(string type, Func<JsonNode, string> answer) => AnswersAsync(
        type, message => (string?)message["method"] == "tools/call" ? answer(message) : AnswerTo(message));

    /// <summary>A server that answers with these texts.</summary>
    /// <param name="type">As it answers: over HTTP with JSON or an event, over a WebSocket.</param>
    /// <param name="answer">The answer to a message; null for none.</param>
    private static async Task<AnsweringServer> AnswersAsync(string type, Func<JsonNode, string?> answer)
    {
        if (type == "ws")
        {
            var socket = await ScriptedWebSocketServer.StartAsync((socket, request) =>
                ScriptedWebSocketServer.SendAsync(socket, answer(request)!));
            socket.Answer = message => (string?)message["method"] == "tools/call" ? null : answer(message);
            return new AnsweringServer(socket, socket.Settings);
        }
        var http = await ScriptedHttpServer.StartAsync();
        http.Before = async (context, message) =>
        {
            if (answer(message) is not { } text)
                return false;
            context.Response.ContentType = type == "json" ? "application/json" : "text/event-stream";
            await context.Response.WriteAsync(
                type == "json" ? text : $"event: message\ndata: {text.ReplaceLineEndings("\ndata: ")}\n\n");
            return true;
        };
        return new AnsweringServer(http, http.Settings);
    }

    private sealed record AnsweringServer(IAsyncDisposable Server, ServerSettings Settings) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }

    private static string? AnswerTo(JsonNode message) => (string?)message["method"] == "tools/call"
        ? LegacyMcp.ToolResult(message, "odd").ToJsonString()
        : LegacyMcp.Answer(message)?.ToJsonString();

    private static string WithId(string json, Func<string, string> change)
    {
        var id = JsonNode.Parse(json)!["id"]!.ToJsonString();
        return json.Replace($"\"id\":{id}", $"\"id\":{change(id)}", StringComparison.Ordinal);
    }
}
