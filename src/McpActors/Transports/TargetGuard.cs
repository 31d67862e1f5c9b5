using System.Net;
using System.Net.Sockets;

namespace McpActors.Transports;

/// <summary>
/// Keeps connections from addresses that answer only to the machine itself: link-local ones, and those where clouds keep credentials for their
/// machines. Asked when a socket is opened, after the name was resolved, so that no name can lead there.
/// </summary>
public static class TargetGuard
{
    // AWS (and most others), AWS over IPv6, Alibaba, Azure's host agent. The first is link-local besides.
    private static readonly IPAddress[] Metadata =
    [
        IPAddress.Parse("169.254.169.254"), IPAddress.Parse("fd00:ec2::254"), IPAddress.Parse("100.100.100.200"), IPAddress.Parse("168.63.129.16"),
    ];

    private static readonly IPNetwork LinkLocal = IPNetwork.Parse("169.254.0.0/16");

    // "This network": connecting there reaches the machine itself on many systems.
    private static readonly IPNetwork Unspecified = IPNetwork.Parse("0.0.0.0/8");

    /// <summary>Whether nothing that came through the network may be connected to this address.</summary>
    public static bool IsForbidden(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.IsIPv6LinkLocal || plain.IsIPv6Multicast || plain.Equals(IPAddress.IPv6Any)
            || (plain.AddressFamily == AddressFamily.InterNetwork && (LinkLocal.Contains(plain) || Unspecified.Contains(plain)))
            || Metadata.Contains(plain);
    }

    /// <summary>What a host name stands for; an address stands for itself.</summary>
    /// <exception cref="SocketException">The name does not resolve.</exception>
    public static async Task<IPAddress[]> AddressesOfAsync(string host, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(host);
        // The resolver does not take the unspecified addresses.
        return IPAddress.TryParse(host.Trim('[', ']'), out var address) ? [address] : await Dns.GetHostAddressesAsync(host, cancellation).ConfigureAwait(false);
    }

    /// <summary>Opens the socket of a connection, to the first address of the host that may be connected to.</summary>
    /// <exception cref="HttpRequestException">No address of the host may be.</exception>
    internal static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var host = context.DnsEndPoint.Host;
        var allowed = (await AddressesOfAsync(host, cancellation).ConfigureAwait(false)).Where(address => !IsForbidden(address)).ToArray();
        if (allowed.Length == 0)
        {
            throw new HttpRequestException(
                HttpRequestError.ConnectionError,
                $"{host} is a link-local or cloud metadata address, which a server that was added through the network may not have");
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
