using System.Collections.Concurrent;
using McpActors.Configuration;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Transports;

/// <summary>
/// One MCP server in this process. Its tools, resources and prompts may change while it runs; clients that subscribe receive
/// <c>list_changed</c>. A handler may return a value, throw (the call fails with a JSON-RPC error), or return a <see cref="MemoryAnswer"/>.
/// Thread-safe; handlers run concurrently.
/// </summary>
public sealed class MemoryServer
{
    /// <summary>The number of requests that <see cref="Calls"/> keeps.</summary>
    public const int RememberedCalls = 1024;

    private readonly TimeProvider _time;
    private readonly ILoggerFactory? _logs;
    private readonly McpServerPrimitiveCollection<McpServerTool> _tools = [];
    private readonly McpServerPrimitiveCollection<McpServerPrompt> _prompts = [];
    private readonly McpServerResourceCollection _resources = [];
    private readonly ConcurrentDictionary<string, Func<MemoryCall, CancellationToken, Task<object?>>> _methods =
        new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, long> _received = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<MemoryTransport, bool> _connections = new();
    private readonly Lock _gate = new();
    private readonly Queue<MemoryCall> _calls = new();
    private volatile bool _refuses;
    private volatile string? _protocolVersion;

    internal MemoryServer(string name, TimeProvider time, ILoggerFactory? logs)
    {
        Name = name;
        _time = time;
        _logs = logs;
    }

    /// <summary>The server's name, also in the handshake.</summary>
    public string Name { get; }

    /// <summary>
    /// The only MCP revision that new connections negotiate, such as <c>2025-11-25</c>, whose clients probe with <c>ping</c>; null
    /// (default): all revisions that the SDK supports, of which clients choose the newest.
    /// </summary>
    public string? ProtocolVersion
    {
        get => _protocolVersion;
        set => _protocolVersion = value;
    }

    /// <summary>The number of open connections; a connection stops counting as soon as either end has closed it.</summary>
    // The serving task notices the end of a connection a little later.
    public int Connections => _connections.Keys.Count(connection => connection.IsConnected);

    /// <summary>The last <see cref="RememberedCalls"/> requests, oldest first, handshakes and probes included. A copy.</summary>
    public IReadOnlyList<MemoryCall> Calls
    {
        get
        {
            lock (_gate)
                return [.. _calls];
        }
    }

    /// <summary>The number of requests received so far for a tool or prompt of this name, a resource of this URI, or this method.</summary>
    public long Received(string nameOrMethod) => _received.GetValueOrDefault(nameOrMethod);

    /// <summary>Adds a tool, or replaces its handler. The handler's return value is the tool's result.</summary>
    /// <param name="name">The tool's name.</param>
    /// <param name="answer">The handler.</param>
    /// <param name="options">Description, input schema and annotations; null: none, or those of the replaced tool.</param>
    /// <returns>This server.</returns>
    public MemoryServer Tool(string name, Func<object?> answer, MemoryToolOptions? options = null) =>
        Tool(name, (_, _) => Task.FromResult(answer()), options);

    /// <inheritdoc cref="Tool(string, Func{object?}, MemoryToolOptions?)"/>
    public MemoryServer Tool(string name, Func<MemoryCall, object?> answer, MemoryToolOptions? options = null) =>
        Tool(name, (call, _) => Task.FromResult(answer(call)), options);

    /// <summary>Adds a tool, or replaces its handler. The handler's return value is the tool's result.</summary>
    /// <param name="name">The tool's name.</param>
    /// <param name="answer">The handler. Its token is cancelled when the client cancels the call or disconnects.</param>
    /// <param name="options">Description, input schema and annotations; null: none, or those of the replaced tool.</param>
    /// <returns>This server.</returns>
    public MemoryServer Tool(string name, Func<MemoryCall, CancellationToken, Task<object?>> answer, MemoryToolOptions? options = null)
    {
        lock (_gate)
        {
            if (!_tools.TryGetPrimitive(name, out var present))
            {
                _tools.Add(new MemoryTool(this, name, options ?? new(), answer));
                return this;
            }
            var tool = (MemoryTool)present;
            tool.Handler = answer;
            if (options is not null && options != tool.Options)
            {
                using (_tools.DeferChangedEvents())
                {
                    _tools.Remove(tool);
                    _tools.Add(new MemoryTool(this, name, options, answer));
                }
            }
            return this;
        }
    }

    /// <summary>Removes a tool; no effect if it does not exist.</summary>
    /// <returns>This server.</returns>
    public MemoryServer RemoveTool(string name)
    {
        lock (_gate)
        {
            if (_tools.TryGetPrimitive(name, out var tool))
                _tools.Remove(tool);
            return this;
        }
    }

    /// <summary>Adds a text resource, or replaces it.</summary>
    /// <param name="uri">The resource's URI, without variables.</param>
    /// <param name="text">Returns the text.</param>
    /// <param name="mimeType">The MIME type. Default: <c>text/plain</c>.</param>
    /// <returns>This server.</returns>
    public MemoryServer Resource(string uri, Func<string> text, string mimeType = "text/plain") =>
        Put(_resources, new MemoryResource(this, uri, mimeType, text));

