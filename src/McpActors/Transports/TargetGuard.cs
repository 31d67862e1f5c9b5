using System.Net;
using System.Net.Sockets;

namespace McpActors.Transports;

/// <summary>
/// Finds the addresses of servers that were added through the network, allowed ones only: none that serves only the machine itself,
/// and none outside the allowed targets. Checks each time a socket is opened, after name resolution, so that no name can lead elsewhere
/// later. It must be used without a proxy, which would resolve the name itself.
/// </summary>
/// <param name="allowed">The allowed addresses.</param>
/// <param name="resolve">Finds the addresses of a host name; null for the system's resolver.</param>
internal sealed class TargetGuard(AllowedTargets allowed, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
{
    private static readonly IPNetwork[] Forbidden =
    [
        // "This network": on many systems a connection to it reaches the machine itself.
        IPNetwork.Parse("0.0.0.0/8"),
        // Link-local, with the metadata address of most clouds, 169.254.169.254.
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("224.0.0.0/4"),
        IPNetwork.Parse("255.255.255.255/32"),
        // Alibaba.
        IPNetwork.Parse("100.100.100.200/32"),
        // The host agent of Azure.
        IPNetwork.Parse("168.63.129.16/32"),
        // Oracle.
        IPNetwork.Parse("192.0.0.192/32"),
        IPNetwork.Parse("fd00:c1::a9fe:a9fe/128"),
        // Amazon: metadata, time, name service, and the credentials of containers.
        IPNetwork.Parse("fd00:ec2::/32"),
        // Google.
        IPNetwork.Parse("fd20:ce::254/128"),
        IPNetwork.Parse("::/128"),
        IPNetwork.Parse("fe80::/10"),
        IPNetwork.Parse("ff00::/8"),
    ];

    // IPv6 networks whose addresses contain an IPv4 address, and its four bytes: a gateway or the system itself delivers there.
    private static readonly (IPNetwork Network, int[] Bytes)[] Embedding =
    [
        (IPNetwork.Parse("::/96"), [12, 13, 14, 15]),
        (IPNetwork.Parse("::ffff:0:0/96"), [12, 13, 14, 15]),
        (IPNetwork.Parse("::ffff:0:0:0/96"), [12, 13, 14, 15]),
        (IPNetwork.Parse("64:ff9b::/96"), [12, 13, 14, 15]),
        (IPNetwork.Parse("64:ff9b:1::/48"), [6, 7, 9, 10]),
        (IPNetwork.Parse("64:ff9b:1::/48"), [12, 13, 14, 15]),
        (IPNetwork.Parse("2002::/16"), [2, 3, 4, 5]),
        (IPNetwork.Parse("2001::/32"), [4, 5, 6, 7]),
    ];

    private static readonly IPAddress Loopback6 = IPAddress.IPv6Loopback;

    /// <summary>Whether servers that were added through the network may not have this address.</summary>
    public static bool IsForbidden(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        // Without the scope id, which decides about equality, but not about where packets go.
        var plain = new IPAddress(address.GetAddressBytes());
        return IsListed(plain) || (plain.AddressFamily == AddressFamily.InterNetworkV6 && !plain.Equals(Loopback6) && EmbedsListed(plain));
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

    /// <summary>The allowed addresses of a host.</summary>
    /// <exception cref="HttpRequestException">No address of the host is allowed.</exception>
    public async Task<IPAddress[]> PermittedAsync(string host, CancellationToken cancellation)
    {
        var addresses = await (resolve ?? AddressesOfAsync)(host, cancellation).ConfigureAwait(false);
        var permitted = addresses.Where(address => allowed.Permits(host, address)).ToArray();
        return permitted.Length > 0
            ? permitted
            : throw new HttpRequestException(HttpRequestError.ConnectionError, allowed.Problem(host, addresses));
    }

    private static bool IsListed(IPAddress address) => Forbidden.Any(network => network.Contains(address));

    private static bool EmbedsListed(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return Embedding.Any(way => way.Network.Contains(address) && IsListed(new IPAddress([.. way.Bytes.Select(i => bytes[i])])));
    }
}
