using System.Net;
using System.Text.RegularExpressions;

namespace McpActors.Transports;

/// <summary>
/// The addresses allowed for servers that are added through the network. A pattern must match the host name or the address; no pattern
/// allows a link-local or cloud metadata address. Immutable, safe for any thread.
/// </summary>
/// <param name="patterns">Host names with <c>*</c>, addresses, or networks such as <c>10.0.0.0/8</c>.</param>
internal sealed class AllowedTargets(IReadOnlyList<string> patterns)
{
    /// <summary>Every address but the forbidden ones.</summary>
    public static AllowedTargets All { get; } = new(["*"]);

    /// <summary>Why a server may not be added; null when it may.</summary>
    /// <param name="host">The host of its URL.</param>
    /// <param name="addresses">The addresses of the host; empty when it cannot be resolved.</param>
    public string? Problem(string host, IReadOnlyList<IPAddress> addresses)
    {
        if (addresses.FirstOrDefault(TargetGuard.IsForbidden) is { } forbidden)
        {
            return $"{host} resolves to {forbidden}, a link-local or cloud metadata address; such a server can only be added in the "
                + "configuration file";
        }
        return addresses.All(address => Permits(host, address)) && (addresses.Count > 0 || MatchesName(host))
            ? null
            : $"{host} is not an allowed target; add it to mcp-actors.host.allowed-targets";
    }

    /// <summary>Whether a connection to this address of the host is allowed.</summary>
    public bool Permits(string host, IPAddress address) =>
        !TargetGuard.IsForbidden(address) && (MatchesName(host) || patterns.Any(pattern => Matches(pattern, address)));

    private bool MatchesName(string host) => patterns.Any(pattern => Regex.IsMatch(
        host,
        $"^{Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal)}$",
        RegexOptions.IgnoreCase | RegexOptions.NonBacktracking));

    private static bool Matches(string pattern, IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return IPNetwork.TryParse(pattern, out var network)
            ? network.Contains(plain)
            : IPAddress.TryParse(pattern, out var only) && only.Equals(plain);
    }
}
