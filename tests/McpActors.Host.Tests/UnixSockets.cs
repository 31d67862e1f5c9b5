using System.Net.Sockets;

namespace McpActors.Host.Tests;

/// <summary>The other end of a Unix socket of the worker.</summary>
internal static class UnixSockets
{
    /// <summary>A client of the HTTP server that listens there.</summary>
    /// <param name="path">The socket.</param>
    /// <param name="timeout">How long a request may take.</param>
    public static HttpClient Client(string path, TimeSpan timeout) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
                return new NetworkStream(connection, ownsSocket: true);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        },
    })
    {
        BaseAddress = new Uri("http://localhost"),
        Timeout = timeout,
    };

    /// <summary>A socket that receives datagrams there.</summary>
    public static Socket Datagrams(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return socket;
    }
}
