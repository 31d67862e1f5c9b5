namespace McpActors.Configuration;

/// <summary>The environment variables that name a proxy. The runtime ignores a value that it cannot read, without a word. Pure.</summary>
internal static class ProxyVariables
{
    private static readonly string[] Names = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

    private static readonly string[] Schemes = ["http://", "https://", "socks4://", "socks4a://", "socks5://"];

    /// <summary>A problem for each variable that is ignored. Values are not shown, since they may contain a password.</summary>
    /// <param name="variable">Yields the value of a variable; null when it is not set.</param>
    public static IReadOnlyList<SettingsProblem> Problems(Func<string, string?> variable) =>
    [
        // Windows has one variable for both spellings.
        .. Names.DistinctBy(name => OperatingSystem.IsWindows() ? name.ToUpperInvariant() : name)
            .Where(name => variable(name) is { Length: > 0 } value && !IsReadable(value))
            .Select(name => new SettingsProblem(
                name, "is not the address of a proxy and has no effect; write http://HOST:PORT, or remove the variable")),
    ];

    // As the runtime reads it: user and password end at the last @, and the port at the first character that is no digit.
    private static bool IsReadable(string value)
    {
        var start = Array.Find(Schemes, scheme => value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))?.Length ?? 0;
        var rest = value[start..];
        rest = rest[(rest.LastIndexOf('@') + 1)..];
        var colon = rest.LastIndexOf(':');
        var host = rest;
        if (colon > rest.IndexOf(']', StringComparison.Ordinal))
        {
            host = rest[..colon];
            if (!ushort.TryParse([.. rest[(colon + 1)..].TakeWhile(char.IsAsciiDigit)], out _))
                return false;
        }
        try
        {
            return new UriBuilder(Uri.UriSchemeHttp, host, 80).Uri.Host.Length > 0;
        }
        catch (UriFormatException)
        {
            return false;
        }
    }
}
