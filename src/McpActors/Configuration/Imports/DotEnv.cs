using System.Text;

namespace McpActors.Configuration.Imports;

/// <summary>
/// Reads the lines of an <c>.env</c> file: <c>NAME=value</c>, with <c>export</c> before it, <c>'…'</c> or <c>"…"</c> around the value,
/// which then may have several lines, and <c># …</c> as a comment. A line of another form is passed over. Pure.
/// </summary>
internal static class DotEnv
{
    private const string Export = "export ";

    public static Dictionary<string, string> Parse(string text)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        text = text.ReplaceLineEndings("\n");
        for (var next = 0; next < text.Length;)
        {
            var end = LineEnd(text, next);
            var line = text[next..end].Trim();
            var start = line.StartsWith(Export, StringComparison.Ordinal) ? line[Export.Length..].TrimStart() : line;
            var equals = start.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && start[0] != '#' && start[..equals].TrimEnd() is var name && !name.Any(char.IsWhiteSpace))
            {
                var written = start[(equals + 1)..].TrimStart();
                if (LinesOfQuoted(text, end - Trailing(text[next..end]) - written.Length) is var (lines, last))
                    (written, end) = (lines, last);
                variables[name] = ValueOf(written);
            }
            next = end + 1;
        }
        return variables;
    }

    // The lines of a value in quotes that does not end in its first one; null for every other value.
    private static (string Written, int End)? LinesOfQuoted(string text, int start)
    {
        if (start >= text.Length || text[start] is not ('\'' or '"') || EndOfQuoted(text[start..LineEnd(text, start)]) > 0)
            return null;
        var length = EndOfQuoted(text[start..]);
        if (length < 0)
            return null;
        var end = LineEnd(text, start + length);
        // Two quotes that belong to different values are no pair.
        return text[(start + length + 1)..end].Trim() is "" or ['#', ..] ? (text[start..(start + length + 1)], end) : null;
    }

    private static int LineEnd(string text, int start) => text.IndexOf('\n', start) is >= 0 and var end ? end : text.Length;

    private static int Trailing(string line) => line.Length - line.TrimEnd().Length;

    private static string ValueOf(string written)
    {
        if (written.Length >= 2 && written[0] is '\'' or '"' && EndOfQuoted(written) is > 0 and var end)
            return written[0] == '\'' ? written[1..end] : Unescaped(written[1..end]);
        var comment = written.IndexOf(" #", StringComparison.Ordinal);
        return written.StartsWith('#') ? "" : comment < 0 ? written : written[..comment].TrimEnd();
    }

    private static int EndOfQuoted(string written)
    {
        if (written[0] == '\'')
            return written.IndexOf('\'', 1);
        for (var i = 1; i < written.Length; i++)
        {
            if (written[i] == '\\')
                i++;
            else if (written[i] == '"')
                return i;
        }
        return -1;
    }

    private static string Unescaped(string written)
    {
        var text = new StringBuilder();
        for (var i = 0; i < written.Length; i++)
        {
            if (written[i] != '\\' || i + 1 == written.Length)
            {
                text.Append(written[i]);
                continue;
            }
            var next = written[++i];
            _ = next switch
            {
                'n' => text.Append('\n'),
                'r' => text.Append('\r'),
                't' => text.Append('\t'),
                '"' or '\\' or '$' => text.Append(next),
                _ => text.Append('\\').Append(next),
            };
        }
        return text.ToString();
    }
}
