using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace McpActors.Transports.Http;

/// <summary>A body whose beginning was looked at: again whole, in UTF-8 without a mark, under its right type.</summary>
internal sealed class TypedContent : HttpContent
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly HttpContent _inner;
    private readonly Stream _body;

    /// <summary>Takes over the content and its body.</summary>
    /// <param name="inner">The content; disposed of too.</param>
    /// <param name="rest">What follows the bytes.</param>
    /// <param name="bytes">The bytes that were read of it.</param>
    /// <param name="beginning">What they show.</param>
    /// <param name="type">The type; null for none.</param>
    public TypedContent(HttpContent inner, Stream rest, byte[] bytes, BodyBeginning beginning, string? type)
    {
        _inner = inner;
        IsEndpoint = beginning.IsEndpoint;
        foreach (var header in inner.Headers)
            Headers.TryAddWithoutValidation(header.Key, header.Value);
        Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
        Stream whole = new ContinuedStream(bytes.AsMemory(beginning.Mark), rest);
        _body = beginning.Characters is { } characters ? Encoding.CreateTranscodingStream(whole, characters, Utf8) : whole;
        if (beginning is { Mark: > 0 } or { Characters: not null })
            Headers.ContentLength = null;
    }

    /// <summary>It is a stream whose first event is the <c>endpoint</c> of the older transport.</summary>
    public bool IsEndpoint { get; }

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(_body);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _body.CopyToAsync(stream);

    protected override bool TryComputeLength(out long length)
    {
        length = Headers.NonValidated.TryGetValues("Content-Length", out var values)
            && long.TryParse(values.ToString(), out var known) ? known : -1;
        return length >= 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _inner.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>Bytes that were read already, and what follows them.</summary>
internal sealed class ContinuedStream(ReadOnlyMemory<byte> beginning, Stream rest) : ReadOnlyStream
{
    private ReadOnlyMemory<byte> _beginning = beginning;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_beginning.IsEmpty)
            return rest.ReadAsync(buffer, cancellationToken);
        var count = Math.Min(_beginning.Length, buffer.Length);
        _beginning[..count].CopyTo(buffer);
        _beginning = _beginning[count..];
        return ValueTask.FromResult(count);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            rest.Dispose();
        base.Dispose(disposing);
    }
}
