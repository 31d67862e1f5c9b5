using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Interop;

/// <summary>
/// The servers of the interop tests. Those that listen are started when the first test asks for them and serve all tests; those that speak
/// stdio are child processes of the pool under test.
/// </summary>
public sealed class InteropServers : IAsyncLifetime
{
    private const string Everything = "@modelcontextprotocol/server-everything/dist/index.js";
    private const string Filesystem = "@modelcontextprotocol/server-filesystem/dist/index.js";
    private const string Supergateway = "supergateway/dist/index.js";
    private const string McpProxy = "mcp-proxy/dist/bin/mcp-proxy.mjs";

    private readonly Lazy<Task<NodeServer>> _streamableHttp = new(() => NodeServer.StartAsync(Everything, "streamableHttp"));
    private readonly Lazy<Task<NodeServer>> _sse = new(() => NodeServer.StartAsync(Everything, "sse"));
    private readonly Lazy<Task<NodeServer>> _webSocket = new(() => NodeServer.StartAsync(
        Supergateway,
        "--stdio", string.Join(' ', EverythingCommand().Select(word => $"\"{word}\"")), "--outputTransport", "ws", "--port", "0"));
    private readonly Lazy<Task<NodeServer>> _modernProxy = new(() => NodeServer.StartAsync(
        McpProxy, ["--host", "127.0.0.1", "--port", "0", "--", .. EverythingCommand()]));

    /// <summary>server-everything, whichever way it is reached.</summary>
    internal Task<ServerSettings> GetAsync(InteropServer server, string name) => server switch
    {
        InteropServer.Stdio => Task.FromResult(Stdio(name, NodePackages.Module(Everything), "stdio")),
        InteropServer.StreamableHttp => ListeningAsync(name, _streamableHttp, "http", "/mcp"),
        InteropServer.Sse => ListeningAsync(name, _sse, "http", "/sse"),
        InteropServer.WebSocket => ListeningAsync(name, _webSocket, "ws", "/message"),
        InteropServer.ModernProxy => ListeningAsync(name, _modernProxy, "http", "/mcp"),
        _ => throw new ArgumentOutOfRangeException(nameof(server)),
    };

    /// <summary>server-everything as a child process that writes its process id to a file.</summary>
    internal static ServerSettings EverythingOverStdio(string name, string pidFile) =>
        Stdio(name, "--require", NodePackages.Script("pid.cjs"), NodePackages.Module(Everything), "stdio") with
        {
            Environment = new Dictionary<string, Secret> { ["PID_FILE"] = Secret.FromLiteral(pidFile) },
        };

    /// <summary>server-filesystem as a child process that may read this directory.</summary>
    internal static ServerSettings FilesystemOverStdio(string name, string directory) =>
        Stdio(name, NodePackages.Module(Filesystem), directory);

    /// <summary>server-everything over Streamable HTTP, in a process of the test's own; on the given port, or a free one.</summary>
    internal static Task<NodeServer> StartEverythingOverHttpAsync(int port = 0)
    {
        NodePackages.Require();
        return NodeServer.StartAsync(Everything, port, "streamableHttp");
    }

    /// <summary>The settings for a server of <see cref="StartEverythingOverHttpAsync"/>.</summary>
    internal static ServerSettings Http(string name, NodeServer server) => Listening(name, server, "http", "/mcp");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var server in new[] { _streamableHttp, _sse, _webSocket, _modernProxy })
        {
            if (server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
                await (await server.Value).DisposeAsync();
        }
    }

    private static ServerSettings Stdio(string name, params IReadOnlyList<string> arguments)
    {
        NodePackages.Require();
        return new ServerSettings { Name = name, Command = NodePackages.Node, Args = arguments };
    }

    private static async Task<ServerSettings> ListeningAsync(string name, Lazy<Task<NodeServer>> server, string scheme, string path)
    {
        NodePackages.Require();
        return Listening(name, await server.Value, scheme, path);
    }

    private static ServerSettings Listening(string name, NodeServer server, string scheme, string path) =>
        new() { Name = name, Uri = new UriBuilder(scheme, "127.0.0.1", server.Port, path).Uri };

    private static IEnumerable<string> EverythingCommand() => [NodePackages.Node, .. NodeServer.Arguments(Everything, "stdio")];
}

/// <summary>The ways to reach server-everything.</summary>
public enum InteropServer
{
    /// <summary>As a child process.</summary>
    Stdio,

    /// <summary>Over Streamable HTTP.</summary>
    StreamableHttp,

    /// <summary>Over the HTTP+SSE transport of 2024-11-05.</summary>
    Sse,

    /// <summary>As WebSocket, behind supergateway.</summary>
    WebSocket,

    /// <summary>As a server of 2026-07-28, behind mcp-proxy.</summary>
    ModernProxy,
}

/// <summary>
/// The interop tests share their servers and run one at a time, because each starts processes and the machine may have only two cores.
/// </summary>
[CollectionDefinition(Name)]
public sealed class InteropGroup : ICollectionFixture<InteropServers>
{
    /// <summary>The name of the collection.</summary>
    public const string Name = "Interop";
}
