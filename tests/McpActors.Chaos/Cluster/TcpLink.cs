using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace McpActors.Chaos.Cluster;

/// <summary>
/// A link to one node that can be cut: the other nodes connect to the address of the link. A cut resets its connections, loses the data on
/// them, and refuses new ones until it is restored. Needs the loopback network of Linux, where all of 127.0.0.0/8 is this machine.
/// </summary>
internal sealed class TcpLink : IAsyncDisposable
{
    /// <summary>The address on which the node listens, at <see cref="Port"/>.</summary>
    public const string Inside = "127.0.0.2";

    /// <summary>The address at which the others reach it, at the same port.</summary>
    public const string Outside = "127.0.0.3";

    private readonly ConcurrentDictionary<Socket, bool> _sockets = new();
    private TcpListener _listener = new(IPAddress.Parse(Outside), 0);
    private Task _accepting;

    public TcpLink()
    {
        _listener.Start();
        _accepting = AcceptAsync(_listener);
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    public int Port { get; }

    /// <summary>Ends all connections and refuses new ones.</summary>
    public void Cut()
    {
        _listener.Stop();
        foreach (var socket in _sockets.Keys)
            Reset(socket);
    }

    public void Mend()
    {
        _listener = new TcpListener(IPAddress.Parse(Outside), Port);
        _listener.Start();
        _accepting = Task.WhenAll(_accepting, AcceptAsync(_listener));
    }

    public async ValueTask DisposeAsync()
    {
        Cut();
        await _accepting;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        List<Task> carried = [];
        try
        {
            while (true)
                carried.Add(CarryAsync(await listener.AcceptSocketAsync()));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(carried);
        }
    }

    private async Task CarryAsync(Socket from)
    {
        using var to = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _sockets[from] = _sockets[to] = true;
            await to.ConnectAsync(IPAddress.Parse(Inside), Port);
            await Task.WhenAny(CopyAsync(from, to), CopyAsync(to, from));
        }
        catch (SocketException)
        {
            // The node is down; the connecting node notices as well.
        }
        finally
        {
            foreach (var socket in new[] { from, to })
            {
                _sockets.TryRemove(socket, out _);
                Reset(socket);
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            for (var read = await from.ReceiveAsync(buffer); read > 0; read = await from.ReceiveAsync(buffer))
                await to.SendAsync(buffer.AsMemory(0, read));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The link is cut, or one end has closed.
        }
    }

    private static void Reset(Socket socket) => socket.Close(timeout: 0);
}
