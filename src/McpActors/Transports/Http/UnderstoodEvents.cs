using System.Buffers;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports.Http;

/// <summary>An event stream whose events the SDK understands (<see cref="UnderstoodEvents"/>).</summary>
internal sealed class UnderstoodEventContent : WrappedContent
{
    private readonly HandshakeRequest? _handshake;
    private readonly RequestId? _asked;
    private readonly StreamReplies? _replies;

    /// <summary>Takes over the content.</summary>
    /// <param name="inner">The content; disposed of too.</param>
    /// <param name="handshake">The request of the handshake that it answers; null for any other.</param>
    /// <param name="asked">The one request that it answers; null when there is none.</param>
    /// <param name="replies">Replies that do not come where they belong; null when it is not the stream of a session.</param>
    public UnderstoodEventContent(HttpContent inner, HandshakeRequest? handshake, RequestId? asked, StreamReplies? replies)
        : base(inner)
    {
        (_handshake, _asked, _replies) = (handshake, asked, replies);
        Headers.ContentType = inner.Headers.ContentType;
    }

    protected override Stream Wrap(Stream body) => new UnderstoodEvents(body, _handshake, _asked, _replies);
}

/// <summary>
/// An event stream that passes each event on once it is whole. An event whose data is a message that the SDK would not read has other data,
/// one with several messages becomes several, and one with a message under another name than <c>message</c> loses the name; all others go
/// through as they came. Lines end with CR, LF or both. A whole message at the end of the stream is an event, although no empty line
/// follows.
/// </summary>
/// <param name="inner">The stream; its events are bounded.</param>
/// <param name="handshake">The request of the handshake that it answers; null for any other.</param>
/// <param name="asked">The one request that it answers; null when there is none.</param>
/// <param name="replies">Replies that do not come where they belong; null when it is not the stream of a session.</param>
internal sealed class UnderstoodEvents(Stream inner, HandshakeRequest? handshake, RequestId? asked, StreamReplies? replies = null)
    : ReadOnlyStream
{
    private const int BufferSize = 4096;

    /// <summary>The largest buffer that is kept: the stream of a session is open for days, and most of its events are small.</summary>
    private const int MostKept = 64 * 1024;

    private ArrayBufferWriter<byte> _event = new(BufferSize);
    private ArrayBufferWriter<byte> _data = new();
    private ArrayBufferWriter<byte> _out = new();
    private ReadOnlyMemory<byte> _waiting;
    // What was searched of the current event, and where its current line begins.
    private int _searched;
    private int _line;
    private bool _skipsLineFeed;
    private bool _hasEnded;
    private Task<int>? _reading;
    private Task<bool>? _direct;

    /// <summary>The memory that it holds, in bytes.</summary>
    internal int Capacity => _event.Capacity + _data.Capacity + _out.Capacity;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_waiting.IsEmpty && !_hasEnded)
        {
            _out = Emptied(_out);
            var read = replies is null
                ? await inner.ReadAsync(_event.GetMemory(BufferSize), cancellationToken).ConfigureAwait(false)
                : await ReadOrTakeAsync(replies, cancellationToken).ConfigureAwait(false);
            if (read < 0)
            {
                _waiting = _out.WrittenMemory;
                continue;
            }
            _event.Advance(read);
            PassWholeEvents(isAtEnd: read == 0);
            _hasEnded = read == 0;
            _waiting = _out.WrittenMemory;
        }
        var count = Math.Min(_waiting.Length, buffer.Length);
        _waiting[..count].CopyTo(buffer);
        _waiting = _waiting[count..];
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Reads on; -1 when a message came elsewhere first, between two events of the stream.</summary>
    private async ValueTask<int> ReadOrTakeAsync(StreamReplies others, CancellationToken cancellation)
    {
        if (others.Direct.TryRead(out var message))
        {
            _out.Write(UnderstoodJson.EventsOf([message]));
            return -1;
        }
        cancellation.ThrowIfCancellationRequested();
        _reading ??= inner.ReadAsync(_event.GetMemory(BufferSize), cancellation).AsTask();
        _direct ??= others.Direct.WaitToReadAsync(cancellation).AsTask();
        if (await Task.WhenAny(_reading, _direct).ConfigureAwait(false) == _reading)
        {
            var read = _reading;
            _reading = null;
            return await read.ConfigureAwait(false);
        }
        _direct = null;
        return -1;
    }

    private void PassWholeEvents(bool isAtEnd)
    {
        var bytes = _event.WrittenSpan;
        var start = 0;
        while (_searched < bytes.Length)
        {
            if (_skipsLineFeed)
            {
                _skipsLineFeed = false;
                if (bytes[_searched] == '\n')
                {
                    // The second half of the last line's end.
                    if (_searched == start)
                        _out.Write("\n"u8);
                    start += _searched == start ? 1 : 0;
                    _line = ++_searched;
                    continue;
                }
            }
            var end = bytes[_searched..].IndexOfAny((byte)'\r', (byte)'\n');
            if (end < 0)
            {
                _searched = bytes.Length;
                break;
            }
            end += _searched;
            _skipsLineFeed = bytes[end] == '\r';
            _searched = end + 1;
            var isEmpty = end == _line;
            _line = _searched;
            if (!isEmpty)
                continue;
            Pass(bytes[start.._searched]);
            _data = Emptied(_data);
            start = _searched;
        }
        if (isAtEnd)
        {
            PassRest(bytes[start..]);
            start = bytes.Length;
        }
        Keep(start);
    }

    private void Keep(int start)
    {
        if (start == 0)
            return;
        var rest = _event.WrittenSpan[start..].ToArray();
        _event = Emptied(_event);
        _event.Write(rest);
        _searched -= start;
        _line -= start;
    }

    private static ArrayBufferWriter<byte> Emptied(ArrayBufferWriter<byte> buffer)
    {
        if (buffer.Capacity > MostKept)
            return new ArrayBufferWriter<byte>(BufferSize);
        buffer.ResetWrittenCount();
        return buffer;
    }

    private void Pass(ReadOnlySpan<byte> lines)
    {
        CollectData(lines);
        var isJson = _data.WrittenSpan.TrimStart(" \t\n"u8) is [(byte)'{' or (byte)'[', ..];
        var understood = isJson ? UnderstoodJson.Read(_data.WrittenSpan, handshake, asked) : [];
        if (replies is { HasAwaited: true })
        {
            foreach (var message in understood ?? [_data.WrittenSpan.ToArray()])
                replies.Offer(message);
        }
        // The SDK reads no event of another name.
        if (understood is null && HasOtherName(lines))
            understood = [_data.WrittenSpan.ToArray()];
        if (understood is not [_, ..])
        {
            _out.Write(lines);
            return;
        }
        foreach (var line in new Lines(lines))
        {
            if (line.IsEmpty || DataOf(line, out _) || IsOtherName(line))
                continue;
            _out.Write(line);
            _out.Write("\n"u8);
        }
        _out.Write(UnderstoodJson.EventsOf(understood));
    }

    private void PassRest(ReadOnlySpan<byte> lines)
    {
        CollectData(lines);
        if (_data.WrittenCount > 0 && MessageTexts.Split(_data.WrittenSpan) is not null)
            Pass([.. lines, .. "\n\n"u8]);
        else
            _out.Write(lines);
    }

    private void CollectData(ReadOnlySpan<byte> lines)
    {
        _data = Emptied(_data);
        foreach (var line in new Lines(lines))
        {
            if (DataOf(line, out var data))
            {
                if (_data.WrittenCount > 0)
                    _data.Write("\n"u8);
                _data.Write(data);
            }
        }
    }

    private static bool HasOtherName(ReadOnlySpan<byte> lines)
    {
        foreach (var line in new Lines(lines))
        {
            if (IsOtherName(line))
                return true;
        }
        return false;
    }

    private static bool IsOtherName(ReadOnlySpan<byte> line) =>
        line.StartsWith("event:"u8) && !line["event:"u8.Length..].Trim(" "u8).SequenceEqual("message"u8);

    private static bool DataOf(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> data)
    {
        data = line.StartsWith("data:"u8) ? line["data:"u8.Length..] : default;
        if (data.StartsWith(" "u8))
            data = data[1..];
        return line.StartsWith("data:"u8);
    }

    /// <summary>The lines of an event without their ends; of CR and LF in one end, an empty line between them.</summary>
    private ref struct Lines(ReadOnlySpan<byte> text)
    {
        private ReadOnlySpan<byte> _rest = text;

        public ReadOnlySpan<byte> Current { get; private set; }

        public readonly Lines GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_rest.IsEmpty)
                return false;
            var end = _rest.IndexOfAny((byte)'\r', (byte)'\n');
            Current = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            return true;
        }
    }
}
