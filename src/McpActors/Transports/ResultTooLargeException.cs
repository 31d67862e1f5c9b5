namespace McpActors.Transports;

/// <summary>
/// A server's HTTP response exceeds the limit. The rest was not read, and only this request is lost. Not an <see cref="IOException"/>:
/// within an event stream the SDK treats that as a lost network connection, and requests the stream again.
/// </summary>
/// <param name="limit">The limit of the whole message, in bytes.</param>
internal sealed class ResultTooLargeException(long limit) : Exception(WordsOf(MessageLimits.WithoutEnvelope(limit)))
{
    /// <summary>The limit of the whole message, in bytes.</summary>
    public long Limit { get; } = limit;

    /// <summary>What happened, with the limit that is configured.</summary>
    /// <param name="maxResult">The limit of a result, in bytes.</param>
    public static string WordsOf(long maxResult) =>
        $"the server's response is larger than the limit of {maxResult} bytes (max-result-size); the rest of it was not read";
}
