namespace McpActors.Transports;

/// <summary>A request is larger than the limit. Nothing of it was sent, and it goes to no other server.</summary>
/// <param name="message">The peer and the sizes.</param>
internal sealed class RequestTooLargeException(string message) : IOException(message);
