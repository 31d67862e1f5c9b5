using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>A server that answers a POST with 202 and sends the reply in the stream of the session.</summary>
public sealed class ReplyElsewhereTests : IAsyncLifetime
{
    private readonly Channel<string> _stream = Channel.CreateUnbounded<string>();
    private ScriptedHttpServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await ScriptedHttpServer.StartAsync(sessions: true);
        _server.Get = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync();
            await foreach (var answer in _stream.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.WriteAsync($"event: message\ndata: {answer}\n\n");
                await context.Response.Body.FlushAsync();
            }
        };
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("Accepted")]
    [InlineData("null")]
    public async Task The_reply_after_the_answer_is_the_reply(string body)
    {
        _server.Call = async (context, request) =>
        {
            context.Response.OnCompleted(() => SendAsync(LegacyMcp.ToolResult(request, "late")));
            await AcceptAsync(context, body);
        };
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true);

        Assert.Equal("late", (await pool.CallAsync()).CallCompleted?.Text());
    }

    [Fact]
    public async Task The_reply_before_the_answer_is_the_reply()
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Before = async (context, message) =>
        {
            // The client refuses what comes after the reply on the same stream, so it has read the reply by then.
            if (message["id"]?.ToJsonString() == "\"after\"")
                seen.TrySetResult();
            return await Task.FromResult(false);
        };
        _server.Call = async (context, request) =>
        {
            await SendAsync(LegacyMcp.ToolResult(request, "early"));
            await SendAsync(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = "after", ["method"] = "roots/list" });
            await seen.Task.WaitAsync(PoolHost.Patience);
            await AcceptAsync(context);
        };
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true);

        Assert.Equal("early", (await pool.CallAsync()).CallCompleted?.Text());
    }

    [Fact]
    public async Task Each_call_gets_its_own_reply()
    {
        var waiting = new List<JsonNode>();
        _server.Call = async (context, request) =>
        {
            await AcceptAsync(context);
            lock (waiting)
            {
                waiting.Add(request);
                if (waiting.Count < 3)
                    return;
            }
            foreach (var asked in Enumerable.Reverse(waiting))
                await SendAsync(LegacyMcp.ToolResult(asked, (string)asked["params"]!["arguments"]!["text"]!));
        };
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true);

        var answers = await Task.WhenAll(new[] { "a", "b", "c" }.Select(text => pool.CallAsync(arguments: new { text })));

        Assert.Equal(["a", "b", "c"], answers.Select(answer => answer.CallCompleted?.Text()));
    }

    [Fact]
    public async Task An_error_is_a_reply_as_well()
    {
        _server.Call = async (context, request) =>
        {
            await AcceptAsync(context);
            await SendAsync(LegacyMcp.Error(request, -32602, "no such thing"));
        };
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true);

        Assert.Equal((PoolErrorKind.Rejected, -32602), (await pool.CallAsync()).Error is { } error ? (error.Kind, error.Code) : default);
    }

    [Fact]
    public async Task Every_request_after_the_handshake_can_be_answered_so()
    {
        _server.Before = async (context, message) =>
        {
            if ((string?)message["method"] is "initialize" or "server/discover" || LegacyMcp.Answer(message) is not { } answer)
                return false;
            await AcceptAsync(context);
            await SendAsync(answer);
            return true;
        };
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true);

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
    }

    [Fact]
    public async Task Without_the_stream_the_missing_reply_fails_the_call_at_once()
    {
        _server.Get = null;
        _server.Call = (context, _) => AcceptAsync(context);
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true);

        var answer = await pool.CallAsync();

        Assert.Equal("bad:Lost => OutcomeUnknown", answer.Story);
        Assert.Contains("the reply to the request is missing", answer.Error!.Message, StringComparison.Ordinal);
    }

    private static Task AcceptAsync(HttpContext context, string body = "")
    {
        context.Response.StatusCode = 202;
        return context.Response.WriteAsync(body);
    }

    private Task SendAsync(JsonObject message) => _stream.Writer.WriteAsync(message.ToJsonString()).AsTask();
}
