using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace McpActors.Tests.Transports;

/// <summary>A server to which nothing may be sent; keeps every request line that arrives, with its headers.</summary>
internal sealed class RecordingServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RecordingServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.Use((RequestDelegate _) => context =>
        {
            Requests.Enqueue($"{context.Request.Method} {context.Request.Path} {string.Join("; ", context.Request.Headers)}");
            return Task.CompletedTask;
        });
    }

    public ConcurrentQueue<string> Requests { get; } = new();

    public int Port => new Uri(_app.Urls.Single()).Port;

    public static async Task<RecordingServer> StartAsync()
    {
        var server = new RecordingServer();
        await server._app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
