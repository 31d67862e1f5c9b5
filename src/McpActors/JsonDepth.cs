using System.Text.Json;

namespace McpActors;

/// <summary>
/// How deeply JSON is nested. System.Text.Json stops at 64 levels wherever it is given no other number, so that what one place has read
/// another could not write.
/// </summary>
internal static class JsonDepth
{
    /// <summary>
    /// The most levels of what this process writes and reads of its own: messages of servers, which have fewer, wrapped in answers,
    /// catalogues and messages between nodes.
    /// </summary>
    public const int Most = 1000;

    /// <summary>The most levels that the SDK reads and writes.</summary>
    public const int MostOfSdk = 64;

    /// <summary>Whether a text is JSON of so many levels at most. Needs no memory.</summary>
    public static bool IsAtMost(ReadOnlySpan<byte> json, int levels)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = levels });
            while (reader.Read())
            {
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
