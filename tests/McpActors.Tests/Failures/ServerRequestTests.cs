using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>A server that asks its client for something in the middle of a call gets a refusal, and the call goes on.</summary>
public sealed class ServerRequestTests : IAsyncLifetime
{
    private readonly TaskCompletionSource<JsonNode> _refusal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ScriptedHttpServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await ScriptedHttpServer.StartAsync(sessions: true);
        _server.Before = (_, message) =>
        {
            if (message["id"]?.ToJsonString() == "\"question\"")
                _refusal.TrySetResult(message);
            return Task.FromResult(false);
        };
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("elicitation/create")]
    [InlineData("sampling/createMessage")]
    [InlineData("roots/list")]
    public async Task In_the_stream_of_the_call(string method)
    {
        _server.Call = async (context, request) =>
        {
            await BeginAsync(context);
            await AskAsync(context, method);
            await SendAsync(context, LegacyMcp.ToolResult(request, $"refused with {await RefusalCodeAsync()}"));
        };
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true);

        Assert.Equal("refused with -32601", (await pool.CallAsync()).CallCompleted?.Text());
    }

    [Theory]
    [InlineData("elicitation/create")]
    [InlineData("sampling/createMessage")]
    [InlineData("roots/list")]
    public async Task In_the_stream_of_the_session(string method)
    {
        var asks = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Get = async context =>
        {
            await BeginAsync(context);
            await asks.Task.WaitAsync(context.RequestAborted);
            await AskAsync(context, method);
            await Scripts.Never(context, "");
        };
        _server.Call = async (context, request) =>
        {
            asks.SetResult();
            await Scripts.Result($"refused with {await RefusalCodeAsync()}")(context, request);
        };
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true);

        Assert.Equal("refused with -32601", (await pool.CallAsync()).CallCompleted?.Text());
    }

    [Theory]
    [InlineData("1.5")]
    [InlineData("-0.25e3")]
    [InlineData("7.0")]
    [InlineData("9223372036854775808")]
    [InlineData("123456789012345678901234567890")]
    [InlineData("1e400")]
    [InlineData("0")]
    [InlineData("-3")]
    [InlineData("\"\"")]
    [InlineData("\"7\"")]
    [InlineData("\"mcp-actors-number:x\"")]
    public async Task The_refusal_has_the_id_as_it_came(string id)
    {
        _server.Before = (_, message) =>
        {
            if (message["error"] is not null)
                _refusal.TrySetResult(message);
            return Task.FromResult(false);
        };
        _server.Call = async (context, request) =>
        {
            await BeginAsync(context);
            await context.Response.WriteAsync($"data: {{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"roots/list\"}}\n\n");
            await context.Response.Body.FlushAsync();
            await _refusal.Task.WaitAsync(PoolHost.Patience);
            await SendAsync(context, LegacyMcp.ToolResult(request, "refused"));
        };
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true);

        Assert.Equal("refused", (await pool.CallAsync()).CallCompleted?.Text());
        Assert.Equal(id, (await _refusal.Task)["id"]!.ToJsonString());
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(410)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_server_need_not_have_a_stream_of_the_session(int status)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Get = context =>
        {
            context.Response.StatusCode = status;
            context.Response.OnCompleted(() => Task.FromResult(asked.TrySetResult()));
            return Task.CompletedTask;
        };
        await using var pool = await BadAndGood.StartAsync(_server.Settings, alone: true);
        await asked.Task.WaitAsync(PoolHost.Patience);

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
        Assert.Equal(1, _server.Initialized);
        Assert.Equal(0, (await pool.BadAsync()).Restarts);
    }

    private async Task<int> RefusalCodeAsync() =>
        (int)(await _refusal.Task.WaitAsync(PoolHost.Patience))["error"]!["code"]!;

    private static Task AskAsync(HttpContext context, string method) =>
        SendAsync(context, new JsonObject { ["jsonrpc"] = "2.0", ["id"] = "question", ["method"] = method });

    private static async Task BeginAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.FlushAsync();
    }

    private static async Task SendAsync(HttpContext context, JsonObject message)
    {
        await context.Response.WriteAsync($"data: {message.ToJsonString()}\n\n");
        await context.Response.Body.FlushAsync();
    }
}
