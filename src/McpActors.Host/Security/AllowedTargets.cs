using System.Net;
using System.Text.RegularExpressions;
using McpActors.Transports;

namespace McpActors.Host.Security;

/// <summary>
/// Where a server that is added through the network may be: one of the patterns must fit its host name or all of its addresses, and none of its
/// addresses may be link-local or where clouds keep their metadata, unless that address itself is a pattern.
/// </summary>
/// <param name="patterns">Host names with <c>*</c>, addresses, or networks such as <c>10.0.0.0/8</c>.</param>
internal sealed class AllowedTargets(IReadOnlyList<string> patterns)
{
    /// <summary>Why the server may not be there; null when it may.</summary>
    /// <param name="uri">Its address.</param>
    /// <param name="addresses">What its host name stands for; empty when that is not known.</param>
    public string? Problem(Uri uri, IReadOnlyList<IPAddress> addresses)
    {
        if (addresses.FirstOrDefault(address => TargetGuard.IsForbidden(address) && !patterns.Contains(address.ToString())) is { } forbidden)
            return $"{uri.Host} is {forbidden}, a link-local or cloud metadata address; a server there can only be written into the configuration file";
        if (patterns.Any(pattern => Fits(pattern, uri.IdnHost)) || (addresses.Count > 0 && addresses.All(address => patterns.Any(pattern => Fits(pattern, address)))))
            return null;
        return $"{uri.Host} is none of the allowed targets; add it to mcp-actors.host.allowed-targets";
    }

    private static bool Fits(string pattern, string host) =>
        Regex.IsMatch(host, $"^{Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal)}$", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking);

    private static bool Fits(string pattern, IPAddress address) =>
        IPNetwork.TryParse(pattern, out var network) ? network.Contains(address) : IPAddress.TryParse(pattern, out var only) && only.Equals(address);
}
