namespace McpActors.Configuration.Hocon;

/// <summary>
/// A value of a configuration and its place. HOCON text, Akka's own <c>Config</c> and an <c>IConfiguration</c> are turned into such a tree
/// before they are read.
/// </summary>
/// <param name="place">Where it was written; null when that is not known.</param>
internal abstract class ConfigNode(Place? place)
{
    /// <summary>Where it was written; null when that is not known.</summary>
    public Place? Place { get; } = place;
}

/// <summary>The source of a value, as messages name it.</summary>
/// <param name="Source">A file or another source; empty when the path of the key names it already.</param>
/// <param name="Line">The line in a file, counted from 1; 0 when it is not known.</param>
/// <param name="Key">The path of the key in an <c>IConfiguration</c>; null elsewhere.</param>
internal sealed record Place(string Source, int Line = 0, string? Key = null)
{
    public override string ToString() => Line > 0 ? $"{Source}, line {Line}" : Key is not null ? $"{Source}, {Key}" : Source;
}

/// <summary>A string, number or switch.</summary>
internal sealed class TextNode(string text, Place? place) : ConfigNode(place)
{
    public string Text { get; } = text;
}

/// <summary>A list.</summary>
internal sealed class ArrayNode(List<ConfigNode> items, Place? place) : ConfigNode(place)
{
    public List<ConfigNode> Items { get; } = items;
}

/// <summary>A block; its keys keep the order in which they were written.</summary>
/// <param name="place">Where it begins.</param>
/// <param name="written">
/// Whether it has braces of its own, so that a second one with the same key is a repetition; <c>a.b = 1</c> makes an <c>a</c> without.
/// </param>
internal sealed class ObjectNode(Place? place, bool written = true) : ConfigNode(place)
{
    public OrderedDictionary<string, ConfigNode> Items { get; } = new(StringComparer.Ordinal);

    public bool Written { get; set; } = written;

    /// <summary>Whether its keys may be in any spelling, as in an <c>IConfiguration</c>.</summary>
    public bool AnySpelling { get; init; }
}

/// <summary>A value whose problem has been reported; readers pass over it.</summary>
internal sealed class BrokenNode(Place? place) : ConfigNode(place);

/// <summary><c>null</c>: the key has no value, whatever it had before.</summary>
internal sealed class NullNode(Place? place) : ConfigNode(place);

/// <summary>An empty text, list or block: an <c>IConfiguration</c> does not distinguish them.</summary>
/// <param name="isNull">Whether it may also be <c>null</c>.</param>
/// <param name="place">Where it is written.</param>
internal sealed class EmptyNode(bool isNull, Place? place) : ConfigNode(place)
{
    public bool IsNull { get; } = isNull;
}

/// <summary>A value with substitutions in it, which are resolved once the whole file has been read.</summary>
/// <param name="previous">The value that the key had before; null: none.</param>
/// <param name="pieces">The pieces that the value is joined from.</param>
/// <param name="path">The key's path.</param>
/// <param name="place">Where it is written.</param>
internal sealed class PendingNode(ConfigNode? previous, IReadOnlyList<ConfigNode> pieces, string path, Place? place) : ConfigNode(place)
{
    public ConfigNode? Previous { get; } = previous;

    public IReadOnlyList<ConfigNode> Pieces { get; } = pieces;

    public string Path { get; } = path;

    /// <summary>Whether it is an entry of a list, which an unset <c>${?name}</c> leaves out.</summary>
    public bool IsInList { get; private init; }

    /// <summary>Whether it is made from the value that the key had before: <c>x += …</c> or <c>x = ${x} …</c>.</summary>
    public bool FollowsPrevious => Pieces.Any(piece => piece is PreviousNode
        || (piece is SubstitutionNode other && (other.Keys.Aggregate("", KeyPath.Of) == Path
            || other.Root.Concat(other.Keys).Aggregate("", KeyPath.Of) == Path)));

    public PendingNode After(ConfigNode previous) => new(previous, Pieces, Path, Place) { IsInList = IsInList };

    public PendingNode InList() => new(Previous, Pieces, Path, Place) { IsInList = true };
}

/// <summary><c>${name}</c> or <c>${?name}</c>.</summary>
/// <param name="keys">The keys of the name.</param>
/// <param name="root">The keys under which the file is included; empty for none.</param>
/// <param name="optional">Whether it may be unset.</param>
/// <param name="place">Where it is written.</param>
internal sealed class SubstitutionNode(IReadOnlyList<string> keys, IReadOnlyList<string> root, bool optional, Place? place)
    : ConfigNode(place)
{
    public IReadOnlyList<string> Keys { get; } = keys;

    public IReadOnlyList<string> Root { get; } = root;

    public string Name { get; } = string.Join('.', keys);

    public bool Optional { get; } = optional;
}

/// <summary>The value that the key had before, which <c>+=</c> appends to.</summary>
internal sealed class PreviousNode(Place? place) : ConfigNode(place);

/// <summary>An entry that an unset substitution leaves out of its list.</summary>
internal sealed class AbsentNode(Place? place) : ConfigNode(place);

/// <summary>The white space between two words or substitutions of a value.</summary>
internal sealed class BlankNode(string text, Place? place) : ConfigNode(place)
{
    public string Text { get; } = text;
}

/// <summary>The spelling of key paths, in messages and in the documentation.</summary>
internal static class KeyPath
{
    public const string Top = "mcp-actors";
    public const string Pool = Top + ".pool";
    public const string Servers = Pool + ".servers";
    public const string Host = Top + ".host";
    public const string Cluster = Top + ".cluster";

    /// <summary>The path of a key inside a block.</summary>
    public static string Of(string parent, string key)
    {
        var plain = key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
        var spelled = plain ? key : $"\"{key}\"";
        return parent.Length == 0 ? spelled : $"{parent}.{spelled}";
    }

    /// <summary>The path of a server.</summary>
    public static string OfServer(string name) => Of(Servers, name);

    /// <summary>The path of an entry of a list, counted from 0.</summary>
    public static string Item(string parent, int index) => $"{parent}[{index}]";

    /// <summary>Whether one of the two paths is the other, or leads to it.</summary>
    public static bool Related(string a, string b) => a == b || Leads(a, b) || Leads(b, a);

    /// <summary>Whether a path is the other one or below it.</summary>
    public static bool IsAtOrBelow(string path, string other) => path == other || Leads(other, path);

    private static bool Leads(string to, string from) =>
        from.Length > to.Length && from.StartsWith(to, StringComparison.Ordinal) && from[to.Length] is '.' or '[';
}
