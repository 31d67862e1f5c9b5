using System.Globalization;
using System.Text;

namespace McpActors.Configuration.Hocon;

/// <summary>
/// Reads HOCON text strictly. Akka's own parser takes an unclosed brace for a whole file, a name written twice for one, stumbles over a comma
/// after a block, and tells no line (docs/decisions/0201); here each of these is either right or a problem with its line.
/// </summary>
/// <param name="text">The text.</param>
/// <param name="file">The file's name in messages.</param>
/// <param name="problems">Where problems go.</param>
/// <param name="include">Reads what an <c>include</c> names into a block; null when the text may include nothing.</param>
internal sealed class HoconParser(string text, string file, List<SettingsProblem> problems, HoconParser.Include? include)
{
    private const string NotInUnquoted = "$\"{}[]:=,#`^?!@*&\\";

    private int _at;
    private int _line = 1;

    /// <summary>Reads an included file into a block.</summary>
    /// <param name="name">The file, as written.</param>
    /// <param name="target">The block.</param>
    /// <param name="path">The block's path.</param>
    /// <param name="place">Where the include stands.</param>
    public delegate void Include(string name, ObjectNode target, string path, Place place);

    /// <summary>Whether the text's structure could not be made out, so that nothing further can be said of it.</summary>
    public bool Unreadable { get; private set; }

    private bool AtEnd => _at >= text.Length;

    private char Current => _at < text.Length ? text[_at] : '\0';

    private Place Here => new(file, _line);

    /// <summary>Reads the whole text into a block.</summary>
    public void ReadInto(ObjectNode target, string path)
    {
        SkipSeparators();
        if (Current == '{')
        {
            var opened = _line;
            Advance();
            ReadMembers(target, path, opened);
            SkipSeparators();
            if (!AtEnd)
                Fail("nothing may follow the `}` that closes the file's outer block");
        }
        else
        {
            ReadMembers(target, path, null);
        }
    }

    private void ReadMembers(ObjectNode target, string path, int? opened)
    {
        while (!Unreadable)
        {
            SkipSeparators();
            if (AtEnd)
            {
                if (opened is { } line)
                    Fail($"the `{{` of line {line} is never closed; add the missing `}}`");
                return;
            }
            if (Current == '}')
            {
                if (opened is null)
                    Fail("this `}` closes nothing; a `{` is missing before it, or there is one `}` too many");
                Advance();
                return;
            }
            if (IsInclude())
                ReadInclude(target, path);
            else
                ReadMember(target, path);
        }
    }

    private void ReadMember(ObjectNode target, string path)
    {
        var place = Here;
        if (ReadKey() is not { } keys)
            return;

        var full = keys.Aggregate(path, KeyPath.Of);
        SkipBlanks();
        if (Current == '+' && Peek(1) == '=')
        {
            problems.Add(new(full, $"`+=` is not supported; write the whole list after `=` ({place})"));
            SkipValue();
            return;
        }
        if (Current is not ('=' or ':' or '{'))
        {
            Fail($"after the key `{keys[^1]}` an `=` or a `{{` is missing");
            return;
        }
        if (ReadAssigned(full, place) is not { } value)
            return;

        // `a.b.c = 1` is a block in a block in a block.
        for (var i = keys.Count - 1; i > 0; i--)
        {
            var block = new ObjectNode(place, written: false);
            block.Items[keys[i]] = value;
            value = block;
        }
        HoconTree.Set(target, keys[0], value, KeyPath.Of(path, keys[0]), problems);
    }

    private ConfigNode? ReadAssigned(string path, Place place)
    {
        if (Current != '{')
        {
            Advance();
            SkipBlanks();
            if (AtEnd || Current is '\n' or '\r' or '#' || IsComment())
            {
                SkipSpace();
                if (Current is not ('{' or '['))
                {
                    problems.Add(new(path, $"has no value; write one on the same line, or \"\" for an empty text ({place})"));
                    return new BrokenNode(place);
                }
            }
        }
        return ReadValue(path, place);
    }

