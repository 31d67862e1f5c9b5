using System.Net;
using System.Net.Sockets;

namespace McpActors.Transports;

/// <summary>
/// Refuses connections to addresses that serve only the machine itself: link-local ones, and those with the credentials of cloud machines.
/// Checks when a socket is opened, after name resolution, so that no name can lead there.
/// </summary>
internal static class TargetGuard
{
    private static readonly IPAddress[] Metadata =
    [
        // AWS and most others; also link-local.
        IPAddress.Parse("169.254.169.254"),
        // AWS over IPv6.
        IPAddress.Parse("fd00:ec2::254"),
        // Alibaba.
        IPAddress.Parse("100.100.100.200"),
        // The host agent of Azure.
        IPAddress.Parse("168.63.129.16"),
    ];

    private static readonly IPNetwork LinkLocal = IPNetwork.Parse("169.254.0.0/16");

    // "This network": on many systems a connection to it reaches the machine itself.
    private static readonly IPNetwork Unspecified = IPNetwork.Parse("0.0.0.0/8");

    /// <summary>Whether servers that were added through the network may not have this address.</summary>
    public static bool IsForbidden(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.IsIPv6LinkLocal || plain.IsIPv6Multicast || plain.Equals(IPAddress.IPv6Any)
            || (plain.AddressFamily == AddressFamily.InterNetwork && (LinkLocal.Contains(plain) || Unspecified.Contains(plain)))
            || Metadata.Contains(plain);
    }

    /// <summary>Resolves a host name; an address resolves to itself.</summary>
    /// <exception cref="SocketException">The name does not resolve.</exception>
    public static async Task<IPAddress[]> AddressesOfAsync(string host, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(host);
        // The resolver does not accept the unspecified addresses.
        return IPAddress.TryParse(host.Trim('[', ']'), out var address)
            ? [address]
            : await Dns.GetHostAddressesAsync(host, cancellation).ConfigureAwait(false);
    }

    /// <summary>Opens the socket of a connection to the first allowed address of the host.</summary>
    /// <exception cref="HttpRequestException">All addresses of the host are forbidden.</exception>
    public static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
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
