namespace McpActors.Transports;

/// <summary>
/// A server's HTTP response exceeds the limit. The rest was not read, and only this request is lost. Not an <see cref="IOException"/>:
/// within an event stream the SDK treats that as a lost network connection, and requests the stream again.
/// </summary>
/// <param name="limit">The limit, in bytes.</param>
internal sealed class ResultTooLargeException(long limit)
    : Exception($"The server's response is larger than the limit of {limit} bytes (max-result-size); the rest of it was not read.")
{
    /// <summary>The limit, in bytes.</summary>
    public long Limit { get; } = limit;
}
