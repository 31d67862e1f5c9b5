using System.Net.Sockets;

namespace McpActors.Host.Listening;

/// <summary>
/// Removes Unix sockets that a worker left behind when it was killed: nothing listens on them, and their files make the address
/// unavailable.
/// </summary>
internal static class StaleSocket
{
    // What the system answers when a socket is opened as a file: ENXIO on Linux, EOPNOTSUPP on macOS.
    private static readonly int[] IsSocketErrors = [6, 102];

    /// <summary>Removes the stale sockets among addresses.</summary>
    /// <param name="urls">Addresses separated by <c>;</c>, all valid.</param>
    public static void RemoveFrom(string urls)
    {
        if (OperatingSystem.IsWindows())
            return;
        foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (BindingAddress.Parse(url) is { IsUnixPipe: true } address && IsStale(address.UnixPipePath))
                File.Delete(address.UnixPipePath);
        }
    }

    private static bool IsStale(string path)
    {
        if (!File.Exists(path) || !IsSocket(path))
            return false;
        using var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            connection.Connect(new UnixDomainSocketEndPoint(path));
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused;
        }
    }

    private static bool IsSocket(string path)
    {
        try
        {
            // For writing too, because opening a named pipe only to read waits for its writer.
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return false;
        }
        catch (IOException e)
        {
            return IsSocketErrors.Contains(e.HResult);
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