    private List<string>? ReadKey()
    {
        var keys = new List<string>();
        while (true)
        {
            if (Current == '"')
            {
                if (ReadQuoted() is not { } quoted)
                    return null;
                keys.Add(quoted);
            }
            else
            {
                var start = _at;
                while (!AtEnd && Current != '.' && !char.IsWhiteSpace(Current) && !NotInUnquoted.Contains(Current) && Current != '+' && !IsComment())
                    _at++;
                if (_at == start)
                {
                    Fail(AtEnd || Current is '\n' or '\r'
                        ? "a key is missing here"
                        : $"a key cannot have the character `{Current}` here; put it in double quotes if it belongs to the key");
                    return null;
                }
                keys.Add(text[start.._at]);
            }
            if (Current != '.')
                return keys;
            _at++;
        }
    }

    private ConfigNode? ReadValue(string path, Place place)
    {
        var pieces = new List<ConfigNode>();
        while (!AtEnd && !Unreadable && Current is not (',' or '\n' or '\r' or '}' or ']' or '#') && !IsComment())
        {
            // After a block the next key may follow on the same line.
            if (pieces.FindLast(p => p is not BlankNode) is ObjectNode && Current is not ('{' or '$') && !IsBlank(Current))
                break;
            var here = Here;
            switch (Current)
            {
                case '{':
                    Advance();
                    var block = new ObjectNode(here);
                    ReadMembers(block, path, here.Line);
                    pieces.Add(block);
                    break;
                case '[':
                    Advance();
                    pieces.Add(ReadArray(path, here));
                    break;
                case '"':
                    if (ReadQuoted() is not { } quoted)
                        return null;
                    pieces.Add(new TextNode(quoted, here));
                    break;
                case '$' when Peek(1) == '{':
                    if (ReadSubstitution(here) is not { } substitution)
                        return null;
                    pieces.Add(substitution);
                    break;
                case var blank when IsBlank(blank):
                    var blanks = _at;
                    SkipBlanks();
                    pieces.Add(new BlankNode(text[blanks.._at], here));
                    break;
                default:
                    if (ReadUnquoted(path, here) is not { } word)
                        return new BrokenNode(here);
                    pieces.Add(new TextNode(word, here));
                    break;
            }
        }
        if (pieces.All(p => p is BlankNode))
        {
            problems.Add(new(path, $"has no value; write one after the `=`, or \"\" for an empty text ({place})"));
            return new BrokenNode(place);
        }
        return HoconTree.Join(pieces, path, place, problems);
    }

    private ArrayNode ReadArray(string path, Place place)
    {
        var items = new List<ConfigNode>();
        while (!Unreadable)
        {
            SkipSeparators();
            if (AtEnd)
            {
                Fail($"the `[` of line {place.Line} is never closed; add the missing `]`");
            }
            else if (Current == '}')
            {
                Fail($"this `}}` stands inside the `[` of line {place.Line}, which is not closed");
            }
            else if (Current == ']')
            {
                Advance();
                break;
            }
            else if (ReadValue(KeyPath.Item(path, items.Count), Here) is { } item)
            {
                items.Add(item);
            }
        }
        return new ArrayNode(items, place);
    }

    private string? ReadUnquoted(string path, Place place)
    {
        var start = _at;
        while (!AtEnd && !char.IsWhiteSpace(Current) && !NotInUnquoted.Contains(Current) && !IsComment())
            _at++;
        var word = text[start.._at];
        if (AtEnd || char.IsWhiteSpace(Current) || Current is ',' or '}' or ']' or '#' or '"' or '{' or '['
            || IsComment() || (Current == '$' && Peek(1) == '{'))
        {
            return word;
        }

        // The text itself is not shown: it may be a secret. What stands before `://` is not.
        var uri = Current == ':' && Peek(1) == '/' && Peek(2) == '/';
        problems.Add(new(path, uri
            ? $"the address must stand in double quotes, \"{word}://…\": without them HOCON takes what follows // for a comment ({place})"
            : $"a value with the character `{Current}` must stand in double quotes ({place})"));
        SkipValue();
        return null;
    }

