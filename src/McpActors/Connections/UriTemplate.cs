using System.Text;
using System.Text.RegularExpressions;

namespace McpActors.Connections;

/// <summary>
/// A URI template of a resource (RFC 6570): which URIs it can stand for. The values of variables are not read, so a URI that no expansion
/// gives exactly may match as well.
/// </summary>
internal sealed class UriTemplate(string text)
{
    private readonly Regex _pattern = new(PatternOf(text), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <summary>Whether the template can stand for this URI.</summary>
    public bool Matches(string uri) => _pattern.IsMatch(uri);

    /// <summary>Whether a pattern can be made of the text; the engine refuses one with too many parts.</summary>
    public static bool IsUsable(string text)
    {
        try
        {
            return new UriTemplate(text)._pattern is not null;
        }
        catch (Exception e) when (e is NotSupportedException or ArgumentException)
        {
            return false;
        }
    }

    private static string PatternOf(string text)
    {
        var pattern = new StringBuilder("^");
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            var start = rest.IndexOf('{');
            var end = start < 0 ? -1 : rest[start..].IndexOf('}') + start;
            if (end <= start)
            {
                pattern.Append(Regex.Escape(rest.ToString()));
                break;
            }
            pattern.Append(Regex.Escape(rest[..start].ToString())).Append(PatternOf(rest[(start + 1)..end]));
            rest = rest[(end + 1)..];
        }
        return pattern.Append('$').ToString();
    }

    // By the operator of the expression: a reserved expansion may hold any character, a path several segments, a plain one neither
    // separators of the path nor the query.
    private static string PatternOf(ReadOnlySpan<char> expression) => (expression.IsEmpty ? ' ' : expression[0]) switch
    {
        '+' => ".*",
        '#' => "(#.*)?",
        '/' => "(/[^?#]*)?",
        '?' => "([?][^#]*)?",
        '&' => "(&[^#]*)?",
        _ => "[^/?#]*",
    };
}
