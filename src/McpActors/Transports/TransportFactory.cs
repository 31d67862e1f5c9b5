using McpActors.Configuration;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;

namespace McpActors.Transports;

/// <summary>
/// Creates the SDK transport for a server's settings. Secrets are resolved here, at each connection. A transport that is
/// <see cref="IAsyncDisposable"/> must be disposed after its client.
/// </summary>
/// <param name="memory">The servers with <c>memory://</c> addresses.</param>
/// <param name="settings">The pool's settings, for limits and time-outs.</param>
/// <param name="logs">Creates the SDK's loggers; null for none.</param>
/// <param name="time">The clock of time limits; null for the system clock.</param>
internal sealed class TransportFactory(MemoryServers memory, PoolSettings settings, ILoggerFactory? logs, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Creates a transport that is not connected yet.</summary>
    /// <exception cref="SecretUnavailableException">A secret of the server cannot be resolved.</exception>
    /// <exception cref="NotSupportedException">The scheme of the server's URI is not http, https, ws, wss or memory.</exception>
    public IClientTransport Create(ServerSettings server) => server.Uri?.Scheme switch
    {
        "http" or "https" => new HttpServerTransport(server, settings, _time, LogsOf(server)),
        "ws" or "wss" => new WebSocketClientTransport(server, settings, _time, LogsOf(server)),
        "memory" => memory.CreateTransport(server.Uri.Host, settings),
        null => new ProcessTransport(server, settings, _time, LogsOf(server)),
        var other => throw new NotSupportedException($"Server '{server.Name}': there is no transport for '{other}://'."),
    };

    private DemotedLogs? LogsOf(ServerSettings server) => logs is null ? null : new DemotedLogs(logs, server.Name);
}
