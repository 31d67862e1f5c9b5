using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using McpActors.Configuration;
using McpActors.Transports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace McpActors.Tests.Failures;

/// <summary>A WebSocket server of 2025-11-25 with a correct handshake that answers tool calls by a script.</summary>
internal sealed class ScriptedWebSocketServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _calls;
    private int _refused;

    private ScriptedWebSocketServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.UseWebSockets().Use((RequestDelegate _) => ServeAsync);
    }

    /// <summary>Answers tool calls.</summary>
    public required Func<WebSocket, JsonNode, Task> Call { get; init; }

    /// <summary>The text that answers a message of the handshake, the catalogue or a probe; null for any other.</summary>
    public Func<JsonNode, string?> Answer { get; set; } = message => LegacyMcp.Answer(message)?.ToJsonString();

    /// <summary>The token that an opening needs; null: none.</summary>
    public string? Token { get; set; }

    /// <summary>Openings that were refused for their token.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Tool calls that have arrived.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public ServerSettings Settings => new() { Name = "bad", Uri = new UriBuilder(_app.Urls.Single()) { Scheme = "ws", Path = "/mcp" }.Uri };

    public static async Task<ScriptedWebSocketServer> StartAsync(Func<WebSocket, JsonNode, Task> call)
    {
        var server = new ScriptedWebSocketServer { Call = call };
        await server._app.StartAsync();
        return server;
    }

    public static Task SendAsync(WebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text).AsMemory(), WebSocketMessageType.Text, true, CancellationToken.None).AsTask();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ServeAsync(HttpContext context)
    {
        if (Token is { } token && context.Request.Headers.Authorization != $"Bearer {token}")
        {
            Interlocked.Increment(ref _refused);
            context.Response.StatusCode = 401;
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync(WebSocketTransport.SubProtocol);
        // Kestrel accepts what is sent after the end of a connection, so that a script which sends without end would never end.
        await using var ended = context.RequestAborted.Register(socket.Abort);
        try
        {
            while (await ReceiveAsync(socket, context.RequestAborted) is { } message)
            {
                if (Answer(message) is { } answer)
                {
                    await SendAsync(socket, answer);
                }
                else if ((string?)message["method"] == "tools/call")
                {
                    Interlocked.Increment(ref _calls);
                    await Call(socket, message);
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client is gone, or the script ended the connection.
        }
    }

    // Every message of these tests fits into one buffer.
    private static async Task<JsonNode?> ReceiveAsync(WebSocket socket, CancellationToken cancellation)
    {
        var buffer = new byte[16 * 1024];
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellation);
            length += part.Count;
        }
        while (!part.EndOfMessage);
        return part.MessageType == WebSocketMessageType.Close ? null : JsonNode.Parse(buffer.AsSpan(0, length));
    }
}
