using System.Globalization;
using System.Text.Json.Nodes;
using McpActors.Configuration;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>Servers whose messages are a little off, and cannot be misunderstood.</summary>
public sealed class OddAnswerTests
{
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

    public static TheoryData<string, string> OverHttp
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var oddity in Oddities.Keys)
            {
                all.Add(oddity, "application/json");
                all.Add(oddity, "text/event-stream");
            }
            return all;
        }
    }

    public static TheoryData<string> All => [.. Oddities.Keys];

    [Theory]
    [MemberData(nameof(OverHttp))]
    public async Task Every_answer_over_http_is_understood(string oddity, string type)
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        server.Before = async (context, message) =>
        {
            if (AnswerTo(message) is not { } answer)
                return false;
            await WriteAsync(context, type, Oddities[oddity](answer.ToJsonString()));
            return true;
        };
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Every_answer_over_a_web_socket_is_understood(string oddity)
    {
        await using var server = await ScriptedWebSocketServer.StartAsync(
            (socket, request) => ScriptedWebSocketServer.SendAsync(socket, Oddities[oddity](AnswerTo(request)!.ToJsonString())));
        server.Answer = message => LegacyMcp.Answer(message) is { } answer ? Oddities[oddity](answer.ToJsonString()) : null;
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/event-stream")]
    [InlineData("ws")]
    public async Task A_tool_whose_name_has_half_a_surrogate_pair_costs_no_other(string type)
    {
        const string Tools = """{"tools":[{"name":"half \ud800"},{"name":"act"},{"name":"\ud83d\ude00"}]}""";
        await using var server = await AnswersAsync(type, request => (string?)request["method"] == "tools/list"
            ? Initialized(request, Tools)
            : AnswerTo(request)?.ToJsonString());
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        Assert.Equal(
            ["half \uFFFD", "act", "\U0001F600"], (await pool.Host.Pool.ListToolsAsync()).Tools.Select(tool => tool.Name).Order(Longest));
        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync("half \uFFFD")).Story);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/event-stream")]
    [InlineData("ws")]
    public async Task An_error_with_half_a_surrogate_pair_is_the_servers_error(string type)
    {
        await using var server = await AnswersAsync(type, request => (string?)request["method"] == "tools/call"
            ? WithError(request, """{"code":-32602,"message":"no \ud800 here","data":{"at":"\udfff"}}""")
            : AnswerTo(request)?.ToJsonString());
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        var error = (await pool.CallAsync()).Error!;

        Assert.Equal((PoolErrorKind.Rejected, -32602, "\uFFFD"), (error.Kind, error.Code, error.Data?.GetProperty("at").GetString()));
        Assert.Contains("no \uFFFD here", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json", "\"result\":{\"content\":[]},", "")]
    [InlineData("application/json", "", ",\"result\":{\"content\":[]}")]
    [InlineData("text/event-stream", "\"result\":{\"content\":[]},", "")]
    [InlineData("text/event-stream", "", ",\"result\":null")]
    [InlineData("ws", "\"result\":{\"content\":[]},", "")]
    [InlineData("ws", "", ",\"result\":{\"content\":[]}")]
    public async Task An_error_beside_a_result_is_the_answer(string type, string before, string after)
    {
        await using var server = await AnswersAsync(type, request => (string?)request["method"] == "tools/call"
            ? $$"""{"jsonrpc":"2.0","id":{{request["id"]!.ToJsonString()}},{{before}}"error":{"code":-32602,"message":"no"}{{after}}}"""
            : AnswerTo(request)?.ToJsonString());
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        var error = (await pool.CallAsync()).Error!;

        Assert.Equal((PoolErrorKind.Rejected, -32602), (error.Kind, error.Code));
    }

    [Theory]
    [InlineData("application/json", "{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{\"content\":[", "the answer is no JSON")]
    [InlineData("application/json", "{\"jsonrpc\":\"2.0\"", "it begins with `{\"jsonrpc\":\"2.0\"`")]
    [InlineData("application/json", "{\"jsonrpc\":\"2.0\",\"id\":ID}", "neither a result nor an error")]
    [InlineData("text/event-stream", "data: {\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":tru}\n\n", "the answer is no JSON")]
    public async Task A_broken_answer_over_http_ends_its_call_at_once_with_the_reason(string type, string body, string words)
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        server.Call = (context, request) =>
            WriteAsync(context, type, body.Replace("ID", request["id"]!.ToJsonString(), StringComparison.Ordinal));
        await using var pool = await BadAndGood.StartAsync(server.Settings);

        var unsafely = await pool.CallAsync();
        var safely = await pool.CallAsync(safe: true);

        Assert.Equal("bad:Lost => OutcomeUnknown", unsafely.Story);
        Assert.Contains(words, unsafely.Error!.Message, StringComparison.Ordinal);
        Assert.Equal("bad:Lost good:Succeeded => good", safely.Story);
    }

    [Theory]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{\"content\":[", "the answer is no JSON")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":ID}", "neither a result nor an error")]
    public async Task A_broken_answer_over_a_web_socket_ends_its_call_at_once_with_the_reason(string text, string words)
    {
        await using var server = await ScriptedWebSocketServer.StartAsync((socket, request) =>
            ScriptedWebSocketServer.SendAsync(socket, text.Replace("ID", request["id"]!.ToJsonString(), StringComparison.Ordinal)));
        await using var pool = await BadAndGood.StartAsync(server.Settings);

        var unsafely = await pool.CallAsync();

        Assert.Equal("bad:Lost => OutcomeUnknown", unsafely.Story);
        Assert.Contains(words, unsafely.Error!.Message, StringComparison.Ordinal);
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
    public async Task A_handshake_that_is_a_little_off_connects(string result)
    {
        await using var http = await ScriptedHttpServer.StartAsync();
        http.Before = async (context, message) =>
        {
            if ((string?)message["method"] != "initialize")
                return false;
            await WriteAsync(context, "application/json", Initialized(message, result));
            return true;
        };
        await using var socket = await ScriptedWebSocketServer.StartAsync(
            (socket, request) => ScriptedWebSocketServer.SendAsync(socket, AnswerTo(request)!.ToJsonString()));
        socket.Answer = message => (string?)message["method"] == "initialize"
            ? Initialized(message, result)
            : LegacyMcp.Answer(message)?.ToJsonString();

        foreach (var settings in (ServerSettings[])[http.Settings, socket.Settings])
        {
            await using var pool = await BadAndGood.StartAsync(settings, alone: true);
            Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
        }
    }

    /// <summary>The longest text first.</summary>
    private static Comparer<string> Longest { get; } = Comparer<string>.Create((one, other) => other.Length.CompareTo(one.Length));

    /// <summary>A server that answers with these texts, over a WebSocket or over HTTP with this type.</summary>
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
            await WriteAsync(context, type, text);
            return true;
        };
        return new AnsweringServer(http, http.Settings);
    }

    private sealed record AnsweringServer(IAsyncDisposable Server, ServerSettings Settings) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }

    private static string WithError(JsonNode request, string error) =>
        $"{{\"jsonrpc\":\"2.0\",\"id\":{request["id"]!.ToJsonString()},\"error\":{error}}}";

    private static string Initialized(JsonNode request, string result) =>
        $"{{\"jsonrpc\":\"2.0\",\"id\":{request["id"]!.ToJsonString()},\"result\":{result}}}";

    private static JsonObject? AnswerTo(JsonNode message) =>
        (string?)message["method"] == "tools/call" ? LegacyMcp.ToolResult(message, "odd") : LegacyMcp.Answer(message);

    private static string WithId(string json, Func<string, string> change)
    {
        var id = JsonNode.Parse(json)!["id"]!.ToJsonString();
        return json.Replace($"\"id\":{id}", $"\"id\":{change(id)}", StringComparison.Ordinal);
    }

    private static Task WriteAsync(HttpContext context, string type, string json)
    {
        context.Response.ContentType = type;
        var isMessage = type != "application/json" && !json.StartsWith("data:", StringComparison.Ordinal);
        return context.Response.WriteAsync(isMessage ? $"event: message\ndata: {json}\n\n" : json);
    }
}
