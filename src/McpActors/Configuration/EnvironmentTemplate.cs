using System.Text.RegularExpressions;

namespace McpActors.Configuration;

/// <summary>
/// Texts with <c>${NAME}</c>, <c>${env:NAME}</c> or <c>${NAME:-otherwise}</c> in them, as desktop MCP clients write them in
/// <c>mcp.json</c>.
/// </summary>
internal static partial class EnvironmentTemplate
{
    /// <summary>Whether the text has a placeholder.</summary>
    public static bool IsTemplate(string text) => text.Contains("${", StringComparison.Ordinal);

    /// <summary>The names of the variables in the text.</summary>
    public static IEnumerable<string> Variables(string text) => Placeholder().Matches(text).Select(m => m.Groups["name"].Value).Distinct();

    /// <summary>The text with the variables' values in it.</summary>
    /// <exception cref="SecretUnavailableException">
    /// A variable is not set and has no alternative, or a placeholder is of another kind.
    /// </exception>
    public static string Expand(string text)
    {
        var result = Placeholder().Replace(text, m =>
            Environment.GetEnvironmentVariable(m.Groups["name"].Value) is { Length: > 0 } value ? value
            : m.Groups["otherwise"] is { Success: true, Value: var otherwise } ? otherwise
            : throw new SecretUnavailableException($"environment variable {m.Groups["name"].Value} is not set or empty"));

        // The rest of the text is not shown: it may be part of a secret.
        return IsTemplate(Placeholder().Replace(text, ""))
            ? throw new SecretUnavailableException("has a `${…}` that cannot be filled in; only environment variables can be, as ${NAME}")
            : result;
    }

    [GeneratedRegex(@"\$\{(?:env:)?(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<otherwise>[^}]*))?\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