    /// <summary>Adds a prompt of one user message, or replaces it.</summary>
    /// <param name="name">The prompt's name.</param>
    /// <param name="text">Returns the message.</param>
    /// <param name="description">The prompt's description; null: none.</param>
    /// <returns>This server.</returns>
    public MemoryServer Prompt(string name, Func<MemoryCall, string> text, string? description = null) =>
        Put(_prompts, new MemoryPrompt(this, name, description, text));

    /// <summary>Answers all requests of an MCP method, such as <c>resources/read</c> or <c>ping</c>, with a handler.</summary>
    /// <param name="method">The method.</param>
    /// <param name="answer">The handler. Its return value is the result, and must serialize to a JSON object or be null.</param>
    /// <returns>This server.</returns>
    public MemoryServer Method(string method, Func<MemoryCall, CancellationToken, Task<object?>> answer)
    {
        _methods[method] = answer;
        return this;
    }

    /// <inheritdoc cref="Method(string, Func{MemoryCall, CancellationToken, Task{object?}})"/>
    public MemoryServer Method(string method, Func<MemoryCall, object?> answer) =>
        Method(method, (call, _) => Task.FromResult(answer(call)));

    /// <summary>Removes the handler of a method; the server answers the method itself again.</summary>
    /// <returns>This server.</returns>
    public MemoryServer RemoveMethod(string method)
    {
        _methods.TryRemove(method, out _);
        return this;
    }

    /// <summary>Cuts all open connections: their pending requests fail. New connections are accepted as before.</summary>
    public void Disconnect()
    {
        foreach (var connection in _connections.Keys)
            connection.Cut();
    }

    /// <summary>Refuses new connections; open ones stay.</summary>
    public void Refuse() => _refuses = true;

    /// <summary>Accepts connections again.</summary>
    public void Accept() => _refuses = false;

    internal ITransport Connect(PoolSettings settings)
    {
        if (_refuses)
            throw new MessageNotSentException($"Memory server '{Name}' refuses connections.");
        var (client, server) = MemoryTransport.Connect(
            Name, MessageLimits.WithEnvelope(settings.MaxRequestSize), MessageLimits.WithEnvelope(settings.MaxResultSize));
        _connections[server] = true;
        _ = ServeAsync(server);
        return client;
    }

    internal MemoryCall Record(MemoryCall call)
    {
        _received.AddOrUpdate(call.Name ?? call.Method, 1, (_, count) => count + 1);
        lock (_gate)
        {
            _calls.Enqueue(call);
            if (_calls.Count > RememberedCalls)
                _calls.Dequeue();
        }
        return call;
    }

    internal Task<object?> AnswerAsync(
        Func<MemoryCall, CancellationToken, Task<object?>> handler, MemoryCall call, CancellationToken cancellationToken) =>
        MemoryAnswer.RunAsync(handler, call, _time, cancellationToken);

    private MemoryServer Put<T>(McpServerPrimitiveCollection<T> primitives, T primitive) where T : IMcpServerPrimitive
    {
        lock (_gate)
        {
            using var once = primitives.DeferChangedEvents();
            if (primitives.TryGetPrimitive(primitive.Id, out var present))
                primitives.Remove(present);
            primitives.Add(primitive);
            return this;
        }
    }

    private async Task ServeAsync(MemoryTransport transport)
    {
        var server = McpServer.Create(transport, Options(), _logs);
        _ = server.RunAsync();
        await transport.MessageReader.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _connections.TryRemove(transport, out _);
        // When a connection ends, the SDK waits for running handlers; disposal cancels those that never answer.
        await server.DisposeAsync().ConfigureAwait(false);
    }

    private McpServerOptions Options()
    {
        var options = new McpServerOptions
        {
            ServerInfo = new Implementation { Name = Name, Version = "1.0.0" },
            ProtocolVersion = _protocolVersion,
            ToolCollection = _tools,
            PromptCollection = _prompts,
            ResourceCollection = _resources,
            ScopeRequests = false,
        };
        options.Filters.Message.IncomingFilters.Add(next => (context, cancellationToken) =>
            context.JsonRpcMessage is JsonRpcRequest request && !IsHandledByPrimitive(request.Method)
                ? HandleAsync(next, context, request, cancellationToken)
                : next(context, cancellationToken));
        return options;
    }

    private bool IsHandledByPrimitive(string method) => MemoryCall.IsOfPrimitive(method) && !_methods.ContainsKey(method);

    private async Task HandleAsync(
        McpMessageHandler next, MessageContext context, JsonRpcRequest request, CancellationToken cancellationToken)
    {
        var call = Record(MemoryCall.Of(request));
        if (!_methods.TryGetValue(request.Method, out var handler))
        {
            await next(context, cancellationToken).ConfigureAwait(false);
            return;
        }
        var answer = await AnswerAsync(handler, call, cancellationToken).ConfigureAwait(false);
        var response = new JsonRpcResponse { Id = request.Id, Result = MemoryAnswer.ToObject(answer) };
        await context.Server.SendMessageAsync(response, cancellationToken).ConfigureAwait(false);
    }
}
