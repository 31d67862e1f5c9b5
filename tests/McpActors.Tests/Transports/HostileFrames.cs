using System.Text;

namespace McpActors.Tests.Transports;

/// <summary>What no honest WebSocket server sends, as bytes, from a generator: the same seed gives the same bytes.</summary>
internal sealed class HostileFrames
{
    private const int Fin = 0x80;
    private const int Continuation = 0;
    private const int Text = 1;
    private const int Binary = 2;
    private const int Close = 8;
    private const int Ping = 9;
    private const int Pong = 10;

    private static readonly string[] Jsons =
    [
        "", " ", "{", "}", "[]", "{}", "null", "true", "1e999", "\"\\ud800\"", "[1, 2]", "nonsense", "{\"jsonrpc\"",
        "{\"jsonrpc\":\"1.0\"}", "{\"jsonrpc\":\"2.0\"}", "{\"jsonrpc\":2,\"id\":{},\"method\":[]}",
        "{\"jsonrpc\":\"2.0\",\"method\":null}",
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"result\":{}}", "{\"jsonrpc\":\"2.0\",\"id\":990001,\"result\":null}",
        "{\"jsonrpc\":\"2.0\",\"id\":990002,\"error\":{}}", "{\"jsonrpc\":\"2.0\",\"id\":990003,\"error\":{\"code\":\"x\"}}",
        "{\"jsonrpc\":\"2.0\",\"id\":990004,\"result\":{},\"error\":{\"code\":1,\"message\":\"both\"}}",
        "{\"jsonrpc\":\"2.0\",\"id\":\"s\",\"method\":\"ping\"}", "{\"jsonrpc\":\"2.0\",\"id\":1e400,\"method\":\"ping\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":\"r\",\"method\":\"roots/list\"}", "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"\\ud800\"}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{}}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":[1]}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":{},\"progress\":\"x\"}}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":[]}}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}", "\ufeff{}", "{\"a\":1,\"a\":2}", "\0",
    ];

    private readonly Random _random;
    private readonly int _limit;
    private readonly List<byte> _bytes = [];

    /// <param name="seed">The seed.</param>
    /// <param name="limit">The largest message that the client receives.</param>
    public HostileFrames(int seed, int limit)
    {
        (_random, _limit) = (new Random(seed), limit);
        for (var count = _random.Next(1, 7); count > 0; count--)
        {
            if (Chance(70))
                AddHarmless();
            else
                AddHarmful();
        }
        Bytes = [.. _bytes];
    }

    public byte[] Bytes { get; }

    /// <summary>Whether the WebSocket protocol allows all of it, so that the connection goes on.</summary>
    public bool IsHarmless { get; private set; } = true;

    /// <summary>Messages that mean nothing, in frames that the protocol allows.</summary>
    private void AddHarmless()
    {
        switch (_random.Next(8))
        {
            case 0:
                Add(Fin | Ping, Noise(_random.Next(126)));
                break;
            case 1:
                Add(Fin | Pong, Noise(_random.Next(126)));
                break;
            case 2:
                AddFragments(Encoding.UTF8.GetBytes(Pick(Jsons)), withControls: true);
                break;
            case 3:
                Add(Fin | Binary, Chance(50) ? Noise(_random.Next(300)) : Encoding.UTF8.GetBytes(Pick(Jsons)));
                break;
            case 4:
                // Above the limit, and skipped.
                AddFragments(Encoding.UTF8.GetBytes($"\"{new string('x', _random.Next(_limit - 10, 3 * _limit))}\""), withControls: true);
                break;
            case 5:
                Add(Fin | Text, Encoding.UTF8.GetBytes(Nested(Pick(10, 63, 64, 65, 1000, 30_000))));
                break;
            default:
                Add(Fin | Text, Encoding.UTF8.GetBytes(Pick(Jsons)));
                break;
        }
    }

    /// <summary>What the protocol forbids, or what has no end.</summary>
    private void AddHarmful()
    {
        IsHarmless = false;
        switch (_random.Next(15))
        {
            case 0:
                Add(Fin | Pick(3, 4, 5, 6, 7, 11, 12, 13, 14, 15), Noise(_random.Next(20)));
                break;
            case 1:
                Add(Fin | (_random.Next(1, 8) << 4) | Pick(Text, Binary, Ping), Encoding.UTF8.GetBytes(Pick(Jsons)));
                break;
            case 2:
                AddLength(Pick(long.MaxValue, long.MinValue, -1, int.MaxValue, 1L << 31, 1L << 40, _limit * 16L, _limit * 17L));
                break;
            case 3:
                // Masked, as only a client may.
                _bytes.AddRange([Fin | Text, 0x80 | 2, 1, 2, 3, 4, '{' ^ 1, '}' ^ 2]);
                break;
            case 4:
                // Fragments that never end.
                Add(Text, "\"x"u8);
                for (var sent = 0; sent < _random.Next(18) * _limit; sent += 8_000)
                    Add(Continuation, Noise(8_000, ascii: true));
                break;
            case 5:
                Add(Fin | Text, [(byte)'"', .. Noise(_random.Next(1, 100)), 0xC3, 0x28, 0xFF, (byte)'"']);
                break;
            case 6:
                Add(Fin | Pick(Ping, Pong, Close), Noise(_random.Next(126, 70_000)));
                break;
            case 7:
                Add(Fin | Close, Noise(1));
                break;
            case 8:
                // Codes that may not be sent.
                byte[] code = Pick<byte[]>([0, 0], [3, 231], [3, 237], [3, 238], [19, 136], [255, 255]);
                Add(Fin | Close, [.. code, .. Noise(_random.Next(124))]);
                break;
            case 9:
                Add(Pick(Ping, Pong, Close), Noise(_random.Next(126)));
                break;
            case 10:
                Add(Pick(Fin, 0) | Continuation, Noise(_random.Next(200)));
                break;
            case 11:
                Add(Text, "{"u8);
                Add(Pick(Fin, 0) | Pick(Text, Binary), "}"u8);
                break;
            case 12:
                _bytes.AddRange(Noise(_random.Next(1, 2_000)));
                break;
            case 13:
                // A length in more bytes than it needs, and a frame that is cut off.
                _bytes.AddRange([Fin | Text, 127, 0, 0, 0, 0, 0, 0, 0, 2, (byte)'{', (byte)'}', Fin | Text, 126, 1]);
                break;
            default:
                var valid = RawWebSocketServer.Frame(Fin | Text, Encoding.UTF8.GetBytes(Pick(Jsons)));
                valid[_random.Next(valid.Length)] = (byte)_random.Next(256);
                _bytes.AddRange(valid);
                break;
        }
    }

    private void Add(int first, ReadOnlySpan<byte> payload) => _bytes.AddRange(RawWebSocketServer.Frame(first, payload));

    private void AddFragments(byte[] message, bool withControls)
    {
        var first = Text;
        for (var at = 0; ;)
        {
            var count = Math.Min(_random.Next(message.Length > 1000 ? 50_000 : 10), message.Length - at);
            var isLast = at + count == message.Length && Chance(70);
            Add((isLast ? Fin : 0) | first, message.AsSpan(at, count));
            if (isLast)
                return;
            (first, at) = (Continuation, at + count);
            if (withControls && Chance(30))
                Add(Fin | Pick(Ping, Pong), Noise(_random.Next(126)));
        }
    }

    private void AddLength(long length)
    {
        _bytes.AddRange([(byte)(Fin | Pick(Text, Binary)), 127]);
        for (var shift = 56; shift >= 0; shift -= 8)
            _bytes.Add((byte)(length >> shift));
        _bytes.AddRange(Noise(_random.Next(20_000), ascii: true));
    }

    private string Nested(int depth)
    {
        var (open, close) = (new string('[', depth), new string(']', depth));
        return Chance(50) ? open : $"{{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":{{\"a\":{open}{close}}}}}";
    }

    private byte[] Noise(int length, bool ascii = false)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        if (ascii)
            Array.Fill(bytes, (byte)'x');
        return bytes;
    }

    private bool Chance(int percent) => _random.Next(100) < percent;

    private T Pick<T>(params T[] choices) => choices[_random.Next(choices.Length)];
}