    private SubstitutionNode? ReadSubstitution(Place place)
    {
        var end = text.IndexOf('}', _at);
        var line = text.IndexOf('\n', _at);
        if (end < 0 || (line >= 0 && line < end))
        {
            Fail("the `${` is not closed; write ${name}");
            return null;
        }
        var name = text[(_at + 2)..end];
        _at = end + 1;
        return new SubstitutionNode(name.TrimStart('?').Trim(), name.StartsWith('?'), place);
    }

    private string? ReadQuoted()
    {
        var opened = _line;
        if (Peek(1) == '"' && Peek(2) == '"')
        {
            var end = text.IndexOf("\"\"\"", _at + 3, StringComparison.Ordinal);
            if (end < 0)
            {
                Fail($"the \"\"\" of line {opened} is never closed");
                return null;
            }
            var raw = text[(_at + 3)..end];
            _line += raw.Count(c => c == '\n');
            _at = end + 3;
            return raw;
        }

        var result = new StringBuilder();
        for (_at++; Current != '"'; _at++)
        {
            if (AtEnd || Current is '\n' or '\r')
            {
                Fail("a text in double quotes is not closed on its line; add the missing \", or use \"\"\" for a text of several lines");
                return null;
            }
            if (Current != '\\')
            {
                result.Append(Current);
                continue;
            }
            _at++;
            if (Current == 'u' && _at + 4 < text.Length
                && ushort.TryParse(text.AsSpan(_at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                result.Append((char)code);
                _at += 4;
            }
            else if ("\"\\/bfnrt".IndexOf(Current, StringComparison.Ordinal) is >= 0 and var escape)
            {
                result.Append("\"\\/\b\f\n\r\t"[escape]);
            }
            else
            {
                Fail("in double quotes a backslash must be written twice: \"C:\\\\data\", \"regex:^\\\\d+$\"");
                return null;
            }
        }
        _at++;
        return result.ToString();
    }

    private bool IsInclude() =>
        string.CompareOrdinal(text, _at, "include", 0, 7) == 0
        && text.AsSpan(_at + 7).TrimStart(" \t") is var rest && rest.Length < text.Length - _at - 7
        && !rest.StartsWith("=") && !rest.StartsWith(":") && !rest.StartsWith("{");

    private void ReadInclude(ObjectNode target, string path)
    {
        var place = Here;
        _at += 7;
        SkipBlanks();
        if (Current != '"')
            Fail("include takes a file's name in double quotes: include \"other.conf\"");
        else if (ReadQuoted() is { } name && include is not null)
            include(name, target, path, place);
    }

    private void Fail(string message)
    {
        if (!Unreadable)
            problems.Add(new(Here.ToString(), message));
        Unreadable = true;
    }

    private char Peek(int ahead) => _at + ahead < text.Length ? text[_at + ahead] : '\0';

    private static bool IsBlank(char c) => char.IsWhiteSpace(c) && c is not ('\n' or '\r');

    private bool IsComment() => Current == '/' && Peek(1) == '/';

    private void Advance()
    {
        if (Current == '\n')
            _line++;
        _at++;
    }

    private void SkipBlanks()
    {
        while (IsBlank(Current))
            _at++;
    }

    private void SkipSpace() => Skip(separators: false);

    private void SkipSeparators() => Skip(separators: true);

    private void Skip(bool separators)
    {
        while (!AtEnd)
        {
            if (Current == '#' || IsComment())
            {
                while (!AtEnd && Current != '\n')
                    _at++;
            }
            else if (char.IsWhiteSpace(Current) || Current == '\uFEFF' || (separators && Current == ','))
            {
                Advance();
            }
            else
            {
                return;
            }
        }
    }

    // To where the next key can begin, after a value that could not be read.
    private void SkipValue()
    {
        while (!AtEnd && Current is not (',' or '\n' or '}' or ']'))
            _at++;
    }
}
