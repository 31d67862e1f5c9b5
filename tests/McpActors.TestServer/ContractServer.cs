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
        ["echo", "size", "repeat", "toolError", "reject", "wait", "counts", "environment", "exit", ForeignTool, "errorData"];

    /// <summary>A tool whose name is not ASCII.</summary>
    public const string ForeignTool = "größe";

    /// <summary>A resource whose URI is not ASCII.</summary>
    public const string ForeignResource = "file:///é";

    /// <summary>A prompt whose name is not ASCII.</summary>
    public const string ForeignPrompt = "挨拶";

    /// <summary>The data of the error of the tool <c>errorData</c>.</summary>
    public const string ErrorData =
        """{"field":"größe","retryable":true,"limit":12.5,"tries":3,"none":null,"seen":[1,"two"],"inner":{"a":{"b":1}}}""";

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
        ListResourcesHandler = (_, _) => ValueTask.FromResult(new ListResourcesResult
        {
            Resources = [new Resource { Name = "foreign", Uri = ForeignResource }],
        }),
        ReadResourceHandler = (request, _) => ValueTask.FromResult(new ReadResourceResult
        {
            Contents = [new TextResourceContents { Uri = request.Params!.Uri, Text = request.Params.Uri }],
        }),
        ListPromptsHandler = (_, _) => ValueTask.FromResult(new ListPromptsResult { Prompts = [new Prompt { Name = ForeignPrompt }] }),
        GetPromptHandler = (request, _) => ValueTask.FromResult(new GetPromptResult
        {
            Messages = [new PromptMessage { Role = Role.User, Content = new TextContentBlock { Text = request.Params!.Name } }],
        }),
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
            case ForeignTool:
                return Text(ForeignTool);
            case "errorData":
                throw WithData(JsonElement.Parse(ErrorData));
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

    private static McpProtocolException WithData(JsonElement data)
    {
        var error = new McpProtocolException("with data", (McpErrorCode)(-32050));
        foreach (var property in data.EnumerateObject())
            error.Data[property.Name] = property.Value.Clone();
        return error;
    }

    private static CallToolResult Text(string text) => new() { Content = [new TextContentBlock { Text = text }] };
}
