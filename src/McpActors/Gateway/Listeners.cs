using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Gateway;

/// <summary>
/// The streams on which clients of the modern era listen for changes (<c>subscriptions/listen</c>). Each first has its acknowledgement,
/// then the notifications that it asked for, tagged with its request. Thread-safe.
/// </summary>
internal sealed class Listeners
{
    private readonly ConcurrentDictionary<Listener, bool> _open = new();

    /// <summary>Serves one stream until its client leaves, or until the service stops: then the stream ends with its result.</summary>
    public async ValueTask<EmptyResult> ListenAsync(
        RequestContext<SubscriptionsListenRequestParams> request, CancellationToken stopping, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellation);
        var listener = new Listener(request.Params?.Notifications ?? new SubscriptionsListenNotifications());
        _open[listener] = true;
        try
        {
            var id = request.JsonRpcRequest.Id;
            var acknowledgement = Tagged(NotificationMethods.SubscriptionsAcknowledgedNotification, id, listener.Granted());
            await request.Server.SendMessageAsync(acknowledgement, cancellation).ConfigureAwait(false);
            while (true)
            {
                foreach (var method in await listener.ReadAsync(ending.Token).ConfigureAwait(false))
                    await request.Server.SendMessageAsync(Tagged(method, id, []), cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return new EmptyResult { Meta = TagOf(request.JsonRpcRequest.Id) };
        }
        finally
        {
            _open.TryRemove(listener, out _);
        }
    }

    /// <summary>Sends a change to the streams that asked for its kind.</summary>
    public void Announce(ViewChange change)
    {
        foreach (var (listener, _) in _open)
            listener.Add(change);
    }

    private static JsonRpcNotification Tagged(string method, RequestId id, JsonObject parameters)
    {
        parameters["_meta"] = TagOf(id);
        return new JsonRpcNotification { Method = method, Params = parameters };
    }

    private static JsonObject TagOf(RequestId id) => new()
    {
        [MetaKeys.SubscriptionId] = id.Id is long number ? JsonValue.Create(number) : JsonValue.Create(id.ToString()),
    };

    /// <summary>
    /// One stream. A list that changes again before the client has read of it has changed once, so a slow client costs no memory.
    /// </summary>
    private sealed class Listener(SubscriptionsListenNotifications wanted)
    {
        private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        private readonly Lock _lock = new();
        private ViewChange _waiting;

        public void Add(ViewChange change)
        {
            lock (_lock)
            {
                _waiting = new ViewChange(
                    _waiting.Tools || (change.Tools && wanted.ToolsListChanged == true),
                    _waiting.Prompts || (change.Prompts && wanted.PromptsListChanged == true),
                    _waiting.Resources || (change.Resources && wanted.ResourcesListChanged == true));
            }
            _signal.Writer.TryWrite(true);
        }

        public async ValueTask<IEnumerable<string>> ReadAsync(CancellationToken cancellation)
        {
            await _signal.Reader.ReadAsync(cancellation).ConfigureAwait(false);
            lock (_lock)
            {
                var change = _waiting;
                _waiting = default;
                return change.Notifications();
            }
        }

        // What is not granted is not named; subscriptions to single resources are not.
        public JsonObject Granted()
        {
            var granted = new JsonObject();
            if (wanted.ToolsListChanged == true)
                granted["toolsListChanged"] = true;
            if (wanted.PromptsListChanged == true)
                granted["promptsListChanged"] = true;
            if (wanted.ResourcesListChanged == true)
                granted["resourcesListChanged"] = true;
            return new JsonObject { ["notifications"] = granted };
        }
    }
}
