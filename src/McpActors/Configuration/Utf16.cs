namespace McpActors.Configuration;

/// <summary>Looks for what is no text in UTF-16. Pure.</summary>
internal static class Utf16
{
    /// <summary>Whether a text has half of a surrogate pair without the other half, which no JSON text can hold.</summary>
    public static bool HasHalfPair(string text)
    {
        for (var i = text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff'); i >= 0 && i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
                return true;
            i++;
        }
        return false;
    }
}
