using System.ComponentModel;
using McpActors.Transports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Server;

namespace McpActors.Host.Tests.Processes;

/// <summary>An MCP server in the test's process whose only tool answers when the test releases it.</summary>
internal sealed class SlowServer : IAsyncDisposable
{
    private readonly TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _app;

    private SlowServer()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(ServeAsync);
    }

    public Task Called => _called.Task;

    public string Uri => _app.Urls.Single().Replace("http:", "ws:", StringComparison.Ordinal);

    public static async Task<SlowServer> StartAsync()
    {
        var server = new SlowServer();
        await server._app.StartAsync();
        return server;
    }

    public void Answer() => _answer.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Answer();
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        var transport = new WebSocketTransport(await context.WebSockets.AcceptWebSocketAsync(WebSocketTransport.SubProtocol));
        var wait = McpServerTool.Create(WaitAsync, new McpServerToolCreateOptions { Name = "wait" });
        await using var server = McpServer.Create(transport, new McpServerOptions { ToolCollection = [wait] });
        _ = server.RunAsync();
        await transport.Completion;
    }

    [Description("Answers when the test releases it.")]
    private async Task<string> WaitAsync()
    {
        _called.TrySetResult();
        await _answer.Task;
        return "done";
    }
}
