using System.Collections.Concurrent;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.TestServer;

/// <summary>The MCP server that the contract tests of every transport talk to.</summary>
public sealed class ContractServer
{
    public static readonly IReadOnlyList<string> Tools =
        ["echo", "size", "repeat", "toolError", "reject", "wait", "counts", "environment", "exit"];

    private readonly ConcurrentDictionary<string, string> _headers = new(StringComparer.OrdinalIgnoreCase);
    private int _cancelled;
    private int _waiting;

    /// <summary>Calls of <c>wait</c> that have begun.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Calls of <c>wait</c> that the client cancelled.</summary>
    public int Cancelled => Volatile.Read(ref _cancelled);

    /// <summary>The headers of connections or requests so far, the last value of each, for transports that have headers.</summary>
    public IDictionary<string, string> Headers => _headers;

    public McpServerOptions Options(string? protocolVersion = null) => new()
    {
        ServerInfo = new Implementation { Name = "contract", Version = "1.0.0" },
        ProtocolVersion = protocolVersion,
        Handlers = Handlers(),
    };

    public McpServerHandlers Handlers() => new()
    {
        ListToolsHandler = (_, _) => ValueTask.FromResult(new ListToolsResult
        {
            Tools = [.. Tools.Select(name => new Tool { Name = name })],
        }),
        CallToolHandler = async (request, cancellationToken) =>
        {
            var arguments = request.Params!.Arguments ?? new Dictionary<string, JsonElement>();
            return await CallAsync(request.Params.Name, arguments.AsReadOnly(), cancellationToken);
        },
    };

    public async Task<CallToolResult> CallAsync(
        string tool, IReadOnlyDictionary<string, JsonElement> arguments, CancellationToken cancellationToken)
    {
        switch (tool)
        {
            case "echo":
                return Text(arguments["text"].GetString()!);
            case "size":
                return Text($"{arguments["text"].GetString()!.Length}");
            case "repeat":
                return Text(new string('x', arguments["count"].GetInt32()));
            case "toolError":
                return new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = "this tool fails" }] };
            case "reject":
                throw new McpProtocolException("not these arguments", McpErrorCode.InvalidParams);
            case "wait":
                return await WaitAsync(cancellationToken);
            case "counts":
                return Text($"{Waiting} {Cancelled}");
            case "environment":
                return Text(JsonSerializer.Serialize(new
                {
                    Variables = Environment.GetEnvironmentVariables(),
                    WorkingDirectory = Environment.CurrentDirectory,
                    Arguments = Environment.GetCommandLineArgs(),
                }));
            case "exit":
                Environment.Exit(3);
                return Text("");
            default:
                throw new McpProtocolException($"Unknown tool '{tool}'", McpErrorCode.InvalidParams);
        }
    }

    private async Task<CallToolResult> WaitAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _cancelled);
            throw;
        }

        return Text("");
    }

    private static CallToolResult Text(string text) => new() { Content = [new TextContentBlock { Text = text }] };
}
