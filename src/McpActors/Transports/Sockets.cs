using McpActors.Configuration;

namespace McpActors.Transports;

/// <summary>What all HTTP and WebSocket connections of a server have in common below the protocol: addresses, proxy, time limits.</summary>
/// <param name="server">The server.</param>
/// <param name="settings">The pool's settings.</param>
/// <param name="guard">Finds the addresses of a guarded server.</param>
/// <param name="time">The clock.</param>
/// <exception cref="SecretUnavailableException">The server's proxy cannot be resolved, or is no address.</exception>
internal sealed class Sockets(ServerSettings server, PoolSettings settings, TargetGuard guard, TimeProvider time)
{
    /// <summary>
    /// Common servers close a connection that was idle for 5 seconds, and a request that is sent at that moment is lost: this side gives it
    /// up first. The runtime looks once a second.
    /// </summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Opens the sockets. They fail before the handshake's own time limit, which would not name the addresses.</summary>
    public AddressRace Race { get; } = new(
        server.GuardTarget ? guard.PermittedAsync : TargetGuard.AddressesOfAsync, settings.ConnectTimeout / 2, time);

    /// <summary>The proxy.</summary>
    public ProxyChoice Proxy { get; } = ProxyChoice.For(server);

    /// <summary>A handler that opens them.</summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        // A redirect would carry the token and headers to an address that the operator did not configure.
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = settings.ConnectTimeout,
        ConnectCallback = Race.ConnectAsync,
        Proxy = Proxy,
        PooledConnectionIdleTimeout = IdleTimeout,
    };

    /// <summary>The proxy to the server, as the end of an error message; empty without one.</summary>
    public string Through(Uri target) => Proxy.Shown(target) is { } proxy ? $" (through the proxy {proxy})" : "";
}
