using System.Text.Json;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Transports;

/// <summary>The description and hints of a tool of a <see cref="MemoryServer"/>. A hint that is null is not sent.</summary>
public sealed record MemoryToolOptions
{
    /// <summary>The tool's description. Default: none.</summary>
    public string? Description { get; init; }

    /// <summary>The JSON schema of its arguments. Default: any object.</summary>
    public JsonElement? InputSchema { get; init; }

    /// <summary><c>readOnlyHint</c>. Default: none.</summary>
    public bool? ReadOnly { get; init; }

    /// <summary><c>idempotentHint</c>. Default: none.</summary>
    public bool? Idempotent { get; init; }

    /// <summary><c>destructiveHint</c>. Default: none.</summary>
    public bool? Destructive { get; init; }

    /// <summary><c>openWorldHint</c>. Default: none.</summary>
    public bool? OpenWorld { get; init; }

    internal Tool Describe(string name)
    {
        var tool = new Tool
        {
            Name = name,
            Description = Description,
            Annotations = (ReadOnly, Idempotent, Destructive, OpenWorld) is (null, null, null, null)
                ? null
                : new ToolAnnotations
                {
                    ReadOnlyHint = ReadOnly,
                    IdempotentHint = Idempotent,
                    DestructiveHint = Destructive,
                    OpenWorldHint = OpenWorld,
                },
        };
        if (InputSchema is { } schema)
            tool.InputSchema = schema;
        return tool;
    }
}

internal sealed class MemoryTool(
    MemoryServer server, string name, MemoryToolOptions options, Func<MemoryCall, CancellationToken, Task<object?>> handler) : McpServerTool
{
    private volatile Func<MemoryCall, CancellationToken, Task<object?>> _handler = handler;

    public MemoryToolOptions Options { get; } = options;

    public Func<MemoryCall, CancellationToken, Task<object?>> Handler { set => _handler = value; }

    public override Tool ProtocolTool { get; } = options.Describe(name);

    public override IReadOnlyList<object> Metadata => [];

    public override async ValueTask<CallToolResult> InvokeAsync(
        RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken = default)
    {
        var call = server.Record(MemoryCall.Of(RequestMethods.ToolsCall, name, request.Params?.Arguments));
        return MemoryAnswer.ToToolResult(await server.AnswerAsync(_handler, call, cancellationToken).ConfigureAwait(false));
    }
}

internal sealed class MemoryResource(MemoryServer server, string uri, string mimeType, Func<string> text) : McpServerResource
{
    public override ResourceTemplate ProtocolResourceTemplate { get; } = new() { UriTemplate = uri, Name = uri, MimeType = mimeType };

    public override IReadOnlyList<object> Metadata => [];

    public override bool IsMatch(string uri) => uri == ProtocolResourceTemplate.UriTemplate;

    public override async ValueTask<ReadResourceResult> ReadAsync(
        RequestContext<ReadResourceRequestParams> request, CancellationToken cancellationToken = default)
    {
        var call = server.Record(MemoryCall.Of(RequestMethods.ResourcesRead, uri, arguments: null));
        var answer = await server.AnswerAsync((_, _) => Task.FromResult<object?>(text()), call, cancellationToken).ConfigureAwait(false);
        return new ReadResourceResult { Contents = [new TextResourceContents { Uri = uri, MimeType = mimeType, Text = (string)answer! }] };
    }
}

internal sealed class MemoryPrompt(MemoryServer server, string name, string? description, Func<MemoryCall, string> text) : McpServerPrompt
{
    public override Prompt ProtocolPrompt { get; } = new() { Name = name, Description = description };

    public override IReadOnlyList<object> Metadata => [];

    public override async ValueTask<GetPromptResult> GetAsync(
        RequestContext<GetPromptRequestParams> request, CancellationToken cancellationToken = default)
    {
        var call = server.Record(MemoryCall.Of(RequestMethods.PromptsGet, name, request.Params?.Arguments));
        var answer = await server.AnswerAsync((c, _) => Task.FromResult<object?>(text(c)), call, cancellationToken).ConfigureAwait(false);
        return new GetPromptResult
        {
            Description = description,
            Messages = [new PromptMessage { Role = Role.User, Content = new TextContentBlock { Text = (string)answer! } }],
        };
    }
}
