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
/// <param name="guard">Opens the sockets of servers that were added through the network; null: any but the forbidden addresses.</param>
internal sealed class TransportFactory(
    MemoryServers memory, PoolSettings settings, ILoggerFactory? logs, TimeProvider? time = null, TargetGuard? guard = null)
{
    private readonly TargetGuard _guard = guard ?? new TargetGuard(AllowedTargets.All);

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Creates a transport that is not connected yet.</summary>
    /// <exception cref="SecretUnavailableException">A secret of the server cannot be resolved.</exception>
    /// <exception cref="NotSupportedException">The scheme of the server's URI is not http, https, ws, wss or memory.</exception>
    /// <param name="server">The server.</param>
    /// <param name="redactor">Removes the secrets from what is logged; it gets those that change while the connection is open.</param>
    /// <param name="output">Receives what a program writes; null: nothing does.</param>
    public IClientTransport Create(ServerSettings server, CurrentRedactor redactor, ProgramOutput? output = null) =>
        server.Uri?.Scheme switch
        {
            "http" or "https" => Budgeted(new HttpServerTransport(server, settings, _guard, _time, LogsOf(server, redactor), redactor)),
            "ws" or "wss" => Budgeted(new WebSocketClientTransport(server, settings, _guard, _time, LogsOf(server, redactor), redactor)),
            "memory" => memory.CreateTransport(server.Uri.Host, settings),
            null => Budgeted(new ProcessTransport(server, settings, _time, LogsOf(server, redactor), output)),
            var other => throw new NotSupportedException($"there is no transport for '{other}://'"),
        };

    private BudgetedClientTransport Budgeted(IClientTransport transport) => new(transport, settings.MaxResultSize, _time);

    private DemotedLogs? LogsOf(ServerSettings server, CurrentRedactor redactor) =>
        logs is null ? null : new DemotedLogs(logs, server.Name, redactor);
}
