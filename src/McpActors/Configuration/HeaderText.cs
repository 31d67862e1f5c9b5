namespace McpActors.Configuration;

/// <summary>Which texts an HTTP header can carry.</summary>
internal static class HeaderText
{
    /// <summary>The problem of any other text, for an error message.</summary>
    public const string Problem = "has a character outside visible ASCII, which a header cannot contain";

    /// <summary>Whether the text consists of visible ASCII, spaces and tabs.</summary>
    public static bool CanBeSent(string value) => !value.AsSpan().ContainsAnyExceptInRange(' ', '~') || value.All(IsSendable);

    private static bool IsSendable(char c) => c is '\t' or (>= ' ' and <= '~');
}
