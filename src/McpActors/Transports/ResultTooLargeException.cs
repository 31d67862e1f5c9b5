namespace McpActors.Transports;

/// <summary>A server's answer was larger than <c>max-result-size</c>. The call ran; only its result is not to be had.</summary>
/// <param name="size">Bytes of the answer, as far as they were seen.</param>
/// <param name="limit">The limit in bytes.</param>
internal sealed class ResultTooLargeException(long size, long limit)
    : IOException($"the result is larger than max-result-size ({limit} bytes; at least {size} were sent); the server did run the call");
