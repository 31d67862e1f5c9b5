using System.IO.Compression;
using System.Net.Http.Headers;

namespace McpActors.Transports.Http;

/// <summary>
/// Asks for compressed answers and opens them. Unlike the runtime it looks at the first bytes: some servers and gateways declare a
/// compression and send the text as it is.
/// </summary>
/// <param name="inner">The next handler, which leaves compressed answers as they are.</param>
internal sealed class DeclaredCoding(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly string[] Understood = ["gzip", "deflate", "br"];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Headers.AcceptEncoding.Count == 0)
        {
            foreach (var coding in Understood)
                request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(coding));
        }
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.Content.Headers.ContentEncoding.LastOrDefault()?.ToLowerInvariant() is { } declared && Understood.Contains(declared))
            response.Content = new DecodedContent(response.Content, declared);
        return response;
    }

    private sealed class DecodedContent : WrappedContent
    {
        private readonly string _coding;

        public DecodedContent(HttpContent inner, string coding)
            : base(inner)
        {
            _coding = coding;
            foreach (var header in inner.Headers)
                Headers.TryAddWithoutValidation(header.Key, header.Value);
            Headers.ContentLength = null;
            Headers.ContentEncoding.Clear();
            foreach (var other in inner.Headers.ContentEncoding.SkipLast(1))
                Headers.ContentEncoding.Add(other);
        }

        protected override Stream Wrap(Stream body) => new DecodedStream(body, _coding);
    }
}

/// <summary>A body that is opened if its first bytes are those of its compression, and passed on as it is if they are not.</summary>
/// <param name="inner">The body.</param>
/// <param name="coding">Its declared compression: gzip, deflate or br.</param>
internal sealed class DecodedStream(Stream inner, string coding) : ReadOnlyStream
{
    private const byte ZLibMethod = 8;

    private static readonly byte[][] Fields = ["data:"u8.ToArray(), "event:"u8.ToArray(), "id:"u8.ToArray(), "retry:"u8.ToArray()];

    // More than shows what it is; kept here, because reading it can be cancelled and begun again.
    private readonly byte[] _beginning = new byte[8];
    private int _length;
    private Stream? _decoded;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_decoded is null)
        {
            var read = await inner.ReadAsync(_beginning.AsMemory(_length), cancellationToken).ConfigureAwait(false);
            _length += read;
            var isWhole = read == 0 || _length == _beginning.Length;
            if (IsPlain(coding, _beginning.AsSpan(0, _length), isWhole) is { } isPlain)
                _decoded = Decoded(new ContinuedStream(_beginning.AsMemory(0, _length), inner), isPlain);
        }
        return await _decoded.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            (_decoded ?? inner).Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Whether a body is not compressed; null when more of it is needed.</summary>
    /// <param name="coding">The declared compression.</param>
    /// <param name="bytes">The first bytes.</param>
    /// <param name="isWhole">No more bytes follow, or no more are looked at.</param>
    internal static bool? IsPlain(string coding, ReadOnlySpan<byte> bytes, bool isWhole) => bytes switch
    {
        [] => isWhole ? true : null,
        [0x1F] when coding == "gzip" => isWhole ? true : null,
        _ when coding == "gzip" => bytes is not [0x1F, 0x8B, ..],
        // No compressed JSON or event stream begins so. One bracket alone can be the beginning of br.
        [(byte)'{', ..] or [(byte)'[', (byte)'{', ..] => true,
        [(byte)'['] => isWhole ? true : null,
        _ => BeginsWithField(bytes, isWhole),
    };

    private static bool? BeginsWithField(ReadOnlySpan<byte> bytes, bool isWhole)
    {
        foreach (var field in Fields)
        {
            if (bytes.StartsWith(field))
                return true;
            if (!isWhole && field.AsSpan().StartsWith(bytes))
                return null;
        }
        return false;
    }

    private Stream Decoded(ContinuedStream whole, bool isPlain) => (coding, isPlain) switch
    {
        (_, true) => whole,
        ("gzip", _) => new GZipStream(whole, CompressionMode.Decompress),
        ("br", _) => new BrotliStream(whole, CompressionMode.Decompress),
        // The specification means ZLib; some servers send the bare data.
        _ => (_beginning[0] & 0xF) == ZLibMethod
            ? new ZLibStream(whole, CompressionMode.Decompress)
            : new DeflateStream(whole, CompressionMode.Decompress),
    };
}
