using System.Buffers;

namespace McpActors.Transports;

/// <summary>A line of a program's output. Its text is valid until the next line is read.</summary>
/// <param name="Text">The line without its end; of one that is too large, the beginning.</param>
/// <param name="Size">The size of the whole line, in bytes.</param>
/// <param name="Envelope">What a line that is too large says about itself; null for a whole line.</param>
internal readonly record struct OutputLine(ReadOnlyMemory<byte> Text, long Size, JsonRpcEnvelope? Envelope)
{
    /// <summary>Whether the text is the whole line.</summary>
    public bool IsWhole => Envelope is null;
}

/// <summary>
/// Reads lines and never keeps more of one than the limit: the rest of a longer line is skipped. The memory for a large line is given back
/// after it.
/// </summary>
/// <param name="stream">The stream, read by one caller at a time.</param>
/// <param name="limit">The most that is kept of a line, in bytes.</param>
/// <param name="mostSkipped">The size above which a line is considered to have no end, in bytes.</param>
internal sealed class LineReader(Stream stream, long limit, long mostSkipped = long.MaxValue) : IDisposable
{
    private const int SmallBuffer = 4 * 1024;
    private const int BeginningOfLong = 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(SmallBuffer);
    private int _start;
    private int _end;

    /// <summary>The next line; null at the end of the stream. A last line may lack its end.</summary>
    /// <exception cref="IOException">The line has no end.</exception>
    public async ValueTask<OutputLine?> ReadAsync(CancellationToken cancellation = default)
    {
        var searched = _start;
        while (true)
        {
            var end = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (end >= 0)
                return Whole(searched + end, searched + end + 1);
            if (_end - _start > limit)
                return await SkipAsync(cancellation).ConfigureAwait(false);
            searched = _end - _start;
            MakeRoom();
            searched += _start;
            // One byte over the limit is enough to know that a line is too large.
            var room = (int)Math.Min(_buffer.Length - _end, limit + 1 - (_end - _start));
            var read = await stream.ReadAsync(_buffer.AsMemory(_end, room), cancellation).ConfigureAwait(false);
            if (read == 0)
                return _end == _start ? null : Whole(_end, _end);
            _end += read;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
    }

    private OutputLine Whole(int end, int next)
    {
        var line = _buffer.AsMemory(_start, end - _start);
        _start = next;
        // Some writers mark each line.
        if (line.Span.StartsWith("\uFEFF"u8))
            line = line["\uFEFF"u8.Length..];
        return new OutputLine(line.Span.EndsWith("\r"u8) ? line[..^1] : line, line.Length, null);
    }

    private async ValueTask<OutputLine?> SkipAsync(CancellationToken cancellation)
    {
        var beginning = _buffer.AsSpan(_start, (int)Math.Min(limit, BeginningOfLong)).ToArray();
        var envelope = new JsonRpcEnvelope();
        envelope.Read(_buffer.AsSpan(_start, _end - _start));
        long size = _end - _start;
        _start = _end = 0;
        Shrink();
        while (true)
        {
            var read = await stream.ReadAsync(_buffer, cancellation).ConfigureAwait(false);
            var end = _buffer.AsSpan(0, read).IndexOf((byte)'\n');
            var part = end < 0 ? read : end;
            envelope.Read(_buffer.AsSpan(0, part));
            size += part;
            if (end >= 0)
                (_start, _end) = (end + 1, read);
            if (end >= 0 || read == 0)
                return new OutputLine(beginning, size, envelope);
            if (size > mostSkipped)
                throw new IOException($"The program wrote a line of more than {size} bytes; the limit is {limit} bytes.");
        }
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
            Shrink();
        }
        else if (_end == _buffer.Length && _start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        else if (_end == _buffer.Length)
        {
            Replace((int)Math.Min(Math.Min(_end * 2L, limit + 1), Array.MaxLength));
        }
    }

    private void Shrink()
    {
        if (_buffer.Length > 4 * SmallBuffer)
            Replace(SmallBuffer);
    }

    private void Replace(int size)
    {
        var other = ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(0, _end).CopyTo(other);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = other;
    }
}
