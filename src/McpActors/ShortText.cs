using System.Diagnostics.CodeAnalysis;

namespace McpActors;

/// <summary>Shortens texts of servers and callers before they enter errors, logs and the status.</summary>
internal static class ShortText
{
    /// <summary>The text in at most this many characters; a shortened one ends with an ellipsis.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Of(string? text, int limit)
    {
        if (text is null || text.Length <= limit)
            return text;
        // Half a surrogate pair is no text.
        var end = char.IsHighSurrogate(text[limit - 2]) ? limit - 2 : limit - 1;
        return text[..end] + "…";
    }
}
