using System.Net;

namespace McpActors.Transports;

/// <summary>A body that is read through a stream of its own.</summary>
/// <param name="inner">The body; disposed of too.</param>
internal abstract class WrappedContent(HttpContent inner) : HttpContent
{
    /// <summary>The stream through which the body is read.</summary>
    protected abstract Stream Wrap(Stream body);

    protected override async Task<Stream> CreateContentReadStreamAsync() => Wrap(await inner.ReadAsStreamAsync().ConfigureAwait(false));

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var source = await CreateContentReadStreamAsync().ConfigureAwait(false);
        await source.CopyToAsync(stream).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
