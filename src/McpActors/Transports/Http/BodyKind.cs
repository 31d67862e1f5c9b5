using System.Text;

namespace McpActors.Transports.Http;

/// <summary>What the body of an answer is.</summary>
internal enum BodyKind
{
    /// <summary>More of it is needed.</summary>
    Undecided,

    /// <summary>Nothing, or white space.</summary>
    Empty,
    Json,
    Events,
    Other,
}

/// <summary>
/// What the first bytes of an answer show, whatever its Content-Type claims. JSON and events begin in ways that nothing else does. Pure.
/// </summary>
/// <param name="Kind">What the body is.</param>
/// <param name="Characters">Its encoding, when it is not UTF-8.</param>
/// <param name="Mark">The length of its byte order mark, in bytes.</param>
/// <param name="IsEndpoint">It is a stream whose first event is the <c>endpoint</c> of the older transport.</param>
internal readonly record struct BodyBeginning(BodyKind Kind, Encoding? Characters, int Mark, bool IsEndpoint)
{
    private const int MostLooked = 1024;

    private static readonly string[] Fields = ["event:", "data:", "id:", "retry:", ":"];

    private static readonly UTF32Encoding BigEndianUtf32 = new(bigEndian: true, byteOrderMark: true);

    /// <summary>Looks at the beginning of a body.</summary>
    /// <param name="bytes">The bytes so far.</param>
    /// <param name="isWhole">No more bytes follow.</param>
    /// <param name="charset">The <c>charset</c> of the Content-Type; null without one.</param>
    public static BodyBeginning Of(ReadOnlySpan<byte> bytes, bool isWhole, string? charset)
    {
        var (characters, mark) = EncodingOf(bytes, charset);
        var looked = bytes[Math.Min(mark, bytes.Length)..Math.Min(bytes.Length, mark + MostLooked)];
        // Almost every answer; it needs no text.
        if (characters is null && (bytes.Length >= 4 || isWhole) && looked.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..])
            return new(BodyKind.Json, null, mark, false);
        var text = (characters ?? Encoding.UTF8).GetString(looked).TrimStart(' ', '\t', '\r', '\n', '\uFEFF');
        // Half a mark or half a character says nothing.
        if (bytes.Length < 4 && !isWhole)
            return new(BodyKind.Undecided, characters, mark, false);
        if (text.Length == 0)
            return new(isWhole ? BodyKind.Empty : BodyKind.Undecided, characters, mark, false);
        if (text[0] is '{' or '[')
            return new(BodyKind.Json, characters, mark, false);
        if (Array.Exists(Fields, field => text.StartsWith(field, StringComparison.Ordinal)))
            return OfEvents(text, isWhole, characters, mark);
        var mayBecomeField = !isWhole && Array.Exists(Fields, field => field.StartsWith(text, StringComparison.Ordinal));
        return new(mayBecomeField ? BodyKind.Undecided : BodyKind.Other, characters, mark, false);
    }

    private static BodyBeginning OfEvents(string text, bool isWhole, Encoding? characters, int mark)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        foreach (var line in lines[..^1].Append(isWhole ? lines[^1] : ""))
        {
            if (line.StartsWith("event:", StringComparison.Ordinal))
                return new(BodyKind.Events, characters, mark, line["event:".Length..].Trim() == "endpoint");
            if (line.StartsWith("data:", StringComparison.Ordinal))
                return new(BodyKind.Events, characters, mark, false);
        }
        // A comment, an id or half a line: the first event is still to come, and nobody can use the stream before it.
        return new(isWhole || text.Length >= MostLooked ? BodyKind.Events : BodyKind.Undecided, characters, mark, false);
    }

    private static (Encoding?, int) EncodingOf(ReadOnlySpan<byte> bytes, string? charset) => bytes switch
    {
        [0xEF, 0xBB, 0xBF, ..] => (null, 3),
        [0xFF, 0xFE, 0, 0, ..] => (Encoding.UTF32, 4),
        [0, 0, 0xFE, 0xFF, ..] => (BigEndianUtf32, 4),
        [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
        [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
        [not 0, 0, not 0, ..] => (Encoding.Unicode, 0),
        [not 0, 0, 0, 0, ..] => (Encoding.UTF32, 0),
        [0, 0, 0, not 0, ..] => (BigEndianUtf32, 0),
        [0, not 0, 0, ..] => (Encoding.BigEndianUnicode, 0),
        _ => (Charset.Named(charset), 0),
    };
}
