using System.Text.RegularExpressions;

namespace McpActors.Configuration;

internal sealed class NamePattern
{
    private readonly Regex _r;
    private NamePattern(Regex r) => _r = r;
    public static bool TryParse(string text, out NamePattern pattern, out string problem)
    {
        problem = "";
        pattern = new(new Regex(text.StartsWith("regex:", StringComparison.Ordinal) ? text[6..] : "^" + Regex.Escape(text).Replace("\\*", ".*", StringComparison.Ordinal) + "$", RegexOptions.NonBacktracking));
        return true;
    }
    public bool Matches(string name) => _r.IsMatch(name);
}
