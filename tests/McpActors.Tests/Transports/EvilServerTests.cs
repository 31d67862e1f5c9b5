using System.Net.WebSockets;
using McpActors.Configuration;
using McpActors.Tests.Failures;
using McpActors.Transports;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol.Client;
using Xunit;

namespace McpActors.Tests.Transports;

/// <summary>Servers that flood the pool during a call, over the network: their connection ends with words, the others serve.</summary>
public sealed class EvilServerTests
{
    private static readonly Dictionary<string, (Func<int, string> Message, string Words)> Floods = new()
    {
        ["requests"] = (
            i => $$"""{"jsonrpc":"2.0","id":"s{{i}}","method":"sampling/createMessage"}""", "more requests than can wait"),
        ["notifications"] = (_ => """{"jsonrpc":"2.0","method":"notifications/message","params":{}}""", "without being asked"),
        ["answers"] = (_ => """{"jsonrpc":"2.0","id":12345,"result":{}}""", "without being asked"),
        ["malformed"] = (_ => """{"jsonrpc":""", "malformed"),
    };

    [Theory]
    [InlineData("requests")]
    [InlineData("notifications")]
    [InlineData("answers")]
    [InlineData("malformed")]
    public async Task A_flood_over_a_web_socket_ends_its_connection_alone(string kind)
    {
        await using var server = await ScriptedWebSocketServer.StartAsync(async (socket, _) =>
        {
            // Answers are not read meanwhile.
            for (var i = 0; socket.State == WebSocketState.Open; i++)
                await ScriptedWebSocketServer.SendAsync(socket, Floods[kind].Message(i));
        });
        await using var pool = await BadAndGood.StartAsync(server.Settings);

        Assert.Equal("bad:Lost => OutcomeUnknown", (await pool.CallAsync()).Story);

        var status = await pool.Host.UntilAsync(status => status.Servers[0].LastError is not null);
        Assert.Contains(Floods[kind].Words, status.Servers[0].LastError, StringComparison.Ordinal);
        Assert.Equal("good:Succeeded => good", (await pool.CallAsync(server: "good")).Story);
    }

    [Theory]
    [InlineData("requests")]
    [InlineData("notifications")]
    public async Task A_flood_in_an_event_stream_ends_its_connection_alone_and_opens_few_others(string kind)
    {
        var most = 0;
        await using var server = await ScriptedHttpServer.StartAsync();
        // Answers of the pool are left unanswered, so that each occupies a connection.
        server.Before = async (context, message) =>
        {
            if (message["method"] is not null)
                return false;
            InterlockedMax(ref most, server.OpenConnections);
            await Scripts.Never(context, message);
            return true;
        };
        server.Call = async (context, _) =>
        {
            InterlockedMax(ref most, server.OpenConnections);
            context.Response.ContentType = "text/event-stream";
            for (var i = 0; !context.RequestAborted.IsCancellationRequested; i++)
            {
                await context.Response.WriteAsync($"data: {Floods[kind].Message(i)}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        };
        await using var pool = await BadAndGood.StartAsync(server.Settings);

        Assert.Equal("bad:Lost => OutcomeUnknown", (await pool.CallAsync()).Story);

        var status = await pool.Host.UntilAsync(status => status.Servers[0].LastError is not null);
        Assert.Contains(Floods[kind].Words, status.Servers[0].LastError, StringComparison.Ordinal);
        Assert.InRange(most, 1, 1 + InboundBudget.RequestsAtOnce + 2);
        Assert.Equal("good:Succeeded => good", (await pool.CallAsync(server: "good")).Story);
    }

    [Fact]
    public async Task Malformed_frames_are_logged_once_a_minute()
    {
        using var logs = new RecordingLogs();
        await using var server = await ScriptedWebSocketServer.StartAsync(async (socket, request) =>
        {
            for (var i = 0; i < 200; i++)
                await ScriptedWebSocketServer.SendAsync(socket, "{\"jsonrpc\":");
            await ScriptedWebSocketServer.SendAsync(socket, LegacyMcp.ToolResult(request, "after all").ToJsonString());
        });
        var transport = new TransportFactory(new MemoryServers(), new(), logs).Create(server.Settings, new CurrentRedactor());
        await using var owned = (IAsyncDisposable)transport;
        await using var client = await McpClient.CreateAsync(transport).WaitAsync(Eventually.Guard);

        await client.CallToolAsync(LegacyMcp.Tool).AsTask().WaitAsync(Eventually.Guard);

        var line = Assert.Single(logs.Lines, line => line.Contains("malformed", StringComparison.Ordinal));
        Assert.StartsWith("Warning ", line, StringComparison.Ordinal);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, value, seen);
    }
}
