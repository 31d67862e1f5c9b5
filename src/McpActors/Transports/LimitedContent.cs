using System.Net.Http.Headers;

namespace McpActors.Transports;

/// <summary>
/// A response body of which no more than the limit comes into memory. Reading more fails with <see cref="ResultTooLargeException"/>; in an
/// event stream only the event that is too large does (<see cref="LimitedEvents"/>).
/// </summary>
internal sealed class LimitedContent : WrappedContent
{
    private readonly long _limit;
    private readonly bool _isEventStream;
    private readonly long? _length;

    public LimitedContent(HttpContent inner, long limit)
        : base(inner)
    {
        _limit = limit;
        _isEventStream = inner.Headers.ContentType is MediaTypeHeaderValue { MediaType: "text/event-stream" };
        _length = inner.Headers.ContentLength;
        foreach (var header in inner.Headers)
            Headers.TryAddWithoutValidation(header.Key, header.Value);
    }

    protected override Stream Wrap(Stream body) => _isEventStream ? new LimitedEvents(body, _limit) : new LimitedStream(body, _limit);

    protected override bool TryComputeLength(out long length)
    {
        length = _length ?? 0;
        return _length is not null;
    }

    /// <summary>Fails once more than the limit has been read.</summary>
    private sealed class LimitedStream(Stream inner, long limit) : ReadOnlyStream
    {
        private long _read;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            _read += read;
            return _read <= limit ? read : throw new ResultTooLargeException(limit);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
