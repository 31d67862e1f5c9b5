namespace McpActors.Transports;

/// <summary>A transport of this library knows that nothing of the message reached the server, so the call is safe to run elsewhere.</summary>
/// <param name="message">What prevented it.</param>
/// <param name="inner">The cause, if any.</param>
internal sealed class MessageNotSentException(string message, Exception? inner = null) : IOException(message, inner);
