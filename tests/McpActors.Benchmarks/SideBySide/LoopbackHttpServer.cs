using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Server;

namespace McpActors.Benchmarks.SideBySide;

/// <summary>The SDK's own HTTP server on Kestrel in this process, on a free port of the loopback address, in its default mode.</summary>
internal sealed class LoopbackHttpServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackHttpServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    /// <summary>A server with the tool of the comparison.</summary>
    public static Task<LoopbackHttpServer> StartAsync() =>
        StartAsync(McpServerTool.Create(CallVariants.EchoMethod.Method, new() { Name = CallVariants.EchoMethod.Name }));

    /// <summary>A server with one tool.</summary>
    public static async Task<LoopbackHttpServer> StartAsync(McpServerTool tool)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMcpServer().WithHttpTransport().WithTools([tool]);
        var app = builder.Build();
        app.MapMcp();
        await app.StartAsync();
        return new LoopbackHttpServer(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
