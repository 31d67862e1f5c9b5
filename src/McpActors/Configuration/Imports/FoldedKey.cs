namespace McpActors.Configuration.Imports;

/// <summary>
/// A key or type in one spelling: <c>workingDirectory</c>, <c>working_directory</c> and <c>working-directory</c> are the same.
/// </summary>
internal static class FoldedKey
{
    public static string Of(string key) => string.Concat(key.Where(c => c is not ('-' or '_' or ' '))).ToLowerInvariant();
}
