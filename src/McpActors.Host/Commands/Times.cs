using McpActors.Host.Presentation;

namespace McpActors.Host.Commands;

/// <summary>How a time is written for people.</summary>
internal static class Times
{
    /// <summary>Such as <c>1.4 ms</c>.</summary>
    public static string Text(double milliseconds) => Format.Latency(TimeSpan.FromMilliseconds(milliseconds));
}
