namespace McpActors.Configuration.Hocon;

/// <summary>
/// Reads HOCON text strictly. Akka's own parser accepts an unclosed brace and a name that is written twice, refuses a comma after a block,
/// and names no line (docs/decisions/0201); here each of these is either right or a problem with its line.
/// </summary>
/// <param name="text">The text.</param>
/// <param name="problems">Where problems go.</param>
/// <param name="root">
/// The keys under which the text is included, which its substitutions try first; empty for none.
/// </param>
/// <param name="include">Reads an included file into a block; null when the text may not include any.</param>
internal sealed class HoconParser(HoconText text, List<SettingsProblem> problems, IReadOnlyList<string> root, HoconParser.Include? include)
{
    /// <summary>How deep blocks and lists may be nested.</summary>
    public const int MaxDepth = 100;

    private const string NotInUnquoted = "$\"{}[]:=,#`^?!@*&\\";

    // The keys that lead to the block being read; a list has no key for its entries.
    private readonly List<string> _keys = [.. root];
    private int _lists;
    private int _depth = root.Count;

    /// <summary>Reads an included file into a block.</summary>
    /// <param name="name">The file, as written.</param>
    /// <param name="target">The block.</param>
    /// <param name="path">The block's path in messages.</param>
    /// <param name="keys">The keys that lead to the block.</param>
    /// <param name="place">The place of the include.</param>
    public delegate void Include(string name, ObjectNode target, string path, IReadOnlyList<string> keys, Place place);

    /// <summary>Reads the whole text into a block.</summary>
    public void ReadInto(ObjectNode target, string path)
    {
        text.SkipSeparators();
        if (text.Current == '[')
        {
            text.Fail("the outermost value is a list; it must be a block, { … }");
        }
        else if (text.Current == '{')
        {
            var opened = text.Here.Line;
            text.Advance();
            ReadMembers(target, path, opened);
            text.SkipSeparators();
            if (!text.AtEnd)
                text.Fail("nothing may follow the `}` that closes the file's outer block");
        }
        else
        {
            ReadMembers(target, path, null);
        }
    }

