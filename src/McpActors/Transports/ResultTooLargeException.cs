namespace McpActors.Transports;

/// <summary>
/// A server's HTTP response is larger than the limit; it was not read to its end and only this request is lost. It is not an
/// <see cref="IOException"/>, because the SDK takes one inside an event stream for a lost network connection and asks for the stream again.
/// </summary>
/// <param name="limit">The limit, in bytes.</param>
internal sealed class ResultTooLargeException(long limit)
    : Exception($"The server's response is larger than the limit of {limit} bytes (max-result-size); the rest of it was not read.")
{
    /// <summary>The limit, in bytes.</summary>
    public long Limit { get; } = limit;
}
