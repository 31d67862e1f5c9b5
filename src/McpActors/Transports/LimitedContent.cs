using System.Net;
using System.Net.Http.Headers;

namespace McpActors.Transports;

/// <summary>A response body that fails with <see cref="ResultTooLargeException"/> when more than the limit has been read.</summary>
internal sealed class LimitedContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly long _limit;
    private readonly bool _isEventStream;

    public LimitedContent(HttpContent inner, long limit)
    {
        _inner = inner;
        _limit = limit;
        _isEventStream = inner.Headers.ContentType is MediaTypeHeaderValue { MediaType: "text/event-stream" };
        foreach (var header in inner.Headers)
            Headers.TryAddWithoutValidation(header.Key, header.Value);
    }

    protected override async Task<Stream> CreateContentReadStreamAsync() =>
        new LimitedStream(await _inner.ReadAsStreamAsync().ConfigureAwait(false), _limit, _isEventStream);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var source = await CreateContentReadStreamAsync().ConfigureAwait(false);
        await source.CopyToAsync(stream).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _inner.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Counts the bytes read; in an event stream since the last event, so that many small events are not a large result.</summary>
    private sealed class LimitedStream(Stream inner, long limit, bool isEventStream) : Stream
    {
        private long _read;
        private bool _atLineStart;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Count(buffer.AsSpan(offset, inner.Read(buffer, offset, count)));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            return Count(buffer.Span[..read]);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }

        private int Count(ReadOnlySpan<byte> chunk)
        {
            _read += chunk.Length;
            var sinceEvent = isEventStream ? AfterLastEvent(chunk) : -1;
            // An event may end within the chunk that crosses the limit; an excess of one chunk, at most a read buffer, is accepted.
            if (sinceEvent >= 0)
                _read = sinceEvent;
            return _read <= limit ? chunk.Length : throw new ResultTooLargeException(limit);
        }

        /// <summary>The number of bytes after the last empty line, which ends an event; -1 without an empty line.</summary>
        private int AfterLastEvent(ReadOnlySpan<byte> chunk)
        {
            var after = -1;
            for (var rest = chunk; !rest.IsEmpty;)
            {
                var end = rest.IndexOf((byte)'\n');
                var line = end < 0 ? rest : rest[..end];
                var isEmpty = _atLineStart && (line.IsEmpty || (line.Length == 1 && line[0] == '\r'));
                rest = end < 0 ? [] : rest[(end + 1)..];
                if (isEmpty && end >= 0)
                    after = rest.Length;
                _atLineStart = end >= 0 || isEmpty;
            }
            return after;
        }
    }
}
