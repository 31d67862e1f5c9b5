using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using McpActors.Configuration;
using McpActors.Transports;

namespace McpActors.Tests.Transports;

/// <summary>
/// A server on a free loopback port that accepts a WebSocket by hand, so that it can send bytes that no library would. A script handles
/// each message of a client; the connection ends when it returns false.
/// </summary>
internal sealed class RawWebSocketServer : IAsyncDisposable
{
    private const string KeyHeader = "Sec-WebSocket-Key:";
    private const int MostHead = 16 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<Stream, JsonNode, CancellationToken, Task<bool>> _script;
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly Task _accepting;

    /// <param name="script">Handles a message with the stream to the client.</param>
    public RawWebSocketServer(Func<Stream, JsonNode, CancellationToken, Task<bool>> script)
    {
        _script = script;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public ServerSettings Settings => new() { Name = "bad", Uri = new Uri($"ws://{_listener.LocalEndpoint}/mcp") };

    /// <summary>What the script threw, beside the end of a connection.</summary>
    public ConcurrentQueue<Exception> Errors { get; } = new();

    /// <summary>A frame of a server.</summary>
    /// <param name="first">The first byte: the FIN bit, the reserved bits and the opcode.</param>
    /// <param name="payload">The content.</param>
    public static byte[] Frame(int first, ReadOnlySpan<byte> payload)
    {
        byte[] length = payload.Length switch
        {
            < 126 => [(byte)payload.Length],
            < 65536 => [126, (byte)(payload.Length >> 8), (byte)payload.Length],
            _ => [127, 0, 0, 0, 0, .. BigEndian(payload.Length)],
        };
        return [(byte)first, .. length, .. payload];
    }

    /// <summary>A whole text message in one frame.</summary>
    public static byte[] Text(JsonNode message) => Frame(0x81, Encoding.UTF8.GetBytes(message.ToJsonString()));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        _end.Dispose();
    }

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token));
                _connections[connection] = true;
                _ = connection.ContinueWith(ended => _connections.TryRemove(ended, out _), TaskScheduler.Default);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var owned = client;
        try
        {
            client.NoDelay = true;
            await using var stream = client.GetStream();
            await UpgradeAsync(stream);
            while (await ReadAsync(stream) is { } message && await _script(stream, message, _end.Token))
            {
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client is gone, or the test is over.
        }
        catch (Exception e)
        {
            Errors.Enqueue(e);
        }
    }

    private async Task UpgradeAsync(NetworkStream stream)
    {
        var head = new byte[MostHead];
        var length = 0;
        while (head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
        {
            var read = await stream.ReadAsync(head.AsMemory(length), _end.Token);
            if (read == 0)
                throw new IOException("no request");
            length += read;
        }
        var key = Encoding.ASCII.GetString(head, 0, length).Split("\r\n")
            .Single(line => line.StartsWith(KeyHeader, StringComparison.OrdinalIgnoreCase))[KeyHeader.Length..].Trim();
        // The protocol asks for SHA-1.
#pragma warning disable CA5350
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + $"Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: {WebSocketTransport.SubProtocol}\r\n\r\n"),
            _end.Token);
    }

    /// <summary>The next message of the client, which sends each in one frame; null when it closes the connection.</summary>
    private async Task<JsonNode?> ReadAsync(NetworkStream stream)
    {
        while (true)
        {
            var head = await ReadAsync(stream, 2);
            var length = (head[1] & 0x7F) switch
            {
                126 => BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(stream, 2)),
                127 => (int)BinaryPrimitives.ReadInt64BigEndian(await ReadAsync(stream, 8)),
                var small => small,
            };
            var mask = await ReadAsync(stream, 4);
            var payload = await ReadAsync(stream, length);
            for (var i = 0; i < length; i++)
                payload[i] ^= mask[i % 4];
            switch (head[0] & 0x0F)
            {
                case 1:
                    return JsonNode.Parse(payload);
                case 8:
                    return null;
            }
        }
    }

    private async Task<byte[]> ReadAsync(NetworkStream stream, int length)
    {
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes, _end.Token);
        return bytes;
    }
}
