using System.Text.Json;
using System.Text.Json.Nodes;
using Akka.Actor;
using McpActors.Benchmarks.Measuring;
using McpActors.Configuration;
using McpActors.Pool;
using McpActors.Transports;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Benchmarks.SideBySide;

/// <summary>
/// The same tool call made directly with the SDK, typed and raw, and through the pool, by <see cref="IMcpPool"/> and by an Ask of the
/// actor. The direct client has the same transport that the pool creates for the same settings; each has one connection to the same
/// server.
/// </summary>
internal sealed class CallVariants : IAsyncDisposable
{
    public const string DirectTyped = "direct, typed";
    public const string DirectRaw = "direct, raw";
    public const string ThroughPool = "pool, IMcpPool";
    public const string ThroughActor = "pool, Ask";

    private const string Tool = "echo";
    private const string Text = "one line of text, as a small tool would get";

    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(30);

    private readonly McpClient _client;
    private readonly IClientTransport _transport;
    private readonly RunningPool _pool;

    private CallVariants(McpClient client, IClientTransport transport, RunningPool pool)
    {
        (_client, _transport, _pool) = (client, transport, pool);
        // A typed caller has a dictionary, a caller of the pool has JSON; both are created once for all calls.
        var typed = new Dictionary<string, object?> { ["text"] = Text };
        var json = JsonSerializer.SerializeToElement(typed);
        All =
        [
            new(DirectTyped, () => _client.CallToolAsync(Tool, typed).AsTask()),
            new(DirectRaw, () => _client.SendRequestAsync(new JsonRpcRequest
            {
                Method = RequestMethods.ToolsCall,
                Params = new JsonObject { ["name"] = Tool, ["arguments"] = new JsonObject { ["text"] = Text } },
            })),
            new(ThroughPool, () => _pool.Pool.CallToolAsync(Tool, json, null, CancellationToken.None)),
            new(ThroughActor, () => _pool.Actor.Ask<object>(new CallTool(Tool, json), AskTimeout)),
        ];
    }

    public IReadOnlyList<Variant> All { get; }

    /// <summary>Adds the tool to a server in memory; it echoes its argument.</summary>
    public static void Offer(MemoryServer server) => server.Tool(Tool, call => call["text"].GetString());

    /// <summary>The tool as a method for the SDK's server.</summary>
    public static McpServerToolMethod EchoMethod { get; } = new(Tool, (string text) => text);

    public static async Task<CallVariants> ConnectAsync(ServerSettings server, MemoryServers memory)
    {
        var settings = new PoolSettings { Servers = [server] };
        var transport = new TransportFactory(memory, settings, logs: null).Create(server, new CurrentRedactor());
        var client = await McpClient.CreateAsync(transport);
        await client.ListToolsAsync();
        var variants = new CallVariants(client, transport, await RunningPool.StartAsync(settings, memory));
        await variants.CheckAsync();
        return variants;
    }

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        await _client.DisposeAsync();
        if (_transport is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }

    // Failing calls would look very fast.
    private async Task CheckAsync()
    {
        foreach (var variant in All)
        {
            var call = variant.CallAsync();
            await call;
            var answer = call switch
            {
                Task<CallToolResult> typed => (await typed).Content.OfType<TextContentBlock>().FirstOrDefault()?.Text,
                Task<JsonRpcResponse> raw => (await raw).Result?.ToJsonString(),
                Task<CallCompleted> executed => (await executed).Result.GetRawText(),
                Task<object> asked => (await asked as CallCompleted)?.Result.GetRawText(),
                _ => null,
            };
            if (answer?.Contains(Text, StringComparison.Ordinal) != true)
            {
                throw new InvalidOperationException(
                    $"The call '{variant.Name}' did not come back with its text but with: {answer ?? "nothing"}");
            }
        }
    }
}

/// <summary>A tool's name and the method behind it.</summary>
internal sealed record McpServerToolMethod(string Name, Func<string, string> Method);
