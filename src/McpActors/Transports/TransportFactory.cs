using McpActors.Configuration;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;

namespace McpActors.Transports;

/// <summary>
/// Makes the SDK transport for a server's settings. Secrets are resolved here, at each connection. What is returned may be
/// <see cref="IAsyncDisposable"/>: it is then disposed after the client that used it.
/// </summary>
/// <param name="memory">The servers that <c>memory://</c> addresses.</param>
/// <param name="settings">The pool's settings, for limits and time-outs.</param>
/// <param name="logs">Where the SDK logs; null for nowhere.</param>
/// <param name="time">The clock of limits; null for the system's.</param>
internal sealed class TransportFactory(MemoryServers memory, PoolSettings settings, ILoggerFactory? logs, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>A transport that has not connected yet.</summary>
    /// <exception cref="SecretUnavailableException">A secret of the server cannot be resolved.</exception>
    /// <exception cref="NotSupportedException">The scheme of the server's URI is none of http, https, ws, wss and memory.</exception>
    public IClientTransport Create(ServerSettings server) => server.Uri?.Scheme switch
    {
        "http" or "https" => new HttpServerTransport(server, settings, _time, logs),
        "ws" or "wss" => new WebSocketClientTransport(server, settings, _time, logs),
        "memory" => memory.CreateTransport(server.Uri.Host, settings),
        null => new ProcessTransport(server, settings, _time, logs),
        var other => throw new NotSupportedException($"Server '{server.Name}': there is no transport for '{other}://'."),
    };
}
