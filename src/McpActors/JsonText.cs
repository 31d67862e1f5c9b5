using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace McpActors;

/// <summary>
/// Reads JSON strings that may hold half a surrogate pair, which System.Text.Json refuses to read, and measures JSON without the escapes
/// that System.Text.Json adds.
/// </summary>
internal static class JsonText
{
    /// <summary>The bytes of an escape sequence of a code unit.</summary>
    public const int EscapeLength = 6;

    /// <summary>
    /// The bytes of the JSON in UTF-8 without escapes that JSON does not need. Writers escape what they like, some of them six or twelve
    /// bytes for a character of two to four: a limit counts the same text the same, however it was written.
    /// </summary>
    public static long SizeOf(JsonElement json)
    {
        var raw = JsonMarshal.GetRawUtf8Value(json);
        long size = raw.Length;
        while (raw.IndexOf((byte)'\\') is var at and >= 0)
        {
            raw = raw[at..];
            if (CodeUnit(raw) is not { } unit)
            {
                raw = raw[2..];
                continue;
            }
            var isPair = IsPair(unit, raw);
            size -= isPair ? (2 * EscapeLength) - 4 : EscapeLength - BytesOf(unit);
            raw = raw[(isPair ? 2 * EscapeLength : EscapeLength)..];
        }
        return size;
    }

    /// <summary>Whether <see cref="SizeOf"/> is greater than a limit. Escapes only lengthen JSON, so most need not be measured.</summary>
    public static bool IsLarger(JsonElement json, long limit) => JsonMarshal.GetRawUtf8Value(json).Length > limit && SizeOf(json) > limit;

    /// <summary>The place of the first half of a surrogate pair that is escaped without its other half; -1 for none.</summary>
    /// <param name="json">JSON in UTF-8, from a place outside of an escape sequence; the text need not be whole.</param>
    public static int IndexOfHalfPair(ReadOnlySpan<byte> json)
    {
        for (var at = 0; json[at..].IndexOf((byte)'\\') is var next and >= 0;)
        {
            at += next;
            var (length, isHalf) = EscapeAt(json[at..]);
            if (isHalf)
                return at;
            at = Math.Min(at + length, json.Length);
        }
        return -1;
    }

    private static (int Length, bool IsHalf) EscapeAt(ReadOnlySpan<byte> json)
    {
        if (CodeUnit(json) is not { } unit)
            return (2, false);
        return IsPair(unit, json) ? (2 * EscapeLength, false) : (EscapeLength, char.IsSurrogate(unit));
    }

    private static bool IsPair(char first, ReadOnlySpan<byte> json) =>
        char.IsHighSurrogate(first) && CodeUnit(json[EscapeLength..]) is { } second && char.IsLowSurrogate(second);

    private static char? CodeUnit(ReadOnlySpan<byte> json) =>
        json.Length >= EscapeLength && json[0] == '\\' && json[1] == 'u'
        && ushort.TryParse(
            json.Slice(2, EscapeLength - 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;

    // Control characters, quotes and backslashes need their escape; the shortest has two bytes.
    private static int BytesOf(char unit) => unit switch
    {
        '"' or '\\' or '\b' or '\f' or '\n' or '\r' or '\t' => 2,
        < ' ' => EscapeLength,
        < '\u0080' => 1,
        < '\u0800' => 2,
        _ => 3,
    };

    /// <summary>The text; half of a surrogate pair without its other half is U+FFFD.</summary>
    public static string Read(JsonElement text)
    {
        try
        {
            return text.GetString() ?? "";
        }
        catch (InvalidOperationException) when (text.ValueKind == JsonValueKind.String)
        {
            // UTF-8 cannot hold half a pair either: encoding replaces it.
            return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(Unescape(text.GetRawText())));
        }
    }

    private static string Unescape(string quoted)
    {
        var plain = new StringBuilder(quoted.Length);
        for (var i = 1; i < quoted.Length - 1; i++)
        {
            if (quoted[i] != '\\')
            {
                plain.Append(quoted[i]);
                continue;
            }
            i++;
            plain.Append(quoted[i] switch
            {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'b' => '\b',
                'f' => '\f',
                'u' => (char)ushort.Parse(quoted.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                var other => other,
            });
            if (quoted[i] == 'u')
                i += 4;
        }
        return plain.ToString();
    }
}
