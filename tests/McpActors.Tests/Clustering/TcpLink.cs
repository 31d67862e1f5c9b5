using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace McpActors.Tests.Clustering;

/// <summary>
/// The way to one node, which a test can cut: the others know the node by the address of this. Once it is cut, connections end by a reset and what was under way on
/// them is lost, and no new one comes about until it is mended. Takes the loopback network of Linux, all of which is this machine.
/// </summary>
internal sealed class TcpLink : IAsyncDisposable
{
    private static readonly IPAddress Outside = IPAddress.Parse("127.0.0.3");
    private static readonly IPAddress Inside = IPAddress.Parse("127.0.0.2");

    private readonly TcpListener _listener = new(Outside, 0);
    private readonly ConcurrentDictionary<Socket, bool> _sockets = new();
    private readonly Task _accepting;
    private volatile bool _isCut;

    public TcpLink()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>What the node is told, so that it is behind this.</summary>
    public string Hocon => $$"""
        akka.remote {
          retry-gate-closed-for = 500ms
          dot-netty.tcp { hostname = "{{Inside}}", port = {{Port}}, public-hostname = "{{Outside}}", public-port = {{Port}} }
        }
        # What is cut off here comes back.
        akka.cluster.split-brain-resolver.stable-after = 10m
        """;

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Cut()
    {
        _isCut = true;
        foreach (var socket in _sockets.Keys)
            Reset(socket);
    }

    public void Mend() => _isCut = false;

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        Cut();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        List<Task> carried = [];
        try
        {
            while (true)
                carried.Add(CarryAsync(await _listener.AcceptSocketAsync()));
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
            if (_isCut)
                return;
            await to.ConnectAsync(Inside, Port);
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
            for (var read = await from.ReceiveAsync(buffer); read > 0 && !_isCut; read = await from.ReceiveAsync(buffer))
                await to.SendAsync(buffer.AsMemory(0, read));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut, or one of the two has ended.
        }
    }

    private static void Reset(Socket socket) => socket.Close(timeout: 0);
}
