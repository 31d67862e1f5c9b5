namespace McpActors.Transports;

/// <summary>
/// Replaces half of a surrogate pair that is escaped in JSON by U+FFFD, which takes as many bytes. System.Text.Json and the SDK neither
/// read nor write it, and would lose a whole message for one character of one text. Pure.
/// </summary>
internal static class HalfPairs
{
    private const int EscapeLength = 6;

    /// <summary>The JSON without halves; null when it has none.</summary>
    /// <param name="json">JSON in UTF-8; what is not JSON stays as it is.</param>
    public static byte[]? Replace(ReadOnlySpan<byte> json)
    {
        byte[]? replaced = null;
        for (var at = 0; json[at..].IndexOf((byte)'\\') is var next and >= 0;)
        {
            at += next;
            var (length, isHalf) = EscapeAt(json[at..]);
            if (isHalf)
                @"\ufffd"u8.CopyTo((replaced ??= json.ToArray()).AsSpan(at));
            at = Math.Min(at + length, json.Length);
        }
        return replaced;
    }

    private static (int Length, bool IsHalf) EscapeAt(ReadOnlySpan<byte> text)
    {
        if (JsonText.CodeUnit(text) is not { } unit)
            return (2, false);
        if (char.IsHighSurrogate(unit) && JsonText.CodeUnit(text[EscapeLength..]) is { } low && char.IsLowSurrogate(low))
            return (2 * EscapeLength, false);
        return (EscapeLength, char.IsSurrogate(unit));
    }
}
