using System.Net;
using System.Net.Sockets;
using McpActors.Clustering;

namespace McpActors.Host.Listening;

/// <summary>An address cannot be listened on.</summary>
/// <param name="message">Which address, why, and what to do.</param>
/// <param name="inner">The cause.</param>
internal sealed class CannotListenException(string message, Exception inner) : Exception(message, inner)
{
    /// <summary>Starts a host and says in one line which address stops it, if one does; what had started by then is stopped again.</summary>
    /// <param name="app">The server.</param>
    /// <param name="addresses">Where it is to listen.</param>
    /// <param name="remedy">What to do about an address that cannot be used.</param>
    /// <exception cref="CannotListenException">An address is taken, not of this machine, or not permitted.</exception>
    public static async Task StartAsync(WebApplication app, string addresses, string remedy)
    {
        try
        {
            await app.StartAsync();
        }
        catch (IOException e)
        {
            await app.StopAsync();
            // Kestrel's own words, which name the one address: "Failed to bind to address http://127.0.0.1:5000: address already in use."
            throw new CannotListenException($"{e.Message} {remedy}", e);
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" })
        {
            await app.StopAsync();
            throw new CannotListenException($"Failed to bind to {addresses}: {e.Message.TrimEnd('.')}. {remedy}", e);
        }
    }

    /// <summary>Tries the address of a cluster's node, and lets it go again. Akka would say the same in hundreds of lines.</summary>
    /// <param name="cluster">The address.</param>
    /// <exception cref="CannotListenException">It is taken, not of this machine, not permitted, or a name that leads nowhere.</exception>
    public static async Task TryAsync(ClusterSettings cluster)
    {
        var name = $"{cluster.Hostname}:{cluster.Port}";
        try
        {
            var address = IPAddress.TryParse(cluster.Hostname, out var literal) ? literal : (await Dns.GetHostAddressesAsync(cluster.Hostname))[0];
            using var listener = new TcpListener(address, cluster.Port);
            listener.Start();
        }
        catch (SocketException e)
        {
            var (problem, remedy) = e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => ("address already in use", $"Choose another port with MCP_ACTORS_CLUSTER_PORT or {Key("port")}."),
                SocketError.AddressNotAvailable => (
                    "this machine has no such address",
                    $"Set {Key("hostname")} (or MCP_ACTORS_CLUSTER_HOSTNAME) to one of its own; what others call it belongs in public-hostname."),
                SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => (
                    "there is no such host", $"Set {Key("hostname")} (or MCP_ACTORS_CLUSTER_HOSTNAME) to a name or an address of this machine."),
                _ => (e.Message, $"Choose another address with {Key("hostname")} and {Key("port")}."),
            };
            throw new CannotListenException($"Failed to bind to the cluster's address {name}: {problem}. {remedy}", e);
        }

        static string Key(string key) => $"mcp-actors.cluster.{key}";
    }
}
