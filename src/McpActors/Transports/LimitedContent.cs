using System.Net;
using System.Net.Http.Headers;

namespace McpActors.Transports;

/// <summary>
/// A response body of which no more than the limit comes into memory. Reading more fails with <see cref="ResultTooLargeException"/>; in an
/// event stream only the event that is too large does (<see cref="LimitedEvents"/>).
/// </summary>
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

    protected override async Task<Stream> CreateContentReadStreamAsync()
    {
        var body = await _inner.ReadAsStreamAsync().ConfigureAwait(false);
        return _isEventStream ? new LimitedEvents(body, _limit) : new LimitedStream(body, _limit);
    }

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
