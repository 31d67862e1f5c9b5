using System.Collections.Frozen;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>
/// Reads what the server of one connection offers, all pages, and subscribes to changes of it. One reading at a time.
/// </summary>
/// <param name="client">The SDK's client.</param>
/// <param name="needsSubscription">The server reports changes only to those that subscribe (from 2026-07-28 on).</param>
internal sealed class CatalogueReader(McpClient client, bool needsSubscription)
{
    private Task _subscription = Task.CompletedTask;
    private bool _maySubscribe = needsSubscription;

    public async Task<ServerCatalogue> ReadAsync(TimeSpan timeout)
    {
        // Subscribing first leaves almost no gap in which a change is missed.
        Subscribe();
        using var timer = new CancellationTokenSource(timeout, TimeProvider.System);
        var offers = client.ServerCapabilities;
        // The SDK's own listing reads every page and keeps the tools, whose headers 2026-07-28 requires to be mirrored.
        var (hasResources, cancellation) = (offers?.Resources is not null, timer.Token);
        var tools = offers?.Tools is null ? [] : await client.ListToolsAsync(cancellationToken: cancellation).ConfigureAwait(false);
        var resources = hasResources ? await client.ListResourcesAsync(cancellationToken: cancellation).ConfigureAwait(false) : [];
        var templates = hasResources ? await ListTemplatesAsync(cancellation).ConfigureAwait(false) : [];
        var prompts = offers?.Prompts is null ? [] : await client.ListPromptsAsync(cancellationToken: cancellation).ConfigureAwait(false);
        return new ServerCatalogue(
            ByName(tools, t => t.Name, t => new CatalogueTool(Json(t.ProtocolTool), IsRepeatable(t.ProtocolTool))),
            ByName(resources, r => r.Uri, r => Json(r.ProtocolResource)),
            ByName(templates, t => t.UriTemplate, t => Json(t.ProtocolResourceTemplate)),
            ByName(prompts, p => p.Name, p => Json(p.ProtocolPrompt)));
    }

    // The subscription is a request that stays open; the SDK has no method for it.
    private void Subscribe()
    {
        var offers = client.ServerCapabilities;
        var wanted = new SubscriptionsListenNotifications
        {
            ToolsListChanged = offers?.Tools?.ListChanged,
            PromptsListChanged = offers?.Prompts?.ListChanged,
            ResourcesListChanged = offers?.Resources?.ListChanged,
        };
        var isAny = wanted is { ToolsListChanged: true } or { PromptsListChanged: true } or { ResourcesListChanged: true };
        if (isAny && _maySubscribe && _subscription.IsCompleted)
            _subscription = SubscribeAsync(wanted);
    }

    private async Task SubscribeAsync(SubscriptionsListenNotifications wanted)
    {
        try
        {
            var parameters = JsonSerializer.SerializeToNode(
                new SubscriptionsListenRequestParams { Notifications = wanted }, McpJsonUtilities.DefaultOptions);
            // It ends with the client.
            await client.SendRequestAsync(
                new JsonRpcRequest { Id = Connection.NextRequestId(), Method = RequestMethods.SubscriptionsListen, Params = parameters },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (McpProtocolException)
        {
            // The server does not support it.
            _maySubscribe = false;
        }
        catch (Exception)
        {
            // A stream that ended is opened again with the next reading; the end of the connection is noticed elsewhere.
        }
    }

    private async Task<IList<McpClientResourceTemplate>> ListTemplatesAsync(CancellationToken cancellation)
    {
        try
        {
            return await client.ListResourceTemplatesAsync(cancellationToken: cancellation).ConfigureAwait(false);
        }
        catch (McpProtocolException e) when (e.ErrorCode == McpErrorCode.MethodNotFound)
        {
            // Many servers with resources have no templates and do not know the method.
            return [];
        }
    }

    // Defaults of MCP's ToolAnnotations: readOnlyHint false, idempotentHint false.
    private static bool IsRepeatable(Tool tool) =>
        tool.Annotations is { } hints && (hints.ReadOnlyHint == true || hints.IdempotentHint == true);

    private static JsonElement Json<T>(T entry) => JsonSerializer.SerializeToElement(entry, McpJsonUtilities.DefaultOptions);

    // If a server lists a name twice, the first entry wins.
    private static FrozenDictionary<string, TEntry> ByName<TItem, TEntry>(
        IList<TItem> items, Func<TItem, string> name, Func<TItem, TEntry> entry) =>
        items.DistinctBy(name, StringComparer.Ordinal).ToFrozenDictionary(name, entry, StringComparer.Ordinal);
}
