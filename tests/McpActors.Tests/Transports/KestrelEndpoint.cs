using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using McpActors.Configuration;
using McpActors.TestServer;
using McpActors.Transports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.AspNetCore;

namespace McpActors.Tests.Transports;

/// <summary>A contract server on a loopback port of the system's choice.</summary>
public sealed class KestrelEndpoint : ContractEndpoint
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<ConnectionContext, bool> _connections;
    private readonly Socket _silent = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly string _scheme;
    private readonly string _path;

    private KestrelEndpoint(
        WebApplication app, ConcurrentDictionary<ConnectionContext, bool> connections, ContractServer server, string scheme, string path)
    {
        (_app, _connections, Server, _scheme, _path) = (app, connections, server, scheme, path);
        // Bound but not listening: the port is ours, and connections to it are refused.
        _silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }

    public ContractServer Server { get; }

    /// <summary>Handles a request, with what comes after it; null, or a false result: it is handled as it should be.</summary>
    public Func<HttpContext, RequestDelegate, Task<bool>>? Before { get; set; }

    public override ServerSettings Settings => new()
    {
        Name = "contract",
        Uri = new UriBuilder(_app.Urls.Single()) { Scheme = _scheme, Path = _path }.Uri,
        Token = Secret.FromLiteral("the-token"),
        Headers = new Dictionary<string, Secret> { ["X-Tenant"] = Secret.FromLiteral("blue") },
    };

    public override ServerSettings Nowhere =>
        new() { Name = "nowhere", Uri = new Uri($"{_scheme}://127.0.0.1:{((IPEndPoint)_silent.LocalEndPoint!).Port}{_path}") };

    public static Task<ContractEndpoint> StreamableHttpAsync(HttpServerSessionMode mode) => StartAsync(
        "http",
        "/mcp",
        (services, server) => AddMcp(services, server).WithHttpTransport(o => o.SessionMode = mode),
        (app, _) => app.MapMcp("/mcp"));

    public static Task<ContractEndpoint> SseAsync() => StartAsync(
        "http",
        "/mcp/sse",
#pragma warning disable MCP9004, MCP9006 // Servers that offer nothing newer than SSE exist; the pool has to reach them.
        (services, server) => AddMcp(services, server).WithHttpTransport(
            o => (o.EnableLegacySse, o.SessionMode) = (true, HttpServerSessionMode.Stateful)),
#pragma warning restore MCP9004, MCP9006
        (app, _) => app.MapMcp("/mcp"));

    public static Task<ContractEndpoint> WebSocketAsync() => StartAsync(
        "ws",
        "/mcp",
        (_, _) => { },
        (app, server) => app.UseWebSockets().Use((RequestDelegate _) => async context =>
            await WebSocketTransport.ServeAsync(
                await context.WebSockets.AcceptWebSocketAsync(WebSocketTransport.SubProtocol), server.Options())));

    public override async Task KillAsync()
    {
        foreach (var connection in _connections.Keys)
            connection.Abort();

        await _app.StopAsync(new CancellationToken(canceled: true));
    }

    public override async ValueTask DisposeAsync()
    {
        await KillAsync();
        await _app.DisposeAsync();
        _silent.Dispose();
    }

    private static IMcpServerBuilder AddMcp(IServiceCollection services, ContractServer server) =>
        services.AddMcpServer(options => options.Handlers = server.Handlers());

    private static async Task<ContractEndpoint> StartAsync(
        string scheme, string path, Action<IServiceCollection, ContractServer> addServices, Action<WebApplication, ContractServer> map)
    {
        var server = new ContractServer();
        var connections = new ConcurrentDictionary<ConnectionContext, bool>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Use(next => async connection =>
        {
            connections[connection] = true;
            await next(connection);
            connections.TryRemove(connection, out _);
        })));
        addServices(builder.Services, server);
        var app = builder.Build();
        KestrelEndpoint? endpoint = null;
        app.Use(next => async context =>
        {
            foreach (var (name, value) in context.Request.Headers)
                server.Headers[name] = value.ToString();

            if (endpoint?.Before is not { } before || !await before(context, next))
                await next(context);
        });
        map(app, server);
        await app.StartAsync();
        return endpoint = new KestrelEndpoint(app, connections, server, scheme, path);
    }
}
