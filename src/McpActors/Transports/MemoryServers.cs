using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using McpActors.Configuration;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// MCP servers in this process with addresses <c>memory://name</c>: for tests of services that use a pool, and for services with their own
/// server. They use the SDK's MCP server. Names ignore case, as hosts of URIs do. Thread-safe.
/// </summary>
/// <example>
/// <code>
/// var servers = new MemoryServers();
/// servers.Add("primary-server").Tool("getData", () =&gt; new { source = "primary" });
/// servers.Add("secondary-server").Tool("getData", () =&gt; throw new InvalidOperationException("Secondary failed"));
/// // McpPoolOptions.MemoryServers = servers, and in the configuration: uri = "memory://primary-server"
///
/// servers["primary-server"].Tool("getData", () =&gt; MemoryAnswer.Never);   // while the pool runs
/// servers["primary-server"].Disconnect();
/// </code>
/// </example>
/// <param name="time">The clock of delayed answers; null for the system clock.</param>
/// <param name="logs">Creates the servers' loggers; null for none.</param>
public sealed class MemoryServers(TimeProvider? time = null, ILoggerFactory? logs = null)
{
    private readonly ConcurrentDictionary<string, MemoryServer> _servers = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names of all servers, in no particular order.</summary>
    public IReadOnlyCollection<string> Names => [.. _servers.Keys];

    /// <summary>The server of this name.</summary>
    /// <exception cref="KeyNotFoundException">There is no server of this name.</exception>
    public MemoryServer this[string name] => TryGet(name, out var server) ? server : throw new KeyNotFoundException(Missing(name));

    /// <summary>Adds a server without tools, resources and prompts; it accepts connections.</summary>
    /// <param name="name">Its unique name, valid as the host of a URI: letters, digits, <c>-</c>, <c>_</c> and <c>.</c>.</param>
    /// <exception cref="ArgumentException">The name is in use, or not valid as the host of a URI.</exception>
    public MemoryServer Add(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (!Uri.TryCreate($"memory://{name}", UriKind.Absolute, out var uri) || !uri.Host.Equals(name, StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException(
                $"'{name}' cannot be the host of a memory:// URI; use letters, digits, '-', '_' and '.'.", nameof(name));
        }
        var server = new MemoryServer(name, time ?? TimeProvider.System, logs);
        return _servers.TryAdd(name, server)
            ? server
            : throw new ArgumentException(
                $"There is a memory server '{name}' already; change it through MemoryServers[\"{name}\"].", nameof(name));
    }

    /// <summary>Removes a server and cuts its connections; no effect if there is no server of this name.</summary>
    public void Remove(string name)
    {
        if (_servers.TryRemove(name, out var server))
        {
            server.Refuse();
            server.Disconnect();
        }
    }

    /// <summary>Finds the server of this name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out MemoryServer? server) => _servers.TryGetValue(name, out server);

    /// <summary>Creates a transport to a server, for the SDK's <c>McpClient</c> without a pool.</summary>
    /// <param name="name">The server's name; resolved at each connection.</param>
    public IClientTransport CreateTransport(string name) => CreateTransport(name, new PoolSettings());

    internal IClientTransport CreateTransport(string name, PoolSettings settings) => new Transport(this, name, settings);

    private static string Missing(string name) => $"There is no memory server '{name}'; add it with MemoryServers.Add(\"{name}\").";

    private sealed class Transport(MemoryServers servers, string name, PoolSettings settings) : IClientTransport
    {
        public string Name => name;

        public Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return servers.TryGet(name, out var server)
                ? Task.FromResult(server.Connect(settings))
                : throw new MessageNotSentException(Missing(name));
        }
    }
}
