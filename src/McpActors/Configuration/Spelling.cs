namespace McpActors.Configuration;

/// <summary>
/// The spellings of one key: <c>load-balancing</c>, <c>LoadBalancing</c>, <c>loadBalancing</c> and <c>LOAD_BALANCING</c> are the same.
/// </summary>
internal static class Spelling
{
    public static bool Same(string a, string b) => string.Equals(Plain(a), Plain(b), StringComparison.OrdinalIgnoreCase);

    private static string Plain(string key) => key.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
}
