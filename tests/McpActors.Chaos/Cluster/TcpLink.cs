using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace McpActors.Chaos.Cluster;

/// <summary>
/// The way to one node, which can be cut: the others know the node by the address of this. Once it is cut, connections end by a reset and what was under way on
/// them is lost, and no new one comes about until it is mended. Takes the loopback network of Linux, all of which is this machine.
/// </summary>
internal sealed class TcpLink : IAsyncDisposable
{
    /// <summary>Where the node listens, at <see cref="Port"/>.</summary>
    public const string Inside = "127.0.0.2";

    /// <summary>Where the others reach it, at the same port.</summary>
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

    /// <summary>Connections end, and who wants a new one is refused.</summary>
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
            // The node is not there, which who connects sees as well.
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
            // Cut, or one of the two has ended.
        }
    }

    private static void Reset(Socket socket) => socket.Close(timeout: 0);
}
