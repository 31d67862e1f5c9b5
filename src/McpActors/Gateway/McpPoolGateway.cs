using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using McpActors.Pool;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Gateway;

/// <summary>
/// The pool as an MCP server: what a server of the SDK answers with the pool's entries. One gateway serves any number of servers and
/// sessions of both eras, on any transport of the SDK. Thread-safe.
/// </summary>
internal sealed class McpPoolGateway
{
    private static readonly ConditionalWeakTable<IMcpPool, ConcurrentDictionary<GatewayOptions, McpPoolGateway>> Known = [];

    private readonly LegacySessions _sessions = new();
    private readonly Listeners _listeners = new();
    private readonly GatewayRequests _requests;

    /// <exception cref="ArgumentException">An option is outside of its range.</exception>
    public McpPoolGateway(IMcpPool pool, GatewayOptions options, TimeProvider time)
    {
        var views = new ViewKeeper(pool, options.Checked(), time, Announce);
        _requests = new GatewayRequests(
            new GatewayCalls(pool, new StateSeal(options.StateSecret, time), time), views, options);
    }

    /// <summary>
    /// The gateway of a pool with these options; the same for equal options, since servers come and go with each session.
    /// </summary>
    public static McpPoolGateway Of(IMcpPool pool, GatewayOptions options) =>
        Known.GetOrCreateValue(pool).GetOrAdd(options, _ => new McpPoolGateway(pool, options, TimeProvider.System));

    /// <summary>Lets a server of the SDK answer with the pool's entries.</summary>
    public void Attach(McpServerOptions server, CancellationToken stopping)
    {
        var capabilities = server.Capabilities ??= new ServerCapabilities();
        (capabilities.Tools ??= new ToolsCapability()).ListChanged = true;
        (capabilities.Prompts ??= new PromptsCapability()).ListChanged = true;
        (capabilities.Resources ??= new ResourcesCapability()).ListChanged = true;
        capabilities.Completions ??= new CompletionsCapability();
        server.Filters.Message.IncomingFilters.Add(Filter);
        server.Handlers.SubscriptionsListenHandler =
            (request, cancellation) => _listeners.ListenAsync(request, stopping, cancellation);
    }

    private McpMessageHandler Filter(McpMessageHandler next) => async (context, cancellation) =>
    {
        if (context.JsonRpcMessage is not JsonRpcRequest request)
        {
            await next(context, cancellation).ConfigureAwait(false);
            return;
        }
        if (await _requests.AnswerAsync(context.Server, request, cancellation).ConfigureAwait(false) is { } answer)
        {
            await context.Server.SendMessageAsync(answer, cancellation).ConfigureAwait(false);
            return;
        }
        await next(context, cancellation).ConfigureAwait(false);
        if (request.Method == RequestMethods.Initialize)
            _sessions.Add(context.Server);
    };

    private void Announce(ViewChange change)
    {
        foreach (var method in change.Notifications())
            _sessions.Announce(method);
        _listeners.Announce(change);
    }
}
