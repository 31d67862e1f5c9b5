using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace McpActors.Chaos.Cluster;

/// <summary>Ports for processes that must know each other's ports before they start.</summary>
internal static class FreePorts
{
    // Below the ephemeral ports (Linux: from 32768), so that the system gives none of them to another process meanwhile.
    private const int Lowest = 20_000;
    private const int Highest = 32_000;

    /// <summary>This number of different free ports of the loopback address.</summary>
    public static int[] Take(int count)
    {
        var held = new List<TcpListener>();
        try
        {
            while (held.Count < count)
            {
                var listener = new TcpListener(IPAddress.Loopback, RandomNumberGenerator.GetInt32(Lowest, Highest));
                try
                {
                    listener.Start();
                    held.Add(listener);
                }
                catch (SocketException)
                {
                    // In use; try another.
                    listener.Dispose();
                }
            }
            return [.. held.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            held.ForEach(listener => listener.Dispose());
        }
    }
}
