using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using McpActors.Configuration;
using McpActors.Tests.Failures;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace McpActors.Tests.Transports.Http;

/// <summary>Servers of HTTP with SSE (2024-11-05) that deviate from it, with a whole pool.</summary>
public sealed class OlderServerTests : IAsyncLifetime
{
    private const string Good = "bad:Succeeded => bad";

    private readonly ConcurrentDictionary<string, Channel<string>> _sessions = new();
    private int _opened;
    private ScriptedHttpServer _server = null!;

    /// <summary>The address that the stream names, without the session.</summary>
    private Func<HttpContext, string> _endpoint = _ => "/messages";

    /// <summary>How a message is written into the stream.</summary>
    private Func<string, string> _event = message => $"event: message\ndata: {message}\n\n";

    /// <summary>How a POST of a session that is not known is refused.</summary>
    private Script _refusal = Scripts.Status(404);

    /// <summary>How a call is answered; null: with a result.</summary>
    private Script? _call;

    /// <summary>The content type of answers to POSTs; null: the answers are events.</summary>
    private string? _answersDirectly;

    public async Task InitializeAsync()
    {
        _server = await ScriptedHttpServer.StartAsync();
        (_server.Get, _server.Before) = (StreamAsync, PostAsync);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public static TheoryData<int, string> Refusals => new()
    {
        { 404, "" },
        { 404, "Could not find session" },
        { 404, """{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}}""" },
        { 400, "No transport found for sessionId" },
        { 400, """{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Bad Request: unknown session"}}""" },
        { 410, "" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_session_that_is_lost_while_its_stream_is_open_is_replaced(int status, string body)
    {
        _refusal = Scripts.Body(body.StartsWith('{') ? "application/json" : "text/plain", body, status);
        await using var pool = await StartAsync();
        Assert.Equal(Good, (await pool.CallAsync()).Story);

        _sessions.Clear();

        Assert.Equal(Good, (await pool.CallAsync()).Story);
        Assert.Equal(2, _opened);
    }

    [Theory]
    [InlineData(400, """{"jsonrpc":"2.0","id":null,"error":{"code":-32602,"message":"no such tool"}}""")]
    [InlineData(413, "too much")]
    public async Task A_refusal_of_the_call_itself_keeps_the_session(int status, string body)
    {
        await using var pool = await StartAsync();
        _call = Scripts.Body("application/json", body, status);

        var answer = await pool.CallAsync();

        Assert.Equal(PoolErrorKind.Rejected, answer.Error?.Kind);
        Assert.Equal(1, _opened);
    }

    [Theory]
    [InlineData("event: response\ndata: {0}\n\n")]
    [InlineData("event:mcp\r\ndata:{0}\r\n\r\n")]
    [InlineData("data: {0}\nevent: jsonrpc\n\n")]
    [InlineData("id: 7\nevent: MESSAGE\ndata: {0}\n\n")]
    [InlineData("event: tools/call\ndata: [{0}]\n\n")]
    public async Task A_reply_under_any_name_of_event_is_read(string form)
    {
        _event = message => form.Replace("{0}", message, StringComparison.Ordinal);
        await using var pool = await StartAsync();

        Assert.Equal(Good, (await pool.CallAsync()).Story);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    public async Task A_reply_as_the_answer_of_the_post_is_read(string type)
    {
        _answersDirectly = type;
        await using var pool = await StartAsync();

        Assert.Equal(Good, (await pool.CallAsync()).Story);
        Assert.Equal(Good, (await pool.CallAsync()).Story);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("[::1]")]
    [InlineData("0.0.0.0")]
    public async Task This_machine_by_another_name_is_the_same_origin(string host)
    {
        _endpoint = context => $"http://{host}:{context.Request.Host.Port}/messages";
        await using var pool = await StartAsync();

        Assert.Equal(Good, (await pool.CallAsync()).Story);
    }

    [Theory]
    [InlineData("https", "localhost", 0)]
    [InlineData("http", "localhost", 1)]
    [InlineData("http", "elsewhere.test", 0)]
    public async Task Any_other_origin_is_refused(string scheme, string host, int further)
    {
        _endpoint = context => $"{scheme}://{host}:{context.Request.Host.Port + further}/messages";
        await using var pool = await BadAndGood.StartAsync(Settings, alone: true, waitForBad: false);

        var status = await pool.Host.UntilAsync("bad", ServerStatus.Error);

        Assert.Contains($"asks for requests to {scheme}://{host}", status.Servers[0].LastError, StringComparison.Ordinal);
    }

    private ServerSettings Settings => _server.Settings with { Transport = HttpTransport.Sse };

    private Task<BadAndGood> StartAsync() => BadAndGood.StartAsync(Settings, alone: true);

    private async Task StreamAsync(HttpContext context)
    {
        var session = $"{Interlocked.Increment(ref _opened)}";
        var events = _sessions[session] = Channel.CreateUnbounded<string>();
        context.Response.ContentType = "text/event-stream";
        await SendAsync(context, $"event: endpoint\ndata: {_endpoint(context)}?session={session}\n\n");
        await foreach (var text in events.Reader.ReadAllAsync(context.RequestAborted))
            await SendAsync(context, text);
    }

    private async Task<bool> PostAsync(HttpContext context, JsonNode message)
    {
        if (!_sessions.TryGetValue(context.Request.Query["session"].ToString(), out var events))
        {
            await _refusal(context, message);
            return true;
        }
        var isCall = (string?)message["method"] == "tools/call";
        if (isCall && _call is { } call)
        {
            await call(context, message);
            return true;
        }
        var answer = isCall ? LegacyMcp.ToolResult(message, "older") : LegacyMcp.Answer(message);
        if (answer is not null && _answersDirectly is { } type)
        {
            await Scripts.Body(type, answer.ToJsonString())(context, message);
            return true;
        }
        context.Response.StatusCode = 202;
        if (answer is not null)
            await events.Writer.WriteAsync(_event(answer.ToJsonString()));
        return true;
    }

    private static async Task SendAsync(HttpContext context, string text)
    {
        await context.Response.WriteAsync(text);
        await context.Response.Body.FlushAsync();
    }
}
