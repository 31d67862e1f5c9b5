using System.Text;

namespace McpActors.Transports.Http;

/// <summary>The character sets that a Content-Type names. Pure.</summary>
internal static class Charset
{
    /// <summary>The set of this name, if it is another one than UTF-8; null also when the name is unknown or wrong.</summary>
    /// <param name="name">The <c>charset</c> of the Content-Type; null without one.</param>
    public static Encoding? Named(string? name)
    {
        if (name?.Trim('"', '\'', ' ') is not { Length: > 0 } trimmed)
            return null;
        // The zeros in them show UTF-16 and UTF-32, also where they are not named; text without zeros is neither.
        return Of(trimmed) is { } set && set is not (UTF8Encoding or ASCIIEncoding or UnicodeEncoding or UTF32Encoding) ? set : null;
    }

    private static Encoding? Of(string name)
    {
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
