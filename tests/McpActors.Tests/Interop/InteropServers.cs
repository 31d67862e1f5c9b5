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
        Supergateway, "--stdio", string.Join(' ', EverythingCommand().Select(word => $"\"{word}\"")), "--outputTransport", "ws", "--port", "0"));
    private readonly Lazy<Task<NodeServer>> _modernProxy = new(() => NodeServer.StartAsync(
        McpProxy, ["--host", "127.0.0.1", "--port", "0", "--", .. EverythingCommand()]));

    /// <summary>server-everything as a child process.</summary>
    internal static ServerSettings EverythingOverStdio(string name) => Stdio(name, Everything, "stdio");

    /// <summary>server-filesystem as a child process that may read this directory.</summary>
    internal static ServerSettings FilesystemOverStdio(string name, string directory) => Stdio(name, Filesystem, directory);

    /// <summary>server-everything over Streamable HTTP.</summary>
    internal Task<ServerSettings> EverythingOverHttpAsync(string name) => ListeningAsync(name, _streamableHttp, "http", "/mcp");

    /// <summary>server-everything over the HTTP+SSE transport of 2024-11-05.</summary>
    internal Task<ServerSettings> EverythingOverSseAsync(string name) => ListeningAsync(name, _sse, "http", "/sse");

    /// <summary>server-everything behind supergateway, as WebSocket.</summary>
    internal Task<ServerSettings> EverythingOverWebSocketAsync(string name) => ListeningAsync(name, _webSocket, "ws", "/message");

    /// <summary>mcp-proxy, which speaks 2026-07-28, in front of server-everything.</summary>
    internal Task<ServerSettings> ModernProxyAsync(string name) => ListeningAsync(name, _modernProxy, "http", "/mcp");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var server in new[] { _streamableHttp, _sse, _webSocket, _modernProxy })
        {
            if (server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
                await (await server.Value).DisposeAsync();
        }
    }

    private static ServerSettings Stdio(string name, string module, string argument)
    {
        NodePackages.Require();
        return new ServerSettings { Name = name, Command = NodePackages.Node, Args = NodePackages.Arguments(module, argument) };
    }

    private static async Task<ServerSettings> ListeningAsync(string name, Lazy<Task<NodeServer>> server, string scheme, string path)
    {
        NodePackages.Require();
        return new ServerSettings { Name = name, Uri = new UriBuilder(scheme, "127.0.0.1", (await server.Value).Port, path).Uri };
    }

    private static IEnumerable<string> EverythingCommand() => [NodePackages.Node, .. NodePackages.Arguments(Everything, "stdio")];
}

/// <summary>The interop tests share their servers and run one after another: each starts processes, and the machine may have two cores.</summary>
[CollectionDefinition(Name)]
public sealed class InteropGroup : ICollectionFixture<InteropServers>
{
    /// <summary>The name of the collection.</summary>
    public const string Name = "Interop";
}
