using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using McpActors.Clustering;

namespace McpActors.Host.Listening;

/// <summary>The worker cannot listen on an address.</summary>
/// <param name="message">Which address, why, and what to do.</param>
/// <param name="inner">The cause.</param>
internal sealed class CannotListenException(string message, Exception inner) : Exception(message, inner)
{
    /// <summary>Starts a web server. When an address prevents that, it is stopped again and the exception names the address.</summary>
    /// <param name="app">The server.</param>
    /// <param name="addresses">The addresses to listen on.</param>
    /// <param name="remedy">The advice for an address that is not available.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <exception cref="CannotListenException">
    /// An address is in use, not of this machine, or not permitted, or its certificate cannot be used.
    /// </exception>
    public static async Task StartAsync(WebApplication app, string addresses, string remedy, CancellationToken cancellation = default)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (Exception e) when (CertificateProblemOf(e) is { } problem)
        {
            await app.StopAsync(CancellationToken.None);
            throw new CannotListenException(problem, e);
        }
        catch (IOException e)
        {
            await app.StopAsync(CancellationToken.None);
            // Kestrel's message names the address: "Failed to bind to address http://127.0.0.1:5000: address already in use."
            throw new CannotListenException($"{e.Message} {remedy}", e);
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" })
        {
            await app.StopAsync(CancellationToken.None);
            throw new CannotListenException($"Failed to bind to {addresses}: {e.Message.TrimEnd('.')}. {remedy}", e);
        }
    }

    /// <summary>The problem of the certificate for <c>https</c> addresses; null when the error is another one.</summary>
    /// <param name="error">What the web server threw.</param>
    public static string? CertificateProblemOf(Exception error)
    {
        const string Needed = "https needs a certificate: set Kestrel:Certificates:Default:Path";
        return error switch
        {
            FileNotFoundException { FileName: { Length: > 0 } file } => $"{Needed} (there is no file {file}).",
            FileNotFoundException or DirectoryNotFoundException => $"{Needed} ({error.Message.TrimEnd('.')}).",
            CryptographicException =>
                $"{Needed} and Kestrel:Certificates:Default:Password (the certificate cannot be read: {error.Message.TrimEnd('.')}).",
            // The type of many other errors: only the words are its own.
            InvalidOperationException when error.Message.Contains("HTTPS endpoint", StringComparison.Ordinal) => $"{Needed}.",
            _ => null,
        };
    }

    /// <summary>
    /// Tests the address of a cluster node and releases it again. Akka reports the same problem in hundreds of log lines.
    /// </summary>
    /// <param name="cluster">The address.</param>
    /// <exception cref="CannotListenException">It is in use, not of this machine, not permitted, or a name that cannot be
    /// resolved.</exception>
    public static async Task TryAsync(McpClusterSettings cluster)
    {
        var name = $"{cluster.Hostname}:{cluster.Port}";
        try
        {
            var address = IPAddress.TryParse(cluster.Hostname, out var literal)
                ? literal
                : (await Dns.GetHostAddressesAsync(cluster.Hostname))[0];
            using var listener = new TcpListener(address, cluster.Port);
            listener.Start();
        }
        catch (SocketException e)
        {
            var hostname = $"{Key("hostname")} (or MCP_ACTORS_CLUSTER_HOSTNAME)";
            var (problem, remedy) = e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => (
                    "address already in use", $"Choose another port with MCP_ACTORS_CLUSTER_PORT or {Key("port")}."),
                SocketError.AddressNotAvailable => (
                    "this machine has no such address",
                    $"Set {hostname} to an address of this machine, and public-hostname to the name that other nodes use."),
                SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => (
                    "there is no such host", $"Set {hostname} to a name or an address of this machine."),
                _ => (e.Message, $"Choose another address with {Key("hostname")} and {Key("port")}."),
            };
            throw new CannotListenException($"Failed to bind to the cluster address {name}: {problem}. {remedy}", e);
        }

        static string Key(string key) => $"mcp-actors.cluster.{key}";
    }
}
