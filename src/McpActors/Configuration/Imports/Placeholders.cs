using System.Text;
using System.Text.RegularExpressions;

namespace McpActors.Configuration.Imports;

/// <summary>
/// Fills in the placeholders of one entry: <c>${NAME}</c>, <c>${env:NAME}</c> and <c>${NAME:-otherwise}</c> from the entry's own variables,
/// then from this process's; <c>${workspaceFolder}</c>, <c>${userHome}</c>, <c>${pathSeparator}</c>, <c>${/}</c> and their like;
/// <c>${input:id}</c> by the default that the file has for it; <c>${file:path}</c>. One that nothing is known for stays as it is written.
/// </summary>
/// <param name="own">The entry's own variables.</param>
/// <param name="fixedValues">Values that are known for other names, such as <c>userHome</c>, and for <c>input:id</c>.</param>
/// <param name="folder">A relative path of a file starts from here.</param>
/// <param name="variable">A variable of this process; null when it is not set.</param>
/// <param name="budget">What the placeholders of all entries together may multiply to; null: only those of this one are bounded.</param>
internal sealed partial class Placeholders(
    IReadOnlyDictionary<string, string> own,
    IReadOnlyDictionary<string, string> fixedValues,
    string folder,
    Func<string, string?> variable,
    ExpansionBudget? budget = null)
{
    private const string Env = "env:";
    private const string FileKind = "file:";

    // No client's file has more; they bound what a hostile one costs.
    private const int LongestText = 100_000;
    private const int MostNested = 20;
    private const int MostExpanded = 1_000_000;

    private int _nested;
    private int _expanded;

    /// <summary>
    /// Whether the entry's placeholders multiply to more than a million characters, or all of them to more than the budget; those beyond
    /// stay as they are written.
    /// </summary>
    public bool IsTooMuch { get; private set; }

    /// <summary>The contents of files that have been filled in, which may be secrets.</summary>
    public HashSet<string> FileTexts { get; } = [];

    /// <summary>A text whose placeholders are filled in.</summary>
    /// <param name="Text">The text.</param>
    /// <param name="Unknown">The placeholders that stay as they are written.</param>
    public sealed record Filled(string Text, IReadOnlyList<string> Unknown);

    /// <summary>Fills in everything that is known now.</summary>
    public Filled Fill(string text)
    {
        var unknown = new List<string>();
        return new(Fill(text, unknown, isLater: false, []), unknown);
    }

    /// <summary>
    /// The text as a secret. What comes from this process's variables and from files is read at each connection; a text with anything else
    /// in it that is not known is a template that cannot be filled in.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="mustBeWhole">Whether it is no use with an unknown placeholder in it.</param>
    /// <param name="unknown">The placeholders that are not known.</param>
    public Secret ToSecret(string text, bool mustBeWhole, out IReadOnlyList<string> unknown)
    {
        if (IsVariable(text))
            text = $"${{{text[1..]}}}";
        var missing = new List<string>();
        var later = Fill(text, missing, isLater: true, []);
        unknown = missing;
        return missing.Count > 0 && !mustBeWhole ? Secret.FromLiteral(Fill(text).Text)
            : EnvironmentTemplate.IsTemplate(later) ? Secret.FromTemplate(later)
            : Secret.FromLiteral(later);
    }

    /// <summary>Whether the text is <c>$NAME</c> of a variable that this process has, as Gemini CLI writes it.</summary>
    public bool IsVariable(string text) =>
        WholeVariable().Match(text) is { Success: true } whole && variable(whole.Groups["name"].Value) is { Length: > 0 };

    private string Fill(string text, List<string> unknown, bool isLater, IReadOnlyCollection<string> within)
    {
        if (text.Length > LongestText || _nested == MostNested)
            return text;
        _nested++;
        var result = new StringBuilder();
        var ends = EnvironmentTemplate.Ends(text);
        for (var i = 0; i < text.Length;)
        {
            if (PlaceholderAt(text, i, ends) is not var (inner, end))
            {
                result.Append(text[i++]);
                continue;
            }
            if (!IsTooMuch && ValueOf(inner, unknown, isLater, within) is { } value && Fits(value))
            {
                result.Append(value);
            }
            else
            {
                result.Append(isLater && NameOf(inner) is { } name ? $"${{{name}}}" : text[i..end]);
                unknown.Add(text[i..end]);
            }
            i = end;
        }
        _nested--;
        return result.ToString();
    }

    // The inside of ${…}, and of {env:…} and {file:…} as opencode writes them, and the place after it.
    private static (string Inner, int End)? PlaceholderAt(string text, int at, Dictionary<int, int> ends)
    {
        var isDollar = text[at] == '$' && at + 1 < text.Length && text[at + 1] == '{';
        var start = at + (isDollar ? 2 : 1);
        if ((!isDollar && (text[at] != '{' || !IsKind(text.AsSpan(start)))) || !ends.TryGetValue(start - 1, out var end))
            return null;
        return (text[start..end], end + 1);
    }

    // Also what is read to get a value counts: it may be long, and the value empty.
    private bool Fits(string text)
    {
        var more = Math.Min(text.Length, MostExpanded) + 1;
        _expanded += more;
        IsTooMuch |= _expanded > MostExpanded || (budget is not null && !budget.TryTake(more));
        return !IsTooMuch;
    }

    private static bool IsKind(ReadOnlySpan<char> inner) =>
        inner.StartsWith(Env, StringComparison.Ordinal) || inner.StartsWith(FileKind, StringComparison.Ordinal);

    private string? ValueOf(string inner, List<string> unknown, bool isLater, IReadOnlyCollection<string> within)
    {
        if (fixedValues.TryGetValue(inner, out var known))
            return known;
        if (inner.StartsWith(FileKind, StringComparison.Ordinal))
            return ContentOf(inner[FileKind.Length..], isLater);
        var match = Name().Match(WithoutKind(inner));
        if (!match.Success)
            return null;
        var name = match.Groups["name"].Value;
        var otherwise = match.Groups["otherwise"] is { Success: true } group ? group.Value : null;
        // A variable that refers to itself, as PATH = ${PATH}:…, means that of this process.
        if (!within.Contains(name) && own.TryGetValue(name, out var text) && (text.Length > 0 || otherwise is null))
            return !Fits(text) ? null : Fill(text, unknown, isLater, [.. within, name]);
        if (variable(name) is { Length: > 0 } value)
            return isLater ? $"${{{name}}}" : value;
        return otherwise is null ? null : Fill(otherwise, unknown, isLater, within);
    }

    private static string? NameOf(string inner) =>
        Name().Match(WithoutKind(inner)) is { Success: true } match ? match.Groups["name"].Value : null;

    private static string WithoutKind(string inner) => inner.StartsWith(Env, StringComparison.Ordinal) ? inner[Env.Length..] : inner;

    private string? ContentOf(string path, bool isLater)
    {
        path = HomeFolder.PathOf(path, folder);
        if (isLater)
            return $"${{{FileKind}{path}}}";
        try
        {
            var text = Secret.FromFile(path).Resolve();
            FileTexts.Add(text);
            return text;
        }
        catch (SecretUnavailableException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<otherwise>.*))?$", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Name();

    [GeneratedRegex(@"^\$(?<name>[A-Za-z_][A-Za-z0-9_]*)$", RegexOptions.CultureInvariant)]
    private static partial Regex WholeVariable();
}

/// <summary>Paths that start from the user's home.</summary>
internal static class HomeFolder
{
    /// <summary>The home of this process's user; null when it has none.</summary>
    public static string? Path =>
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home ? home : null;

    /// <summary>The full path; <c>~/</c> means the user's home.</summary>
    /// <param name="path">The path.</param>
    /// <param name="folder">A relative one starts from here.</param>
    public static string PathOf(string path, string folder) => path.Contains('\0', StringComparison.Ordinal)
        ? path
        : System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, Expanded(path)));

    /// <summary>The path with the user's home in place of <c>~/</c>.</summary>
    public static string Expanded(string path) =>
        Path is { } home && (path == "~" || path.StartsWith("~/", StringComparison.Ordinal)) ? home + path[1..] : path;
}
