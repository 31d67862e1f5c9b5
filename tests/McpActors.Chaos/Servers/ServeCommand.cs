using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using McpActors.Transports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Server;

namespace McpActors.Chaos.Servers;

/// <summary>
/// One server in a process of its own, over HTTP, WebSocket or stdio. It lives as long as the control connection to the driver, so none
/// outlives the driver.
/// </summary>
internal static class ServeCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        var options = new CommandLine(args, ["--name", "--transport", "--ledger", "--control", "--port"], ["--sessions"]);
        using var ledger = new Ledger(options.Text("--ledger"));
        var server = new LedgerServer(ledger);
        using var control = new TcpClient();
        await control.ConnectAsync(IPAddress.Loopback, options.Number("--control", 0, least: 1));

        var connections = new ConcurrentDictionary<ConnectionContext, bool>();
        var transport = options.Text("--transport");
        if (transport == "stdio")
        {
            // A process on stdio has no connection to reset; it exits instead.
            var obeying = ObeyAsync(control, $"{options.Text("--name")} {Environment.ProcessId} 0", server, () => Environment.Exit(3));
            await Task.WhenAny(obeying, ServeStdioAsync(server));
            return 0;
        }
        await using var app = Listen(transport, options.Number("--port", 0, least: 0), options.Has("--sessions"), server, connections);
        await app.StartAsync();
        var port = new Uri(app.Urls.Single()).Port;
        await ObeyAsync(control, $"{options.Text("--name")} {Environment.ProcessId} {port}", server, () => Reset(connections));
        return 0;
    }

    private static async Task ServeStdioAsync(LedgerServer ledger)
    {
        await using var transport = new StreamServerTransport(Console.OpenStandardInput(), Console.OpenStandardOutput(), "ledger");
        await using var server = McpServer.Create(transport, ledger.Options());
        await server.RunAsync();
    }

    private static WebApplication Listen(
        string transport, int port, bool sessions, LedgerServer server, ConcurrentDictionary<ConnectionContext, bool> connections)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Use(next => connection => TrackAsync(connection, next))));
        if (transport == "http")
        {
            builder.Services.AddMcpServer(mcp => mcp.Handlers = server.Handlers()).WithHttpTransport(http =>
                http.SessionMode = sessions ? HttpServerSessionMode.Stateful : HttpServerSessionMode.Stateless);
        }
        var app = builder.Build();
        if (transport == "http")
        {
            app.MapMcp("/mcp");
            return app;
        }
        app.UseWebSockets().Use((RequestDelegate _) => async context => await WebSocketTransport.ServeAsync(
            await context.WebSockets.AcceptWebSocketAsync(WebSocketTransport.SubProtocol), server.Options()));
        return app;

        async Task TrackAsync(ConnectionContext connection, ConnectionDelegate next)
        {
            connections[connection] = true;
            try
            {
                await next(connection);
            }
            finally
            {
                connections.TryRemove(connection, out _);
            }
        }
    }

    private static void Reset(ConcurrentDictionary<ConnectionContext, bool> connections)
    {
        foreach (var connection in connections.Keys)
        {
            try
            {
                // Without lingering the close becomes a TCP reset, which also discards unread data.
                if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
                    socket.LingerState = new LingerOption(true, 0);
                connection.Abort();
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException)
            {
                // The connection is closed already.
            }
        }
    }

    /// <summary>Sends the announcement, then executes one line after the other until the driver closes the connection or ends.</summary>
    private static async Task ObeyAsync(TcpClient control, string announcement, LedgerServer server, Action reset)
    {
        using var reader = new StreamReader(control.GetStream());
        await using var writer = new StreamWriter(control.GetStream());
        await writer.WriteLineAsync(announcement);
        await writer.FlushAsync();
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                if (line.Split(' ') is [var fault, var time, var delay])
                    server.Misbehave(fault, Milliseconds(time), Milliseconds(delay));
                else if (line == "reset")
                    reset();
            }
        }
        catch (IOException)
        {
            // The driver was killed.
        }
    }

    private static TimeSpan Milliseconds(string text) => TimeSpan.FromMilliseconds(int.Parse(text, CultureInfo.InvariantCulture));
}
