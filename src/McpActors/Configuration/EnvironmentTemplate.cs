using System.Text.RegularExpressions;

namespace McpActors.Configuration;

/// <summary>
/// Texts with <c>${NAME}</c>, <c>${env:NAME}</c>, <c>${NAME:-otherwise}</c> or <c>${file:path}</c> in them, as desktop MCP clients write
/// them in <c>mcp.json</c>.
/// </summary>
internal static partial class EnvironmentTemplate
{
    private const int MostCharacters = 1_000_000;

    /// <summary>Whether the text has a placeholder.</summary>
    public static bool IsTemplate(string text) => Start(text) >= 0;

    /// <summary>The names of the variables in the text.</summary>
    public static IEnumerable<string> Variables(string text) =>
        Placeholder().Matches(text).Select(m => m.Groups["name"]).Where(name => name.Success).Select(name => name.Value).Distinct();

    /// <summary>The text with the values of variables and files in it.</summary>
    /// <exception cref="SecretUnavailableException">
    /// A variable is not set and has no alternative, a file cannot be read, or a placeholder is of another kind.
    /// </exception>
    public static string Expand(string text)
    {
        var length = text.Length;
        var result = Placeholder().Replace(text, m => Counted(
            m.Groups["file"] is { Success: true, Value: var file } ? Secret.FromFile(file).Resolve()
            : Environment.GetEnvironmentVariable(m.Groups["name"].Value) is { Length: > 0 } value ? value
            : m.Groups["otherwise"] is { Success: true, Value: var otherwise } ? otherwise
            : throw new SecretUnavailableException(ProblemOf(m.Value))));

        var rest = Placeholder().Replace(text, "");
        return Start(rest) is >= 0 and var start ? throw new SecretUnavailableException(ProblemOf(rest[start..])) : result;

        string Counted(string value) => (length += value.Length) <= MostCharacters
            ? value
            : throw new SecretUnavailableException(
                $"a text has more than {MostCharacters} characters once its placeholders are filled in; use fewer of them");
    }

    /// <summary>The place of the brace that closes each brace in a text, by the place of that one.</summary>
    public static Dictionary<int, int> Ends(string text)
    {
        var ends = new Dictionary<int, int>();
        var open = new Stack<int>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '{')
                open.Push(i);
            else if (text[i] == '}' && open.TryPop(out var start))
                ends[start] = i;
        }
        return ends;
    }

    // A start without an end is a text like any other.
    private static int Start(string text)
    {
        var start = text.IndexOf("${", StringComparison.Ordinal);
        if (start < 0)
            return -1;
        var ends = Ends(text);
        while (start >= 0 && !ends.ContainsKey(start + 1))
            start = text.IndexOf("${", start + 1, StringComparison.Ordinal);
        return start;
    }

    /// <summary>Why a placeholder cannot be filled in. One that is of no known kind is not shown: it may be part of a secret.</summary>
    public static string ProblemOf(string placeholder)
    {
        var written = placeholder.StartsWith('{') ? "$" + placeholder : placeholder;
        if (Placeholder().Match(written).Groups["name"] is { Success: true, Value: var name })
            return $"environment variable {name} is not set or empty";
        return written.StartsWith("${input:", StringComparison.Ordinal)
            ? "has an `${input:…}`, for which a client would ask a person; write the value, or ${NAME} for an environment variable"
            : "has a `${…}` that cannot be filled in; environment variables can be, as ${NAME}";
    }

    [GeneratedRegex(
        @"\$\{(?:file:(?<file>[^}]+)|(?:env:)?(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<otherwise>[^}]*))?)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
