namespace McpActors.Configuration;

/// <summary>The revisions of MCP that the pool speaks. The order of their dates is that of their text.</summary>
internal static class Revisions
{
    /// <summary>
    /// The newest, and the first without <c>initialize</c>, <c>ping</c> and sessions: each request says what it needs, and encodes names in
    /// headers.
    /// </summary>
    public const string Newest = "2026-07-28";

    /// <summary>Those that <c>initialize</c> can agree on, the oldest first.</summary>
    public static IReadOnlyList<string> WithInitialize { get; } = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

    /// <summary>All, the oldest first.</summary>
    public static IReadOnlyList<string> All { get; } = [.. WithInitialize, Newest];

    /// <summary>Whether a revision has no <c>initialize</c>, <c>ping</c> and sessions; null is no revision.</summary>
    public static bool IsModern(string? revision) => string.CompareOrdinal(revision, Newest) >= 0;
}
