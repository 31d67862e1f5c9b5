using System.Net;
using System.Security.Cryptography;
using System.Text;
using McpActors.Configuration;
using McpActors.Host.Listening;
using McpActors.Host.Presentation;
using McpActors.Transports;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Host.Demo;

/// <summary>
/// Three MCP servers for trying the worker without any others. They are real servers over <c>ws://</c> with a token each, and listen on
/// loopback only.
/// </summary>
internal sealed class DemoServers : IAsyncDisposable
{
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(5);

    private readonly WebApplication _app;
    private readonly IReadOnlyList<Demo> _demos;

    private DemoServers(WebApplication app, IReadOnlyList<Demo> demos) => (_app, _demos) = (app, demos);

    /// <summary>A pool of these servers.</summary>
    public PoolSettings Pool => new()
    {
        Servers = [.. _demos.Select((demo, index) => new ServerSettings
        {
            Name = demo.Name,
            Uri = new Uri($"ws://127.0.0.1:{demo.Port}"),
            Token = Secret.FromLiteral(demo.Token),
            Priority = index + 1,
        })],
    };

    /// <summary>Starts the servers.</summary>
    /// <param name="firstPort">The port of the first; the others have the next two. 0: any free ports.</param>
    /// <param name="clock">The clock of the demo tools.</param>
    /// <exception cref="CannotListenException">A port is in use; the message names the address.</exception>
    public static async Task<DemoServers> StartAsync(int firstPort, TimeProvider clock)
    {
        Demo[] demos =
        [
            new("primary", [DemoTools.CountDown(clock), DemoTools.GetTime(clock), DemoTools.DrawClock(clock)]),
            new("secondary", [DemoTools.CountDown(clock), DemoTools.CountWords()]),
            new("backup", [DemoTools.CountDown(clock), DemoTools.TakeTicket()]),
        ];
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            for (var i = 0; i < demos.Length; i++)
            {
                var demo = demos[i];
                kestrel.Listen(IPAddress.Loopback, firstPort == 0 ? 0 : firstPort + i, listen => demo.Listen = listen);
            }
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopWithin);
        builder.Services.AddSingleton<IHostLifetime, UntilDisposed>();

        var app = builder.Build();
        app.UseWebSockets();
        app.Run(context =>
            ServeAsync(context, demos.Single(demo => demo.Port == context.Connection.LocalPort), app.Lifetime.ApplicationStopping));
        try
        {
            var ports = firstPort == 0 ? "free ports of 127.0.0.1" : $"127.0.0.1:{firstPort} to {firstPort + demos.Length - 1}";
            const string remedy = "Choose other ports for the demo servers with --demo-port; 0 uses any free ones.";
            await CannotListenException.StartAsync(app, ports, remedy);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new DemoServers(app, demos);
    }

    /// <summary>Ends every session and stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static async Task ServeAsync(HttpContext context, Demo demo, CancellationToken stopping)
    {
        if (!demo.Admits(context.Request.Headers.Authorization.ToString()))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return;
        }

        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            context.Response.Headers.Upgrade = "websocket";
            return;
        }

        var offered = context.WebSockets.WebSocketRequestedProtocols.Contains(WebSocketTransport.SubProtocol);
        var socket = await context.WebSockets.AcceptWebSocketAsync(offered ? WebSocketTransport.SubProtocol : null);
        var transport = new WebSocketTransport(socket, new WebSocketTransportOptions { Name = demo.Name });
        await using var server = McpServer.Create(transport, demo.Options());
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping, context.RequestAborted);
        var running = server.RunAsync(ended.Token);
        await Task.WhenAny(transport.Completion, running);
        await ended.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Ignores signals: the demo servers serve until the pool of the worker has drained.</summary>
    private sealed class UntilDisposed : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Demo(string source, IReadOnlyList<McpServerTool> tools)
    {
        private readonly byte[] _authorization = Encoding.UTF8.GetBytes($"Bearer {source}-token");

        public string Name { get; } = $"{source}-server";

        public string Token { get; } = $"{source}-token";

        /// <summary>Its endpoint; the port is known once it listens.</summary>
        public ListenOptions? Listen { get; set; }

        public int Port => Listen?.IPEndPoint?.Port ?? 0;

        public bool Admits(string authorization) =>
            CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(authorization), _authorization);

        public McpServerOptions Options() => new()
        {
            ServerInfo = new Implementation { Name = Name, Version = ProgramVersion.Text },
            ToolCollection = [DemoTools.GetData(source), .. tools],
        };
    }
}
