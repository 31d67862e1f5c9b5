namespace McpActors.Host.Settings;

/// <summary>
/// The addresses at which people reach the worker through a proxy (<c>public-url</c>): their pages may use it, their names are its own, and
/// their paths are in front of its own. Pure.
/// </summary>
/// <param name="urls">The addresses.</param>
internal sealed class PublicUrls(IReadOnlyList<Uri> urls)
{
    /// <summary>Why an address cannot be a public one; null when it can.</summary>
    public static string? ProblemOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" }
            ? null
            : $"`{text}` is not valid; expected an address such as \"https://pool.example\" or \"https://example.com/pool\", in double "
                + "quotes";

    /// <summary>Whether the origin of a page is that of a public address.</summary>
    public bool HasOrigin(string? origin) => urls.Any(url => OriginOf(url).Equals(origin, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether it is the name of a public address.</summary>
    public bool HasName(string host) => urls.Any(url => IsNamed(url, host));

    /// <summary>The address by which a request came; null for none of these.</summary>
    /// <param name="host">The name and port that the client asked for.</param>
    /// <param name="path">The path, as it arrived.</param>
    public Uri? Of(HostString host, PathString path) =>
        urls.FirstOrDefault(url => IsAt(url, host) && IsUnder(url, path))
        ?? urls.FirstOrDefault(url => IsAt(url, host))
        ?? urls.FirstOrDefault(url => BaseOf(url).HasValue && IsUnder(url, path));

    /// <summary>The path of an address in front of the worker's own paths; empty for its root.</summary>
    public static PathString BaseOf(Uri url) => new(Uri.UnescapeDataString(url.AbsolutePath).TrimEnd('/'));

    private static bool IsAt(Uri url, HostString host) =>
        IsNamed(url, host.Host) && (host.Port ?? url.Port) == url.Port;

    // An address of IPv6 has brackets in a request, and none in a Uri.
    private static bool IsNamed(Uri url, string host) => url.IdnHost.Equals(host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase);

    private static bool IsUnder(Uri url, PathString path) => path.StartsWithSegments(BaseOf(url));

    private static string OriginOf(Uri url) => url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
}
