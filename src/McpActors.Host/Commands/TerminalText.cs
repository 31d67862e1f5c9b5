using System.Globalization;
using System.Text;

namespace McpActors.Host.Commands;

/// <summary>
/// Makes text from servers safe for a terminal: shows control characters, which could move the cursor, set the clipboard or hide output,
/// and characters that change the writing direction as escapes such as <c>\u001b</c>. Also for pipes, which often end in a terminal.
/// </summary>
internal static class TerminalText
{
    /// <summary>As one line: line breaks and tabs become a space.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">The longest line; a longer one is cut and ends with <c>…</c>.</param>
    public static string Line(string text, int longest = int.MaxValue)
    {
        var line = Escape(string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), isKept: _ => false);
        if (line.Length <= longest)
            return line;
        // Never cut between the halves of a surrogate pair.
        var end = char.IsHighSurrogate(line[longest - 2]) ? longest - 2 : longest - 1;
        return line[..end] + "…";
    }

    /// <summary>As one line in which line breaks and tabs are escapes too, so that it is one line among others.</summary>
    public static string Escaped(string text) => Escape(text, isKept: _ => false);

    /// <summary>With its lines and tabs.</summary>
    public static string Lines(string text) => Escape(text.ReplaceLineEndings("\n"), c => c is '\n' or '\t');

    /// <summary>JSON of the same meaning: such characters occur in strings only, where an escape is equivalent.</summary>
    public static string Json(string json) => Escape(json.Replace('\t', ' ').Replace('\r', ' '), c => c == '\n');

    private static string Escape(string text, Func<char, bool> isKept)
    {
        if (!text.Any(c => IsHarmful(c) && !isKept(c)))
            return text;
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            if (IsHarmful(c) && !isKept(c))
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                escaped.Append(c);
        }
        return escaped.ToString();
    }

    private static bool IsHarmful(char c) =>
        char.IsControl(c) || c is '\u061c' or '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
