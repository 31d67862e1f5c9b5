namespace McpActors;

/// <summary>Words of callers in errors and logs.</summary>
internal static class CallWords
{
    private const int Longest = 128;

    /// <summary>The text, or its beginning when it is long, so that an error or a log line stays short.</summary>
    public static string Cut(string text) => ShortText.Of(text, Longest);
}
