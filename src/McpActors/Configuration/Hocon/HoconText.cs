using System.Globalization;
using System.Text;

namespace McpActors.Configuration.Hocon;

/// <summary>HOCON text and the position of its reader: characters, blanks, comments and texts in double quotes.</summary>
/// <param name="text">The text.</param>
/// <param name="file">The file's name in messages.</param>
/// <param name="problems">Where problems go.</param>
internal sealed class HoconText(string text, string file, List<SettingsProblem> problems)
{
    private int _at;
    private int _line = 1;

    /// <summary>Whether the structure of the text could not be made out, so that the rest cannot be read.</summary>
    public bool Unreadable { get; private set; }

    public bool AtEnd => _at >= text.Length;

    public char Current => Peek(0);

    public Place Here => new(file, _line);

    public bool IsAtComment => Current == '#' || (Current == '/' && Peek(1) == '/');

    /// <summary>Whether the line ends here, except for blanks and a comment.</summary>
    public bool IsAtLineEnd => AtEnd || Current is '\n' or '\r' || IsAtComment;

    public char Peek(int ahead) => _at + ahead < text.Length ? text[_at + ahead] : '\0';

    public bool StartsWith(string word) => string.CompareOrdinal(text, _at, word, 0, word.Length) == 0;

    /// <summary>Reports that the text cannot be read from here on.</summary>
    public void Fail(string message)
    {
        if (!Unreadable)
            problems.Add(new(Here.ToString(), message));
        Unreadable = true;
    }

    public void Advance(int count = 1)
    {
        for (; count > 0 && !AtEnd; count--)
        {
            if (Current == '\n')
                _line++;
            _at++;
        }
    }

    /// <summary>Reads on while a condition holds, and returns what was read.</summary>
    public string ReadWhile(Func<char, bool> condition)
    {
        var start = _at;
        while (!AtEnd && condition(Current))
            Advance();
        return text[start.._at];
    }

    /// <summary>Skips blanks within the line.</summary>
    public string SkipBlanks() => ReadWhile(IsBlank);

    /// <summary>Skips blanks, line ends and comments.</summary>
    public void SkipSpace() => Skip(separators: false);

    /// <summary>Skips blanks, line ends, comments and commas.</summary>
    public void SkipSeparators() => Skip(separators: true);

    /// <summary>Skips the rest of a value that could not be read, with the blocks, lists and quoted texts in it.</summary>
    public void SkipValue()
    {
        var depth = 0;
        while (!AtEnd)
        {
            if (depth == 0 && (Current is ',' or '\n' or '}' or ']' || IsAtComment))
                return;
            if (IsAtComment)
            {
                SkipLine();
            }
            else if (Current == '"')
            {
                SkipQuoted();
            }
            else
            {
                depth += Current is '{' or '[' ? 1 : Current is '}' or ']' ? -1 : 0;
                Advance();
            }
        }
    }

    /// <summary>Reads a text in double quotes; null when it is not closed.</summary>
    public string? ReadQuoted() => StartsWith("\"\"\"") ? ReadTripleQuoted() : ReadSingleQuoted();

    public static bool IsBlank(char c) => char.IsWhiteSpace(c) && c is not ('\n' or '\r');

    // A fourth and fifth quote at the end belong to the text.
    private string? ReadTripleQuoted()
    {
        var end = text.IndexOf("\"\"\"", _at + 3, StringComparison.Ordinal);
        if (end < 0)
        {
            Fail($"the \"\"\" of line {_line} is never closed");
            return null;
        }
        while (end + 3 < text.Length && text[end + 3] == '"')
            end++;
        var raw = text[(_at + 3)..end];
        Advance(end + 3 - _at);
        return raw;
    }

    private string? ReadSingleQuoted()
    {
        var result = new StringBuilder();
        for (_at++; Current != '"'; _at++)
        {
            if (AtEnd || Current is '\n' or '\r')
            {
                Fail("a text in double quotes is not closed on its line; add the missing \", or use \"\"\" for a text of several lines");
                return null;
            }
            if (Current != '\\')
                result.Append(Current);
            else if (ReadEscaped() is { } escaped)
                result.Append(escaped);
            else
                return null;
        }
        _at++;
        return result.ToString();
    }

    private char? ReadEscaped()
    {
        _at++;
        if (Current == 'u' && _at + 4 < text.Length
            && ushort.TryParse(text.AsSpan(_at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            _at += 4;
            return (char)code;
        }
        if (!AtEnd && "\"\\/bfnrt".IndexOf(Current, StringComparison.Ordinal) is >= 0 and var escape)
            return "\"\\/\b\f\n\r\t"[escape];
        Fail("in double quotes a backslash must be written twice: \"C:\\\\data\", \"regex:^\\\\d+$\"");
        return null;
    }

    private void SkipQuoted()
    {
        if (StartsWith("\"\"\""))
        {
            var end = text.IndexOf("\"\"\"", _at + 3, StringComparison.Ordinal);
            Advance((end < 0 ? text.Length : end + 3) - _at);
            return;
        }
        Advance();
        while (!AtEnd && Current is not ('"' or '\n'))
            Advance(Current == '\\' ? 2 : 1);
        if (Current == '"')
            Advance();
    }

    private void SkipLine()
    {
        while (!AtEnd && Current != '\n')
            _at++;
    }

    private void Skip(bool separators)
    {
        while (!AtEnd)
        {
            if (IsAtComment)
                SkipLine();
            else if (char.IsWhiteSpace(Current) || Current == '\uFEFF' || (separators && Current == ','))
                Advance();
            else
                return;
        }
    }
}
