namespace McpActors.Transports;

/// <summary>
/// Replaces half of a surrogate pair that is escaped in JSON by U+FFFD, which takes as many bytes. System.Text.Json and the SDK neither
/// read nor write it, and would lose a whole message for one character of one text. Pure.
/// </summary>
internal static class HalfPairs
{
    /// <summary>The JSON without halves; null when it has none.</summary>
    /// <param name="json">JSON in UTF-8; what is not JSON stays as it is.</param>
    public static byte[]? Replace(ReadOnlySpan<byte> json)
    {
        byte[]? replaced = null;
        for (var at = 0; JsonText.IndexOfHalfPair(json[at..]) is var next and >= 0; at += next + JsonText.EscapeLength)
            @"\ufffd"u8.CopyTo((replaced ??= json.ToArray()).AsSpan(at + next));
        return replaced;
    }
}
