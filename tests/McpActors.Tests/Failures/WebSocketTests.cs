using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>Failures of a WebSocket server while it has a call.</summary>
public sealed class WebSocketTests
{
    // Long enough for the call to be sent.
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(3);

    private static readonly Dictionary<string, Func<WebSocket, JsonNode, Task>> Endings = new()
    {
        ["close"] = (socket, _) => socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "restarting", CancellationToken.None),
        ["abort"] = (socket, _) =>
        {
            socket.Abort();
            return Task.CompletedTask;
        },
    };

    private static readonly Dictionary<string, Func<WebSocket, JsonNode, Task>> Silences = new()
    {
        ["nothing"] = (_, _) => Task.CompletedTask,
        ["malformed JSON"] = (socket, _) => ScriptedWebSocketServer.SendAsync(socket, "{\"jsonrpc\""),
        ["JSON that is not JSON-RPC"] = (socket, _) => ScriptedWebSocketServer.SendAsync(socket, "[1, 2]"),
        ["an empty frame"] = (socket, _) => ScriptedWebSocketServer.SendAsync(socket, ""),
        ["wrong id"] = (socket, request) =>
        {
            request["id"] = 99999;
            return ScriptedWebSocketServer.SendAsync(socket, LegacyMcp.ToolResult(request, "for somebody else").ToJsonString());
        },
    };

    public static TheoryData<string> NamesOfEndings => [.. Endings.Keys];

    public static TheoryData<string> NamesOfSilences => [.. Silences.Keys];

    [Theory]
    [MemberData(nameof(NamesOfEndings))]
    public async Task A_connection_that_ends_during_an_unsafe_call_leaves_its_outcome_unknown(string ending)
    {
        await using var server = await ScriptedWebSocketServer.StartAsync(Endings[ending]);
        await using var pool = await BadAndGood.StartAsync(server.Settings);

        Assert.Equal("bad:Lost => OutcomeUnknown", (await pool.CallAsync()).Story);
        Assert.Equal(1, server.Calls);
    }

    [Theory]
    [MemberData(nameof(NamesOfEndings))]
    public async Task A_connection_that_ends_during_a_safe_call_moves_it_and_is_reopened(string ending)
    {
        await using var server = await ScriptedWebSocketServer.StartAsync(Endings[ending]);
        await using var pool = await BadAndGood.StartAsync(server.Settings);

        Assert.Equal("bad:Lost good:Succeeded => good", (await pool.CallAsync(safe: true)).Story);
        await pool.Host.UntilAsync(status => status.Servers[0] is { Status: ServerStatus.Connected, Restarts: 1 });
    }

    [Theory]
    [MemberData(nameof(NamesOfSilences))]
    public async Task A_frame_that_is_not_an_answer_ends_only_its_own_call_at_the_deadline(string silence)
    {
        await using var server = await ScriptedWebSocketServer.StartAsync((socket, request) =>
            request["params"]!["arguments"]!["mute"] is null
                ? ScriptedWebSocketServer.SendAsync(socket, LegacyMcp.ToolResult(request, "said").ToJsonString())
                : Silences[silence](socket, request));
        await using var pool = await BadAndGood.StartAsync(server.Settings);

        var mute = pool.CallAsync(arguments: new { mute = true }, timeout: Short);
        var other = pool.CallAsync();

        Assert.Equal("bad:Lost => OutcomeUnknown", (await mute).Story);
        Assert.Equal("bad:Succeeded => bad", (await other).Story);
        Assert.Equal((ServerStatus.Connected, 0), ((await pool.BadAsync()).Status, (await pool.BadAsync()).Restarts));
    }

    [Fact]
    public async Task Of_two_replies_the_second_is_dropped()
    {
        await using var server = await ScriptedWebSocketServer.StartAsync(async (socket, request) =>
        {
            await ScriptedWebSocketServer.SendAsync(socket, LegacyMcp.ToolResult(request, "first").ToJsonString());
            await ScriptedWebSocketServer.SendAsync(socket, LegacyMcp.ToolResult(request, "second").ToJsonString());
        });
        await using var pool = await BadAndGood.StartAsync(server.Settings);

        for (var i = 0; i < 3; i++)
            Assert.Contains((await pool.CallAsync()).CallCompleted?.Text(), new[] { "first", "second" });

        Assert.Equal((3L, 0L, 0), await pool.BadAsync() is var bad ? (bad.Calls, bad.Failures, bad.InFlight) : default);
    }

    [Fact]
    public async Task A_reply_after_the_deadline_is_dropped()
    {
        var late = new TaskCompletionSource();
        var replied = new TaskCompletionSource();
        await using var server = await ScriptedWebSocketServer.StartAsync(async (socket, request) =>
        {
            if (request["params"]!["arguments"]!["late"] is not null)
                _ = ReplyLateAsync(socket, LegacyMcp.ToolResult(request, "too late").ToJsonString());
            else
                await ScriptedWebSocketServer.SendAsync(socket, LegacyMcp.ToolResult(request, "in time").ToJsonString());
        });
        await using var pool = await BadAndGood.StartAsync(server.Settings);

        Assert.Equal("bad:Lost => OutcomeUnknown", (await pool.CallAsync(arguments: new { late = true }, timeout: Short)).Story);
        late.SetResult();
        await replied.Task;

        Assert.Equal("in time", (await pool.CallAsync()).CallCompleted?.Text());
        Assert.Equal((2L, 1L, 0), await pool.BadAsync() is var bad ? (bad.Calls, bad.Failures, bad.InFlight) : default);

        async Task ReplyLateAsync(WebSocket socket, string reply)
        {
            await late.Task;
            await ScriptedWebSocketServer.SendAsync(socket, reply);
            replied.SetResult();
        }
    }
}
