using System.Net.Sockets;
using System.Net.WebSockets;

namespace McpActors.Transports;

/// <summary>Describes why a WebSocket connection broke: the runtime names states and methods of its own. Pure.</summary>
internal static class WebSocketWords
{
    /// <summary>Why, as a sentence without a full stop.</summary>
    /// <param name="error">The exception.</param>
    /// <param name="peer">The name of the other end.</param>
    public static string Of(Exception error, string peer)
    {
        var causes = new List<Exception>();
        for (var e = error; e is not null; e = e.InnerException)
            causes.Add(e);
        // The runtime has only words for it.
        return causes.Exists(cause => cause.Message.Contains("Pong", StringComparison.Ordinal)) ? $"{peer} answered no ping"
            : causes.OfType<SocketException>().FirstOrDefault() is { } socket ? $"the connection to {peer} broke: {socket.Message}"
            : causes.Exists(cause => cause is WebSocketException { WebSocketErrorCode: WebSocketError.ConnectionClosedPrematurely })
                ? $"{peer} ended the connection without closing it properly"
            : causes.Exists(cause => cause is WebSocketException { WebSocketErrorCode: WebSocketError.Faulted })
                ? $"{peer} broke the protocol of WebSockets: {error.Message}"
            : $"the connection to {peer} was aborted";
    }
}
