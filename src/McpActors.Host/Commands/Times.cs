using McpActors.Host.Presentation;

namespace McpActors.Host.Commands;

/// <summary>Times as text for people.</summary>
internal static class Times
{
    /// <summary>Such as <c>1.4 ms</c>.</summary>
    public static string Text(double milliseconds) => Format.Latency(TimeSpan.FromMilliseconds(milliseconds));
}
