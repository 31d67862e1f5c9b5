using System.Net;
using McpActors.Configuration;

namespace McpActors.Transports;

/// <summary>
/// Decides through which proxy a server is reached: that of its settings; or else that of the environment (<c>HTTP_PROXY</c>,
/// <c>HTTPS_PROXY</c>, <c>ALL_PROXY</c>) or the system, except for this machine and what <c>NO_PROXY</c> names. Immutable, safe for any
/// thread.
/// </summary>
internal sealed class ProxyChoice : IWebProxy
{
    /// <summary>In the settings of a server: no proxy at all.</summary>
    public const string NoProxy = "none";

    private readonly Uri? _own;
    private readonly IWebProxy? _others;
    private readonly string[] _direct;

    private ProxyChoice(Uri? own, IWebProxy? others, string[] direct) => (_own, _others, _direct) = (own, others, direct);

    /// <summary>The choice for a server, by the environment of this process.</summary>
    /// <exception cref="SecretUnavailableException">The server's proxy cannot be resolved, or is no address.</exception>
    public static ProxyChoice For(ServerSettings server) => For(
        server,
        HttpClient.DefaultProxy,
        Environment.GetEnvironmentVariable("no_proxy") ?? Environment.GetEnvironmentVariable("NO_PROXY"));

    /// <summary>The choice for a server.</summary>
    /// <param name="server">The server.</param>
    /// <param name="others">The proxy of the environment or the system.</param>
    /// <param name="direct">What is reached without it, as <c>NO_PROXY</c> lists it.</param>
    public static ProxyChoice For(ServerSettings server, IWebProxy others, string? direct)
    {
        // A proxy resolves names itself, so a guard would see nothing but the proxy's own address.
        if (server.GuardTarget)
            return new(null, null, []);
        if (server.Proxy is not { } proxy)
            return new(null, others, direct?.Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries) ?? []);
        return proxy.Resolve() switch
        {
            NoProxy => new(null, null, []),
            var address when ServerRules.IsProxy(address) => new(new Uri(address), null, []),
            _ => throw new SecretUnavailableException($"servers.{server.Name}.proxy {ServerRules.ProxyProblem}"),
        };
    }

    /// <summary>The proxy's own credentials.</summary>
    public ICredentials? Credentials
    {
        get => _own is { UserInfo: { Length: > 0 } user } ? CredentialsOf(user) : _others?.Credentials;
        set => throw new NotSupportedException();
    }

    /// <summary>The proxy for an address; null for none.</summary>
    public Uri? GetProxy(Uri destination)
    {
        if (_own is not null)
            return _own;
        if (_others is null || IsThisMachine(destination.Host) || _direct.Any(entry => Matches(entry, destination)))
            return null;
        return _others.IsBypassed(destination) || _others.GetProxy(destination) is not { } proxy || proxy == destination ? null : proxy;
    }

    public bool IsBypassed(Uri host) => GetProxy(host) is null;

    /// <summary>The proxy for people to read, without user and password; null for none.</summary>
    public string? Shown(Uri destination) => GetProxy(destination)?.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    private static NetworkCredential CredentialsOf(string user)
    {
        var parts = user.Split(':', 2);
        return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static bool Matches(string entry, Uri destination)
    {
        if (entry == "*")
            return true;
        var host = destination.Host.Trim('[', ']').TrimEnd('.');
        if (IPAddress.TryParse(host, out var address))
        {
            var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            if (entry.Contains('/', StringComparison.Ordinal))
                return IPNetwork.TryParse(entry, out var network) && network.Contains(plain);
            return IPAddress.TryParse(entry.Trim('[', ']'), out var only) ? only.Equals(plain)
                : IPEndPoint.TryParse(entry, out var end) && end.Address.Equals(plain) && end.Port == destination.Port;
        }
        var parts = entry.Split(':', 2);
        if (parts.Length == 2 && parts[1] != $"{destination.Port}")
            return false;
        var name = parts[0].TrimStart('*').Trim('.');
        return name.Length > 0
            && (host.Equals(name, StringComparison.OrdinalIgnoreCase) || host.EndsWith($".{name}", StringComparison.OrdinalIgnoreCase));
    }
}
