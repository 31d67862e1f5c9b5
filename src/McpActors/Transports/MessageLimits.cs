using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>Size limits of the transports of this library, in bytes of JSON.</summary>
internal static class MessageLimits
{
    /// <summary>
    /// JSON-RPC error code of the answer that replaces one that was too large: the server did answer, but the answer was dropped.
    /// </summary>
    public const int TooLarge = -32099;

    /// <summary>Room for the parts of a message that the pool's limit does not count: method, id and <c>_meta</c>.</summary>
    private const int Envelope = 64 * 1024;

    /// <summary>The limit of a whole message, from the limit of its parameters or result.</summary>
    public static long WithEnvelope(long limit) => limit + Envelope;

    /// <summary>The answer that replaces one that was too large.</summary>
    public static JsonRpcError TooLargeError(RequestId id, long size, long limit) => new()
    {
        Id = id,
        Error = new JsonRpcErrorDetail { Code = TooLarge, Message = $"The message has {size} bytes; the limit is {limit} bytes." },
    };

    /// <summary>The error of a message that is too large to be sent; nothing of it was written.</summary>
    public static MessageNotSentException NotSent(string peer, long size, long limit) =>
        new($"The message to {peer} has {size} bytes; the limit is {limit} bytes. Nothing of it was sent.");
}
