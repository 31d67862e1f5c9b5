using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>Size limits of the transports of this library, in bytes of JSON.</summary>
internal static class MessageLimits
{
    /// <summary>JSON-RPC error code of the answer that replaces one that was too large.</summary>
    public const int TooLarge = -32099;

    /// <summary>
    /// How many times the limit is skipped of one message that is too large. After that it is an attack, and its connection
    /// ends.
    /// </summary>
    public const int MostSkipped = 16;

    /// <summary>Room for the parts of a message that the pool's limit does not count: method, id and <c>_meta</c>.</summary>
    private const int Envelope = 64 * 1024;

    /// <summary>The limit of a whole message, from the limit of its parameters or result.</summary>
    public static long WithEnvelope(long limit) => limit + Envelope;

    /// <summary>The limit of the parameters or result, from that of the whole message.</summary>
    public static long WithoutEnvelope(long limit) => limit - Envelope;

    /// <summary>The answer to a request of the server that was too large.</summary>
    public static JsonRpcError RequestTooLargeError(RequestId id, long size, long limit) => new()
    {
        Id = id,
        Error = new JsonRpcErrorDetail
        {
            Code = (int)McpErrorCode.InvalidRequest,
            Message = $"The message has {size} bytes; the limit is {limit} bytes.",
        },
    };

    /// <summary>The stand-in for an answer that was too large.</summary>
    /// <param name="id">The request that it answered.</param>
    /// <param name="limit">The limit of the whole message, in bytes.</param>
    public static JsonRpcError TooLargeError(RequestId id, long limit) =>
        StandIn.For(id, TooLarge, ResultTooLargeException.WordsOf(WithoutEnvelope(limit)));

    /// <summary>The error of a message that is too large to be sent; nothing of it was written.</summary>
    public static RequestTooLargeException NotSent(string peer, long size, long limit) =>
        new($"The message to {peer} has {size} bytes; the limit is {limit} bytes. Nothing of it was sent.");
}
