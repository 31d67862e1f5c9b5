using System.Text.RegularExpressions;

namespace McpActors.Configuration;

/// <summary>
/// A pattern over names, compiled once: a glob, which must match the whole name (<c>*</c> any run of characters, <c>?</c> any one), or
/// <c>regex:…</c>, which may match anywhere unless anchored. Case-sensitive; matching never backtracks without bound. Immutable, safe for
/// any thread.
/// </summary>
internal sealed class NamePattern
{
    private const string RegexPrefix = "regex:";

    private readonly string _glob;
    private readonly Regex? _regex;

    private NamePattern(string text, Regex? regex)
    {
        _glob = text;
        _regex = regex;
    }

    /// <summary>Compiles a pattern of validated settings.</summary>
    /// <exception cref="InvalidSettingsException">The pattern is not valid after all.</exception>
    public static NamePattern Parse(string text, string key) =>
        TryParse(text, out var pattern, out var problem)
            ? pattern
            : throw new InvalidSettingsException([new SettingsProblem(key, problem)]);

    /// <summary>Compiles a pattern.</summary>
    /// <param name="text">The pattern as written.</param>
    /// <param name="pattern">The compiled pattern; one that matches nothing when the text is not a pattern.</param>
    /// <param name="problem">The problem of the text and what would be right; empty for a valid pattern.</param>
    public static bool TryParse(string text, out NamePattern pattern, out string problem)
    {
        pattern = new NamePattern("", null);
        problem = "";
        if (text.Trim().Length == 0)
        {
            problem = "is empty; write a glob such as read_* (just * matches everything) or regex:…";
        }
        else if (!text.StartsWith(RegexPrefix, StringComparison.Ordinal))
        {
            if (text.IndexOfAny(['^', '$', '(', ')', '[', ']', '{', '}', '|', '\\']) is >= 0 and var at)
            {
                problem = $"`{text}` has a `{text[at]}`, which has no meaning in a glob; only * and ? have."
                    + " For a regular expression write regex: before it";
            }
            else
            {
                pattern = new NamePattern(text, null);
            }
        }
        else if (text.Length == RegexPrefix.Length)
        {
            problem = "has nothing after regex:; write an expression there, such as regex:^search";
        }
        else
        {
            try
            {
                pattern = new NamePattern(text,
                    new Regex(text[RegexPrefix.Length..], RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
            }
            catch (ArgumentException e)
            {
                problem = $"`{text}` is not a regular expression: {e.Message}";
            }
            catch (NotSupportedException)
            {
                problem = $"`{text}` has a back-reference, lookahead, lookbehind or atomic group, which can take unbounded time to match;"
                    + " write it without";
            }
        }
        return problem.Length == 0;
    }

    /// <summary>Whether the pattern matches the name.</summary>
    public bool Matches(string name) => _regex?.IsMatch(name) ?? MatchesGlob(name);

    /// <inheritdoc/>
    public override string ToString() => _glob;

    // On a mismatch only the last * is tried again, one character further; an earlier one never needs to take more.
    private bool MatchesGlob(string name)
    {
        int g = 0, n = 0, star = -1, resume = 0;
        while (n < name.Length)
        {
            if (g < _glob.Length && _glob[g] == '*')
            {
                star = g++;
                resume = n;
            }
            else if (g < _glob.Length && (_glob[g] == '?' || _glob[g] == name[n]))
            {
                g++;
                n++;
            }
            else if (star >= 0)
            {
                g = star + 1;
                n = ++resume;
            }
            else
            {
                return false;
            }
        }
        while (g < _glob.Length && _glob[g] == '*')
            g++;
        return g == _glob.Length;
    }
}
