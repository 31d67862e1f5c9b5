using System.Net;

namespace McpActors.Host.Listening;

/// <summary>Checks the addresses of the HTTP API before anything is opened.</summary>
internal static class ListenAddress
{
    /// <summary>The problems of the addresses, each with the address; empty when all are valid.</summary>
    /// <param name="urls">Addresses separated by <c>;</c>.</param>
    public static IReadOnlyList<string> Problems(string urls)
    {
        var addresses = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (addresses.Length == 0)
            return ["--urls: there is no address; expected one such as http://127.0.0.1:5000."];

        return [.. addresses.Select(Problem).OfType<string>()];
    }

    private static string? Problem(string url)
    {
        var isHttp = url.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isHttp)
            return $"--urls: '{url}' does not start with http:// or https://.";

        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return $"--urls: '{url}' is not a valid address; expected one such as http://127.0.0.1:5000.";
        }

        if (address.IsUnixPipe)
            return null;
        if (address.Port is < 0 or > IPEndPoint.MaxPort)
            return $"--urls: '{url}' has the port {address.Port}; expected a port from 0 to {IPEndPoint.MaxPort}.";
        if (address is { Port: 0, Host: "localhost" })
            return $"--urls: '{url}' asks for a free port of localhost, which is two addresses. Use http://127.0.0.1:0 or http://[::1]:0.";
        if (address.PathBase.Length > 0)
            return $"--urls: '{url}' has a path; an address has a scheme, a host and a port only.";

        // Kestrel treats any other host name as "every address of this machine", which would expose the API by mistake.
        return address.Host is "localhost" or "*" or "+" || IPAddress.TryParse(address.Host.Trim('[', ']'), out _)
            ? null
            : $"--urls: '{url}' names the host '{address.Host}'. Use an IP address, localhost, or * for every address of this machine.";
    }
}
