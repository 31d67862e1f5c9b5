namespace McpActors.Transports;

/// <summary>Nothing of a message was sent to the server, so the call can safely run on another one.</summary>
/// <param name="message">The reason.</param>
/// <param name="inner">The cause, if any.</param>
internal sealed class MessageNotSentException(string message, Exception? inner = null) : IOException(message, inner);
