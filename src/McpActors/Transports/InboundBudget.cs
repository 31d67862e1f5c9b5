using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>What becomes of a message of a server.</summary>
internal enum Admission
{
    /// <summary>It is handled now.</summary>
    Handle,

    /// <summary>It waits until a request of the server has been answered.</summary>
    Wait,

    /// <summary>It is dropped.</summary>
    Drop,

    /// <summary>It is one too many: the connection ends.</summary>
    End,
}

/// <summary>
/// Bounds what a server can have this process do: its requests are handled a few at a time, few wait, and what it sends without being asked
/// (notifications, and answers that nobody expects) has a limit a second. Used by one reader; what is sent is reported from any thread.
/// </summary>
/// <param name="maxWaiting">The most that requests that wait may take, in bytes.</param>
/// <param name="time">The clock.</param>
internal sealed class InboundBudget(long maxWaiting, TimeProvider time)
{
    /// <summary>Requests of a server that are handled at a time.</summary>
    public const int RequestsAtOnce = 8;

    /// <summary>Requests of a server that wait.</summary>
    public const int RequestsWaiting = 64;

    /// <summary>Messages a second that a server may send without being asked.</summary>
    public const int UnaskedPerSecond = 20_000;

    private readonly Lock _lock = new();
    private readonly MessageRate _unasked = new(UnaskedPerSecond, time);
    private readonly HashSet<RequestId> _handled = [];
    private readonly Queue<(JsonRpcRequest Request, long Size)> _waiting = [];
    private readonly HashSet<RequestId> _expected = [];
    private long _waitingSize;

    /// <summary>Why the connection ends after <see cref="Admission.End"/>.</summary>
    public string? Reason { get; private set; }

    /// <summary>Whether requests wait.</summary>
    public bool HasWaiting
    {
        get
        {
            lock (_lock)
                return _waiting.Count > 0;
        }
    }

    /// <summary>Decides about a message that arrived.</summary>
    public Admission Admit(JsonRpcMessage message)
    {
        switch (message)
        {
            case JsonRpcRequest request:
                return Admit(request);
            case JsonRpcNotification notification:
                // The SDK does not answer a request that its sender cancels.
                if (CancelledBy(notification) is { } cancelled)
                    Answered(cancelled);
                return AdmitUnasked();
            case JsonRpcMessageWithId answer when Forget(answer.Id):
                return Admission.Handle;
            default:
                // The SDK has no use for it and would log it.
                return AdmitUnasked() == Admission.End ? Admission.End : Admission.Drop;
        }
    }

    /// <summary>One answer to a request that is sent to the server is expected from now on.</summary>
    public void Expect(RequestId id)
    {
        lock (_lock)
            _expected.Add(id);
    }

    /// <summary>No answer to a request is expected any more, because it was answered, cancelled or not sent; true when one was.</summary>
    public bool Forget(RequestId id)
    {
        lock (_lock)
            return _expected.Remove(id);
    }

    /// <summary>The request that a cancellation is about; null when it names none.</summary>
    public static RequestId? CancelledBy(JsonRpcNotification notification) =>
        notification.Method == NotificationMethods.CancelledNotification
        && notification.Params is JsonObject parameters
        && parameters["requestId"] is { } id
            ? TryRead(id)
            : null;

    /// <summary>A request of the server has been answered; true when another one waits.</summary>
    public bool Answered(RequestId id)
    {
        lock (_lock)
            return _handled.Remove(id) && _waiting.Count > 0;
    }

    /// <summary>The next request that waited and can be handled now.</summary>
    public bool TryTakeWaiting(out JsonRpcMessage? request)
    {
        lock (_lock)
        {
            request = null;
            if (_waiting.Count == 0 || _handled.Count >= RequestsAtOnce)
                return false;
            var (next, size) = _waiting.Dequeue();
            _waitingSize -= size;
            _handled.Add(next.Id);
            request = next;
            return true;
        }
    }

    private Admission Admit(JsonRpcRequest request)
    {
        // Its answer would be one too few for the other with the same id.
        if (AdmitUnasked() == Admission.End)
            return Admission.End;
        lock (_lock)
        {
            if (_handled.Contains(request.Id))
                return Admission.Drop;
            if (_waiting.Count == 0 && _handled.Count < RequestsAtOnce)
            {
                _handled.Add(request.Id);
                return Admission.Handle;
            }
            long size = request.Params is null ? 0 : JsonSerializer.SerializeToUtf8Bytes(request.Params, McpJson.Options).Length;
            if (_waiting.Count >= RequestsWaiting || _waitingSize + size > maxWaiting)
            {
                Reason = $"The server sent more requests than can wait: {RequestsAtOnce} are handled at a time, and {RequestsWaiting} or "
                    + $"{maxWaiting} bytes of them wait";
                return Admission.End;
            }
            _waiting.Enqueue((request, size));
            _waitingSize += size;
            return Admission.Wait;
        }
    }

    private Admission AdmitUnasked()
    {
        if (_unasked.TryTake())
            return Admission.Handle;
        Reason = $"The server sent more than {UnaskedPerSecond} messages a second without being asked";
        return Admission.End;
    }

    private static RequestId? TryRead(JsonNode id)
    {
        try
        {
            return JsonSerializer.Deserialize<RequestId>(id.ToJsonString());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
