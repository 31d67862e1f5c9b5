using System.Net;
using McpActors.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Tests.Gateway;

/// <summary>A server of the SDK over loopback HTTP, of 2026-07-28, whose tools ask the client for input.</summary>
internal sealed class AskingServer : IAsyncDisposable
{
    private readonly string _name;
    private readonly WebApplication _app;
    private int _asked;
    private int _answered;

    private AskingServer(string name)
    {
        _name = name;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services
            .AddMcpServer(options => options.Handlers = new McpServerHandlers { ListToolsHandler = ListAsync, CallToolHandler = CallAsync })
            .WithHttpTransport();
        _app = builder.Build();
        _app.MapMcp("/mcp");
    }

    /// <summary>Calls that this server answered by asking for input.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>Calls that brought the input.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>What the client of the last call can be asked.</summary>
    public ClientCapabilities? Capabilities { get; private set; }

    public ServerSettings Settings => new()
    {
        Name = _name,
        Group = "askers",
        Uri = new Uri(_app.Urls.Single() + "/mcp"),
    };

    public static async Task<AskingServer> StartAsync(string name)
    {
        var server = new AskingServer(name);
        await server._app.StartAsync();
        return server;
    }

    public async Task KillAsync() => await _app.StopAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static ValueTask<ListToolsResult> ListAsync(RequestContext<ListToolsRequestParams> request, CancellationToken cancellation) =>
        ValueTask.FromResult(new ListToolsResult
        {
            Tools = [.. new[] { "elicit", "sample", "repeat", "endless" }.Select(name => new Tool { Name = name })],
        });

    // What a call needs is in its parameters and in the server's memory of nothing: another replica does not know the state.
    private ValueTask<CallToolResult> CallAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancellation)
    {
        Capabilities = request.JsonRpcRequest.Context?.ClientCapabilities;
        var (tool, state, given) = (request.Params!.Name, request.Params.RequestState, request.Params.InputResponses);
        if (state is null || tool == "endless")
        {
            Interlocked.Increment(ref _asked);
            throw tool switch
            {
                "elicit" or "endless" => Asking("name", InputRequest.ForElicitation(new ElicitRequestParams
                {
                    Message = $"{_name} asks for your name",
                    RequestedSchema = new() { Properties = { ["name"] = new ElicitRequestParams.StringSchema() } },
                })),
#pragma warning disable MCP9005 // Obsolete, and still relayed.
                "sample" => Asking("joke", InputRequest.ForSampling(new CreateMessageRequestParams { Messages = [], MaxTokens = 10 })),
#pragma warning restore MCP9005
                _ => new InputRequiredException(requestState: _name),
            };
        }
        if (state != _name)
            throw new McpProtocolException($"{_name} did not give the state {state}", McpErrorCode.InvalidParams);
        Interlocked.Increment(ref _answered);
#pragma warning disable MCP9005 // Obsolete, and still relayed.
        var answer = tool switch
        {
            "elicit" => given!["name"].Deserialize(InputResponse.ElicitResultJsonTypeInfo)!.Content!["name"].GetString(),
            "sample" => ((TextContentBlock)given!["joke"].Deserialize(InputResponse.CreateMessageResultJsonTypeInfo)!.Content[0]).Text,
            _ => "repeated",
        };
#pragma warning restore MCP9005
        return ValueTask.FromResult(new CallToolResult { Content = [new TextContentBlock { Text = $"{answer} at {_name}" }] });
    }

    private InputRequiredException Asking(string key, InputRequest request) =>
        new(new Dictionary<string, InputRequest> { [key] = request }, _name);
}
