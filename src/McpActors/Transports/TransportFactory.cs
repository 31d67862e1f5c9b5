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
internal sealed class TransportFactory(MemoryServers memory, PoolSettings settings, ILoggerFactory? logs)
{
    /// <summary>A transport that has not connected yet.</summary>
    /// <exception cref="SecretUnavailableException">A secret of the server cannot be resolved.</exception>
    public IClientTransport Create(ServerSettings server) =>
        throw new NotImplementedException($"{server.Name} {memory} {settings} {logs}");
}
