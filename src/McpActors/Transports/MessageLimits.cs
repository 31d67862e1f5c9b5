using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>The largest messages a transport of this library lets through, in bytes of JSON.</summary>
internal static class MessageLimits
{
    /// <summary>
    /// JSON-RPC error code of the answer that stands in for one that was too large: the server did answer, but the answer was thrown away.
    /// </summary>
    public const int TooLarge = -32099;

    /// <summary>What a message may have beside the parameters that the pool's own limit is about: method, id and <c>_meta</c>.</summary>
    private const int Envelope = 64 * 1024;

    /// <summary>The limit of a whole message whose parameters or result have the given limit.</summary>
    public static long WithEnvelope(long limit) => limit + Envelope;

    /// <summary>What a call gets instead of its answer.</summary>
    public static JsonRpcError TooLargeError(RequestId id, long size, long limit) => new()
    {
        Id = id,
        Error = new JsonRpcErrorDetail { Code = TooLarge, Message = $"The message has {size} bytes; the limit is {limit} bytes." },
    };

    /// <summary>The message cannot be sent to any server: nothing of it was written.</summary>
    public static MessageNotSentException NotSent(string peer, long size, long limit) =>
        new($"The message to {peer} has {size} bytes; the limit is {limit} bytes. Nothing of it was sent.");
}
