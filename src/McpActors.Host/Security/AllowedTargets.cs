using System.Net;
using System.Text.RegularExpressions;
using McpActors.Transports;

namespace McpActors.Host.Security;

/// <summary>
/// The addresses allowed for servers that are added through the network. A pattern must match the host name or all of its addresses, and no
/// address may be link-local or a cloud metadata address, unless that address itself is a pattern.
/// </summary>
/// <param name="patterns">Host names with <c>*</c>, addresses, or networks such as <c>10.0.0.0/8</c>.</param>
internal sealed class AllowedTargets(IReadOnlyList<string> patterns)
{
    /// <summary>Why the server is not allowed; null when it is.</summary>
    /// <param name="uri">The URL of the server.</param>
    /// <param name="addresses">The addresses of its host name; empty when it cannot be resolved.</param>
    public string? Problem(Uri uri, IReadOnlyList<IPAddress> addresses)
    {
        var forbidden = addresses.FirstOrDefault(address => TargetGuard.IsForbidden(address) && !patterns.Contains(address.ToString()));
        if (forbidden is not null)
        {
            return $"{uri.Host} resolves to {forbidden}, a link-local or cloud metadata address; such a server can only be added in the "
                + "configuration file";
        }
        var isAllowed = patterns.Any(pattern => Matches(pattern, uri.IdnHost))
            || (addresses.Count > 0 && addresses.All(address => patterns.Any(pattern => Matches(pattern, address))));
        return isAllowed ? null : $"{uri.Host} is not an allowed target; add it to mcp-actors.host.allowed-targets";
    }

    private static bool Matches(string pattern, string host) => Regex.IsMatch(
        host,
        $"^{Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal)}$",
        RegexOptions.IgnoreCase | RegexOptions.NonBacktracking);

    private static bool Matches(string pattern, IPAddress address) =>
        IPNetwork.TryParse(pattern, out var network)
            ? network.Contains(address)
            : IPAddress.TryParse(pattern, out var only) && only.Equals(address);
}
