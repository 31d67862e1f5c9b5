using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace McpActors.Transports.Http;

/// <summary>
/// Gives each answer the type and the characters that the SDK understands: JSON and event streams in UTF-8, under exactly the two types of
/// the specification. Servers and gateways send them under any type or none. Any other answer fails its request, and the error describes
/// it.
/// </summary>
/// <param name="inner">The next handler.</param>
internal sealed class TypedAnswers(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string Json = "application/json";
    private const string Events = "text/event-stream";
    private const int MostPeeked = 4096;

    private static ReadOnlySpan<byte> GZip => [0x1F, 0x8B];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode || request.Method == HttpMethod.Delete)
            return response;
        try
        {
            response.Content = await TypedAsync(request, response, cancellationToken).ConfigureAwait(false);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static async Task<HttpContent> TypedAsync(
        HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellation)
    {
        var (status, content) = (response.StatusCode, response.Content);
        var declared = content.Headers.ContentType?.MediaType;
        // The stream of the older transport may be silent for long.
        var charset = content.Headers.ContentType?.CharSet;
        if (request.Method == HttpMethod.Get && Events.Equals(declared, StringComparison.OrdinalIgnoreCase))
        {
            content.Headers.ContentType = new MediaTypeHeaderValue(Events);
            return Charset.Named(charset) is { } set
                ? new TypedContent(
                    content,
                    await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false),
                    [],
                    new BodyBeginning(BodyKind.Events, set, 0, IsEndpoint: false),
                    Events)
                : content;
        }
        var body = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var (bytes, beginning) = await PeekAsync(body, charset, cancellation).ConfigureAwait(false);
        // Not declared as such, or by its other name, x-gzip; the client has opened all others.
        if (beginning.Kind == BodyKind.Other && bytes.AsSpan().StartsWith(GZip))
        {
            body = new GZipStream(new ContinuedStream(bytes, body), CompressionMode.Decompress);
            content.Headers.ContentLength = null;
            (bytes, beginning) = await PeekAsync(body, charset, cancellation).ConfigureAwait(false);
        }
        var type = beginning.Kind switch
        {
            BodyKind.Json => Json,
            BodyKind.Events => Events,
            // Nothing that could contradict the server.
            BodyKind.Empty when Sent.HasAnswer(request) => throw new MissingReplyException(
                $"the server answered HTTP {(int)status} and nothing else; the reply to the request is missing"),
            BodyKind.Other when status is HttpStatusCode.Accepted or HttpStatusCode.NoContent && Sent.HasAnswer(request) =>
                throw new MissingReplyException(
                    $"the server answered HTTP {(int)status} and {UnreadableWords.Of(bytes.AsSpan(beginning.Mark), beginning.Characters)}; "
                    + "the reply to the request is missing"),
            BodyKind.Empty or BodyKind.Undecided => declared?.ToLowerInvariant(),
            _ when Events.Equals(declared, StringComparison.OrdinalIgnoreCase) => Events,
            _ when !Sent.HasAnswer(request) => declared,
            _ when content.Headers.ContentEncoding.FirstOrDefault() is { } unknown => throw new UnreadableAnswerException(
                $"the answer is compressed as {unknown} (Content-Encoding), which is not understood; let the server or its gateway use "
                + "gzip, deflate or br, or none"),
            _ => throw new UnreadableAnswerException(
                $"the answer is neither JSON nor an event stream: its Content-Type is {declared ?? "missing"}, and it begins with "
                + UnreadableWords.Of(bytes.AsSpan(beginning.Mark), beginning.Characters)),
        };
        return new TypedContent(content, body, bytes, beginning, type);
    }

    /// <summary>Reads as much as shows what a body is.</summary>
    public static async Task<(byte[] Bytes, BodyBeginning Beginning)> PeekAsync(
        Stream body, string? charset, CancellationToken cancellation)
    {
        var buffer = new byte[MostPeeked];
        for (var length = 0; ;)
        {
            var read = await body.ReadAsync(buffer.AsMemory(length), cancellation).ConfigureAwait(false);
            length += read;
            var beginning = BodyBeginning.Of(buffer.AsSpan(0, length), isWhole: read == 0, charset);
            if (beginning.Kind != BodyKind.Undecided || length == buffer.Length)
                return (buffer[..length], beginning);
        }
    }
}

/// <summary>An answer came that cannot be understood; the server may have run the request.</summary>
/// <param name="message">What came.</param>
internal class UnreadableAnswerException(string message) : IOException(message);

/// <summary>The server accepted a request, and its answer has no reply.</summary>
/// <param name="message">What came.</param>
internal sealed class MissingReplyException(string message) : UnreadableAnswerException(message);

/// <summary>The beginning of an answer that cannot be understood, as words of an error.</summary>
internal static class UnreadableWords
{
    private const int MostWords = 100;

    public static string Of(ReadOnlySpan<byte> bytes, Encoding? characters = null)
    {
        var text = (characters ?? Encoding.UTF8).GetString(bytes[..Math.Min(bytes.Length, 4 * MostWords)]).Trim();
        var words = new StringBuilder(MostWords + 1);
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MostWords)))
            words.Append(char.IsControl(c) || c == '\uFFFD' ? '·' : c);
        return $"`{words}{(text.Length > MostWords ? "…" : "")}`";
    }
}
