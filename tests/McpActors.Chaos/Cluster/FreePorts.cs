using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace McpActors.Chaos.Cluster;

/// <summary>Ports for processes that have to know each other's before they start.</summary>
internal static class FreePorts
{
    // Below those the system gives to who names none (Linux: from 32768), so that nobody is given one before its process has it.
    private const int Lowest = 20_000;
    private const int Highest = 32_000;

    /// <summary>So many free ports of the loopback address, each another.</summary>
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
                    // Taken: another.
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
