using System.Buffers;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// An event stream in which no event is larger than the limit. The rest of one that is larger is skipped, and the error of
/// <see cref="MessageLimits.TooLargeError"/> follows it, so that only its own call fails and the stream goes on. The part that had been
/// passed on already is not JSON, so the reader drops it. Lines end with CR, LF or both.
/// </summary>
/// <param name="inner">The stream.</param>
/// <param name="limit">The largest event, in bytes.</param>
internal sealed class LimitedEvents(Stream inner, long limit) : ReadOnlyStream
{
    private readonly ArrayBufferWriter<byte> _changed = new();
    private ReadOnlyMemory<byte> _waiting;
    private JsonRpcEnvelope? _envelope;
    private long _size;
    private bool _isSkipping;
    private bool _isAtLineStart = true;
    private bool _isAfterCarriageReturn;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_waiting.IsEmpty)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (read == 0 && !_isSkipping)
                return 0;
            if (read == 0)
                EndSkippedStream();
            else if (!TryReplace(buffer.Span[..read]))
                return read;
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

    /// <summary>Looks at the events of a chunk; false when it can be passed on as it is, otherwise its replacement is waiting.</summary>
    private bool TryReplace(ReadOnlySpan<byte> chunk)
    {
        var isReplaced = _isSkipping;
        _changed.ResetWrittenCount();
        for (var rest = chunk; !rest.IsEmpty;)
        {
            var end = EndOfEvent(rest);
            var part = end < 0 ? rest : rest[..end];
            rest = rest[part.Length..];
            _size += part.Length;
            // An event that begins and ends within one chunk needs no envelope, unless it is too large.
            if (end < 0 || _isSkipping || _size > limit)
                (_envelope ??= new JsonRpcEnvelope()).Read(part);
            if (!_isSkipping && _size > limit)
            {
                if (!isReplaced)
                    _changed.Write(chunk[..^(rest.Length + part.Length)]);
                isReplaced = _isSkipping = true;
                _changed.Write("\n\n"u8);
            }
            else if (isReplaced && !_isSkipping)
            {
                _changed.Write(part);
            }
            if (_size > limit * MessageLimits.MostSkipped)
                throw new ResultTooLargeException(limit);
            if (end >= 0)
                EndEvent();
        }
        if (isReplaced)
            _waiting = _changed.WrittenMemory.ToArray();
        return isReplaced;
    }

    private void EndEvent()
    {
        if (_isSkipping && _envelope?.AnswerTo is { } id)
        {
            _changed.Write("event: message\ndata: "u8);
            _changed.Write(JsonSerializer.SerializeToUtf8Bytes<JsonRpcMessage>(
                MessageLimits.TooLargeError(id, limit), McpJsonUtilities.DefaultOptions));
            _changed.Write("\n\n"u8);
        }
        (_size, _envelope, _isSkipping) = (0, null, false);
    }

    private void EndSkippedStream()
    {
        _changed.ResetWrittenCount();
        EndEvent();
        _waiting = _changed.WrittenMemory.ToArray();
        if (_waiting.IsEmpty)
            throw new ResultTooLargeException(limit);
    }

    /// <summary>The index after the empty line that ends the current event; -1 without one.</summary>
    private int EndOfEvent(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var isSecondHalf = _isAfterCarriageReturn && bytes[at] == '\n';
            _isAfterCarriageReturn = false;
            if (isSecondHalf)
            {
                at++;
                continue;
            }
            var length = bytes[at..].IndexOfAny((byte)'\r', (byte)'\n');
            if (length < 0)
            {
                _isAtLineStart = false;
                return -1;
            }
            var isEmpty = _isAtLineStart && length == 0;
            at += length;
            _isAfterCarriageReturn = bytes[at] == '\r';
            _isAtLineStart = true;
            at++;
            if (isEmpty)
                return at;
        }
        return -1;
    }
}
