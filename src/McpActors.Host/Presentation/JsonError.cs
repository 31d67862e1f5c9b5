using System.Text.Json;

namespace McpActors.Host.Presentation;

/// <summary>Where and why a text is not valid JSON, without the technical tail of .NET's message.</summary>
internal static class JsonError
{
    /// <summary>Such as <c>line 1, byte 12</c>; both count from 1.</summary>
    public static string Position(this JsonException e) => $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}";

    /// <summary>The reason alone: .NET appends the path and the position to it.</summary>
    public static string Reason(this JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? e.Message : e.Message[..end];
    }
}
