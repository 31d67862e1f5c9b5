namespace McpActors.Configuration;

/// <summary>
/// The spellings of one key: <c>load-balancing</c>, <c>LoadBalancing</c>, <c>loadBalancing</c> and <c>LOAD_BALANCING</c> are the same.
/// </summary>
internal static class Spelling
{
    public static bool Same(string a, string b) => string.Equals(Plain(a), Plain(b), StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the key is written as <c>LoadBalancing</c>.</summary>
    public static bool IsPascal(string key) =>
        key.Length > 0 && char.IsAsciiLetterUpper(key[0]) && key.All(char.IsAsciiLetterOrDigit) && key.Any(char.IsAsciiLetterLower);

    /// <summary>The key <c>load-balancing</c> as <c>LoadBalancing</c>.</summary>
    public static string Pascal(string key) =>
        string.Concat(key.Split('-').Where(word => word.Length > 0).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static string Plain(string key) => key.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
}
