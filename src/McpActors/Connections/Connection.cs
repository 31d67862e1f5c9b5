using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Configuration;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>One live connection: the SDK's client and the transport under it, from the handshake to the end. Safe to use from any thread.</summary>
internal sealed class Connection(ServerSettings server, McpClient client, IClientTransport transport, string? pinnedVersion)
{
    private const string FirstVersionWithoutPing = "2026-07-28";

    // Below it are the ids the SDK counts up for its own requests; integers, because some gateways parse ids as such.
    private static long _lastRequestId = 1L << 40;

    private Task _listening = Task.CompletedTask;
    private bool _mayListen = true;

    public McpClient Client => client;

    /// <summary>The revision this server has to be asked for from the start, if negotiation alone does not reach it.</summary>
    public string? PinnedVersion => pinnedVersion;

    public string ProtocolVersion { get; } = client.NegotiatedProtocolVersion ?? "";

    /// <summary>Whether the server knows us by a session, which it can lose.</summary>
    public bool HasSession => client.SessionId is not null;

    /// <summary>Whether the server keeps something between calls that ends with this connection.</summary>
    public bool IsStateful => HasSession || (!IsModern && !IsHttp);

    private bool IsModern => string.CompareOrdinal(ProtocolVersion, FirstVersionWithoutPing) >= 0;

    private bool IsHttp => server.Uri?.Scheme is "http" or "https";

    public static RequestId NextRequestId() => new(Interlocked.Increment(ref _lastRequestId));

    /// <summary>Asks whether the server lives: any JSON-RPC answer, an error too, means that it does.</summary>
    /// <exception cref="Exception">It did not answer within the time-out, or the transport failed.</exception>
    public async Task ProbeAsync(TimeSpan timeout)
    {
        using var timer = new CancellationTokenSource(timeout);
        try
        {
            // 2026-07-28 removed ping; server/discover is the one request every server of that revision answers.
            await client.SendRequestAsync(
                new JsonRpcRequest { Id = NextRequestId(), Method = IsModern ? RequestMethods.ServerDiscover : RequestMethods.Ping },
                timer.Token).ConfigureAwait(false);
        }
        catch (McpProtocolException e) when (!FailureClassifier.IsSessionLost(e, HasSession))
        {
            // An error is an answer.
        }
        catch (HttpRequestException e) when (FailureClassifier.SaysMethodIsUnknown(e))
        {
            // And so is one that comes with HTTP 404, as from servers that do not know ping.
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested)
        {
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"no answer to a probe within {timeout.TotalSeconds:0.#} s"));
        }
    }

    /// <summary>
    /// Tells the server that a request is given up. Only needed where the SDK does not: on Streamable HTTP to servers before 2026-07-28, where it
    /// merely closes the POST, which such a server must not take for a cancel.
    /// </summary>
    public async Task CancelOnServerAsync(RequestId id, TimeSpan timeout)
    {
        if (!IsHttp || IsModern)
            return;
        using var timer = new CancellationTokenSource(timeout);
        try
        {
            await client.SendMessageAsync(
                new JsonRpcNotification
                {
                    Method = NotificationMethods.CancelledNotification,
                    Params = new JsonObject { ["requestId"] = JsonSerializer.SerializeToNode(id.Id) },
                },
                timer.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The attempt has been answered already; a server that cannot be told is found by its probe.
        }
    }

    /// <summary>
    /// Asks to be told when what the server offers changes. From 2026-07-28 on nothing is told without this, by a request that stays open; the SDK has no
    /// method for it. Without effect while one is open, and where the server tells by itself or has nothing to tell. Not to be called from two threads.
    /// </summary>
    public void Listen()
    {
        var offers = client.ServerCapabilities;
        var wanted = new SubscriptionsListenNotifications
        {
            ToolsListChanged = offers?.Tools?.ListChanged,
            PromptsListChanged = offers?.Prompts?.ListChanged,
            ResourcesListChanged = offers?.Resources?.ListChanged,
        };
        var isAny = wanted is { ToolsListChanged: true } or { PromptsListChanged: true } or { ResourcesListChanged: true };
        if (IsModern && isAny && _mayListen && _listening.IsCompleted)
            _listening = ListenAsync(wanted);
    }

    private async Task ListenAsync(SubscriptionsListenNotifications wanted)
    {
        try
        {
            var parameters = JsonSerializer.SerializeToNode(new SubscriptionsListenRequestParams { Notifications = wanted }, McpJsonUtilities.DefaultOptions);
            // It ends with the client.
            await client.SendRequestAsync(
                new JsonRpcRequest { Id = NextRequestId(), Method = RequestMethods.SubscriptionsListen, Params = parameters }, CancellationToken.None).ConfigureAwait(false);
        }
        catch (McpProtocolException)
        {
            // It does not have it, so there is no use in asking again.
            _mayListen = false;
        }
        catch (Exception)
        {
            // A stream that ended is opened again when the catalogue is next read; a connection that ended is noticed elsewhere.
        }
    }

    /// <summary>Reads everything the server offers, all pages.</summary>
    public async Task<ServerCatalogue> ReadCatalogueAsync(TimeSpan timeout)
    {
        using var timer = new CancellationTokenSource(timeout);
        var offers = client.ServerCapabilities;
        // The SDK's own listing reads every page and remembers the tools, whose headers 2026-07-28 wants mirrored.
        var tools = offers?.Tools is null ? [] : await client.ListToolsAsync(cancellationToken: timer.Token).ConfigureAwait(false);
        var resources = offers?.Resources is null ? [] : await client.ListResourcesAsync(cancellationToken: timer.Token).ConfigureAwait(false);
        var templates = offers?.Resources is null ? [] : await ListTemplatesAsync(timer.Token).ConfigureAwait(false);
        var prompts = offers?.Prompts is null ? [] : await client.ListPromptsAsync(cancellationToken: timer.Token).ConfigureAwait(false);
        return new ServerCatalogue(
            ByName(tools, t => t.Name, t => new CatalogueTool(Json(t.ProtocolTool), IsRepeatable(t.ProtocolTool))),
            ByName(resources, r => r.Uri, r => Json(r.ProtocolResource)),
            ByName(templates, t => t.UriTemplate, t => Json(t.ProtocolResourceTemplate)),
            ByName(prompts, p => p.Name, p => Json(p.ProtocolPrompt)));
    }

    /// <summary>Ends client, transport and process; gives up waiting after the time limit.</summary>
    public async Task CloseAsync(TimeSpan limit)
    {
        try
        {
            await DisposeAsync().AsTask().WaitAsync(limit).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It is being thrown away because it is broken; how it broke was reported when it did.
        }
    }

    private async ValueTask DisposeAsync()
    {
        try
        {
            await client.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            if (transport is IAsyncDisposable disposable)
                await disposable.DisposeAsync().ConfigureAwait(false);
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
    private static bool IsRepeatable(Tool tool) => tool.Annotations is { } hints && (hints.ReadOnlyHint == true || hints.IdempotentHint == true);

    private static JsonElement Json<T>(T entry) => JsonSerializer.SerializeToElement(entry, McpJsonUtilities.DefaultOptions);

    // A server that lists a name twice is taken at its first word.
    private static FrozenDictionary<string, TEntry> ByName<TItem, TEntry>(IList<TItem> items, Func<TItem, string> name, Func<TItem, TEntry> entry) =>
        items.DistinctBy(name, StringComparer.Ordinal).ToFrozenDictionary(name, entry, StringComparer.Ordinal);
}
