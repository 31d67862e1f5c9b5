using System.Net;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>An HTTP server answered a request with a status that is no success. The SDK's exceptions do not carry these facts.</summary>
/// <param name="status">The status.</param>
/// <param name="words">The body's beginning, or the message of its error.</param>
/// <param name="error">The JSON-RPC error of the body; null when it has none.</param>
/// <param name="hadSession">The request carried the id of a session.</param>
internal sealed class HttpErrorException(HttpStatusCode status, string words, JsonRpcErrorDetail? error, bool hadSession)
    : HttpRequestException(words.Length == 0 ? $"HTTP {(int)status}" : $"HTTP {(int)status}: {words}", null, status)
{
    /// <summary>The JSON-RPC error of the body; null when it has none.</summary>
    public JsonRpcErrorDetail? Error { get; } = error;

    /// <summary>The request carried the id of a session, so the server may have refused that.</summary>
    public bool HadSession { get; } = hadSession;
}
