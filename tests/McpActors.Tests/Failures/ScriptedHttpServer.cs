using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using McpActors.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace McpActors.Tests.Failures;

/// <summary>Answers one HTTP request that calls a tool, in whatever way.</summary>
/// <param name="context">The exchange.</param>
/// <param name="request">The JSON-RPC request.</param>
internal delegate Task Script(HttpContext context, JsonNode request);

/// <summary>
/// A Streamable HTTP server of 2025-11-25 on a free loopback port, with a correct handshake, that answers tool calls by a script.
/// </summary>
internal sealed class ScriptedHttpServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<ConnectionContext, bool> _connections = new();
    private readonly ConcurrentDictionary<string, bool> _sessions = new();
    private int _calls;
    private int _initialized;
    private volatile bool _resetsConnections;

    private ScriptedHttpServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Use(next => connection =>
            _resetsConnections ? ResetAsync(connection) : ServeAsync(next, connection))));
        _app = builder.Build();
        _app.Use((RequestDelegate _) => AnswerAsync);
    }

    /// <summary>How tool calls are answered. Default: with a result.</summary>
    public Script Call { get; set; } = Scripts.Result("scripted");

    /// <summary>How any other request is answered, ahead of the handshake; null, or a false result: as it should be.</summary>
    public Func<HttpContext, JsonNode, Task<bool>>? Before { get; set; }

    /// <summary>How a GET is answered; null: with 405.</summary>
    public Func<HttpContext, Task>? Get { get; set; }

    /// <summary>How a DELETE is answered; null: with 200.</summary>
    public Func<HttpContext, Task>? Delete { get; set; }

    /// <summary>The capabilities of the handshake; null: tools alone.</summary>
    public JsonObject? Capabilities { get; set; }

    /// <summary>Whether clients get a session id, and must show it.</summary>
    public bool HasSessions { get; init; }

    /// <summary>How a request of an unknown session is answered. Default: with 404, as the specification requires.</summary>
    public Script UnknownSession { get; set; } = Scripts.Status(404);

    /// <summary>The status for a request of an unknown session.</summary>
    public int UnknownSessionStatus { set => UnknownSession = Scripts.Status(value); }

    /// <summary>Whether each request needs a connection of its own.</summary>
    public bool ClosesConnections { get; init; }

    /// <summary>Tool calls that have arrived.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Handshakes that have arrived.</summary>
    public int Initialized => Volatile.Read(ref _initialized);

    /// <summary>Network connections that are open.</summary>
    public int OpenConnections => _connections.Count;

    /// <summary>The ids of the tool calls that have arrived.</summary>
    public ConcurrentQueue<string> CallIds { get; } = new();

    /// <summary>The request ids of the <c>notifications/cancelled</c> that have arrived.</summary>
    public ConcurrentQueue<string> CancelledIds { get; } = new();

    public ServerSettings Settings => new() { Name = "bad", Priority = 1, Uri = new Uri(_app.Urls.Single() + "/mcp") };

    public static async Task<ScriptedHttpServer> StartAsync(bool sessions = false, bool closesConnections = false)
    {
        var server = new ScriptedHttpServer { HasSessions = sessions, ClosesConnections = closesConnections };
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Forgets every session, as a restart would.</summary>
    public void ForgetSessions() => _sessions.Clear();

    /// <summary>Resets new connections after the client has written something, which is not read.</summary>
    public void ResetNewConnections() => _resetsConnections = true;

    /// <summary>Closes the port, and resets open connections.</summary>
    public async Task CloseAsync()
    {
        foreach (var connection in _connections.Keys)
            connection.Abort();
        await _app.StopAsync(new CancellationToken(canceled: true));
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await _app.DisposeAsync();
    }

    // Not sooner: from a reset during the connect the client knows that nothing was sent.
    private static async Task ResetAsync(ConnectionContext connection)
    {
        await connection.Transport.Input.ReadAsync();
        connection.Abort();
    }

    private async Task ServeAsync(ConnectionDelegate next, ConnectionContext connection)
    {
        _connections[connection] = true;
        await next(connection);
        _connections.TryRemove(connection, out _);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (ClosesConnections)
            context.Response.Headers.Connection = "close";
        if ((HttpMethods.IsGet(context.Request.Method) ? Get : HttpMethods.IsDelete(context.Request.Method) ? Delete : null) is { } other)
        {
            await other(context);
            return;
        }
        if (context.Request.Method != HttpMethods.Post)
        {
            context.Response.StatusCode = context.Request.Method == HttpMethods.Delete ? 200 : 405;
            return;
        }
        var message = (await JsonNode.ParseAsync(context.Request.Body))!;
        if (Before is { } before && await before(context, message))
            return;
        var method = (string?)message["method"];
        if (HasSessions && method is not ("initialize" or "server/discover")
            && !_sessions.ContainsKey(context.Request.Headers["Mcp-Session-Id"].ToString()))
        {
            await UnknownSession(context, message);
            return;
        }
        switch (method)
        {
            case "tools/call":
                CallIds.Enqueue(message["id"]!.ToJsonString());
                Interlocked.Increment(ref _calls);
                await Call(context, message);
                return;
            case "initialize":
                Interlocked.Increment(ref _initialized);
                if (HasSessions)
                    context.Response.Headers["Mcp-Session-Id"] = NewSession();
                break;
            case "notifications/cancelled":
                CancelledIds.Enqueue(message["params"]!["requestId"]!.ToJsonString());
                break;
        }
        if (LegacyMcp.Answer(message) is { } answer)
        {
            if (method == "initialize" && Capabilities is { } capabilities)
                answer["result"]!["capabilities"] = capabilities.DeepClone();
            await Scripts.Body("application/json", answer.ToJsonString())(context, message);
        }
        else
        {
            context.Response.StatusCode = 202;
        }
    }

    private string NewSession()
    {
        var id = Guid.NewGuid().ToString("N");
        _sessions[id] = true;
        return id;
    }
}