    private void ReadMembers(ObjectNode target, string path, int? opened)
    {
        while (!text.Unreadable)
        {
            text.SkipSeparators();
            if (text.AtEnd)
            {
                if (opened is { } line)
                    text.Fail($"the `{{` of line {line} is never closed; add the missing `}}`");
                return;
            }
            if (text.Current == '}')
            {
                if (opened is null)
                    text.Fail("this `}` closes nothing; a `{` is missing before it, or there is one `}` too many");
                text.Advance();
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
        var place = text.Here;
        if (ReadPath() is not { } keys || !IsShallow(keys.Count))
            return;

        var full = keys.Aggregate(path, KeyPath.Of);
        text.SkipBlanks();
        if (text.IsAtLineEnd && IsSeparatorNext())
            text.SkipSpace();
        var appends = text.StartsWith("+=");
        if (!appends && text.Current is not ('=' or ':' or '{'))
        {
            text.Fail($"after the key `{keys[^1]}` an `=` or a `{{` is missing");
            return;
        }
        if (appends)
            text.Advance();

        _keys.AddRange(keys);
        _depth += keys.Count;
        var read = ReadAssigned(full, place);
        _depth -= keys.Count;
        _keys.RemoveRange(_keys.Count - keys.Count, keys.Count);
        if (read is not { } value)
            return;
        if (appends)
            value = new PendingNode(null, [new PreviousNode(place), new ArrayNode([value], place)], full, place);

        // `a.b.c = 1` is a block in a block in a block.
        for (var i = keys.Count - 1; i > 0; i--)
        {
            var block = new ObjectNode(place, written: false);
            block.Items[keys[i]] = value;
            value = block;
        }
        HoconTree.Set(target, keys[0], value, KeyPath.Of(path, keys[0]), problems);
    }

    // A `{`, `=` or `:` may be on the line after its key.
    private bool IsSeparatorNext()
    {
        var ahead = 0;
        while (char.IsWhiteSpace(text.Peek(ahead)))
            ahead++;
        return text.Peek(ahead) is '{' or '=' or ':' or '#' or '/';
    }

    private ConfigNode? ReadAssigned(string path, Place place)
    {
        if (text.Current != '{')
        {
            text.Advance();
            text.SkipBlanks();
            if (text.IsAtLineEnd)
            {
                text.SkipSpace();
                if (text.Current is not ('{' or '['))
                {
                    problems.Add(new(path, $"has no value; write one on the same line, or \"\" for an empty text ({place})"));
                    return new BrokenNode(place);
                }
            }
        }
        return ReadValue(path, place);
    }

    // Keys with dots between them.
    private List<string>? ReadPath()
    {
        var keys = new List<string>();
        while (true)
        {
            if (text.Current == '"')
            {
                if (text.ReadQuoted() is not { } quoted)
                    return null;
                keys.Add(quoted);
            }
            else
            {
                var key = text.ReadWhile(c => c is not ('.' or '+') && IsInUnquoted(c));
                if (key.Length == 0)
                {
                    text.Fail(text.AtEnd || text.Current is '\n' or '\r'
                        ? "a key is missing here"
                        : $"a key cannot have the character `{text.Current}` here; put it in double quotes if it belongs to the key");
                    return null;
                }
                keys.Add(key);
            }
            if (text.Current != '.')
                return keys;
            text.Advance();
        }
    }

    private ConfigNode? ReadValue(string path, Place place)
    {
        var pieces = new List<ConfigNode>();
        while (!text.Unreadable && !text.IsAtLineEnd && text.Current is not (',' or '}' or ']'))
        {
            // After a block the next key may follow on the same line.
            var last = pieces.FindLast(piece => piece is not BlankNode);
            if (last is ObjectNode && text.Current is not ('{' or '$') && !HoconText.IsBlank(text.Current))
                break;
            if (ReadPiece(path) is not { } piece)
                return text.Unreadable ? null : new BrokenNode(place);
            pieces.Add(piece);
        }
        if (pieces.All(p => p is BlankNode))
        {
            problems.Add(new(path, $"has no value; write one after the `=`, or \"\" for an empty text ({place})"));
            return new BrokenNode(place);
        }
        return HoconTree.Join(pieces, path, place, problems);
    }

    private ConfigNode? ReadPiece(string path)
    {
        var here = text.Here;
        switch (text.Current)
        {
            case '{':
                var block = new ObjectNode(here);
                if (!IsShallow(1))
                    return null;
                text.Advance();
                _depth++;
                ReadMembers(block, path, here.Line);
                _depth--;
                return block;
            case '[':
                return IsShallow(1) ? ReadArray(path, here) : null;
            case '"':
                return text.ReadQuoted() is { } quoted ? new TextNode(quoted, here) : null;
            case '$' when text.Peek(1) == '{':
                return ReadSubstitution(here);
            case var blank when HoconText.IsBlank(blank):
                return new BlankNode(text.SkipBlanks(), here);
            default:
                return ReadUnquoted(path, here) is not { } word ? null : word == "null" ? new NullNode(here) : new TextNode(word, here);
        }
    }

    private ArrayNode ReadArray(string path, Place place)
    {
        var items = new List<ConfigNode>();
        text.Advance();
        _lists++;
        _depth++;
        while (!text.Unreadable)
        {
            text.SkipSeparators();
            if (text.AtEnd)
            {
                text.Fail($"the `[` of line {place.Line} is never closed; add the missing `]`");
            }
            else if (text.Current == '}')
            {
                text.Fail($"this `}}` is inside the `[` of line {place.Line}, which is not closed");
            }
            else if (text.Current == ']')
            {
                text.Advance();
                break;
            }
            else if (ReadValue(KeyPath.Item(path, items.Count), text.Here) is { } item)
            {
                items.Add(item is PendingNode pending ? pending.InList() : item);
            }
        }
        _depth--;
        _lists--;
        return new ArrayNode(items, place);
    }

    private string? ReadUnquoted(string path, Place place)
    {
        var word = text.ReadWhile(IsInUnquoted);
        if (text.IsAtLineEnd || char.IsWhiteSpace(text.Current) || text.Current is ',' or '}' or ']' or '"' or '{' or '['
            || text.StartsWith("${"))
        {
            return word;
        }

        // The text itself is not shown: it may be a secret. The scheme before `://` is not.
        var isAddress = text.StartsWith("://");
        problems.Add(new(path, isAddress
            ? $"the address must be in double quotes, \"{word}://…\": without them HOCON reads what follows // as a comment ({place})"
            : $"a value with the character `{text.Current}` must be in double quotes ({place})"));
        if (isAddress)
            text.Advance("://".Length);
        text.SkipValue();
        return null;
    }

    private bool IsInUnquoted(char c) => !char.IsWhiteSpace(c) && !NotInUnquoted.Contains(c) && !text.IsAtComment;

    private SubstitutionNode? ReadSubstitution(Place place)
    {
        text.Advance(2);
        var optional = text.Current == '?';
        if (optional)
            text.Advance();
        text.SkipBlanks();
        if (ReadPath() is not { } keys)
            return null;
        text.SkipBlanks();
        if (text.Current != '}')
        {
            text.Fail(text.StartsWith("[]")
                ? "`${name[]}`, a list from environment variables, is not supported; write the list, or one `${name}` for each entry"
                : "the `${` is not closed; write ${name}");
            return null;
        }
        text.Advance();
        return new SubstitutionNode(keys, _lists == 0 ? root : [], optional, place);
    }

    private bool IsInclude()
    {
        if (!text.StartsWith("include"))
            return false;
        var ahead = "include".Length;
        while (HoconText.IsBlank(text.Peek(ahead)))
            ahead++;
        return ahead > "include".Length && text.Peek(ahead) is not ('=' or ':' or '{' or '+');
    }

    private void ReadInclude(ObjectNode target, string path)
    {
        var place = text.Here;
        text.Advance("include".Length);
        text.SkipBlanks();

        // An included file must exist in any case, so `required` changes nothing.
        var closing = 0;
        while (text.Current != '"')
        {
            var word = text.ReadWhile(char.IsAsciiLetter);
            if (word is not ("required" or "file") || text.Current != '(')
            {
                text.Fail(word is "url" or "classpath"
                    ? $"`include {word}(…)` is not supported; include a file: include \"other.conf\""
                    : "include takes a file's name in double quotes: include \"other.conf\"");
                return;
            }
            text.Advance();
            text.SkipBlanks();
            closing++;
        }
        if (text.ReadQuoted() is not { } name)
            return;
        for (; closing > 0; closing--)
        {
            text.SkipBlanks();
            if (text.Current != ')')
            {
                text.Fail("a `)` is missing after the name of the included file");
                return;
            }
            text.Advance();
        }
        include?.Invoke(name, target, path, _lists == 0 ? [.. _keys] : [], place);
    }

    private bool IsShallow(int more)
    {
        if (_depth + more > MaxDepth)
            text.Fail($"blocks and lists are nested more than {MaxDepth} deep here");
        return !text.Unreadable;
    }
}
