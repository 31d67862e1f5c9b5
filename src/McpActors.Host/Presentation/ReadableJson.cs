using System.Text.Encodings.Web;
using System.Text.Json;

namespace McpActors.Host.Presentation;

/// <summary>JSON for people: characters such as <c>é</c> are written as they are, not as escapes. Not for use inside HTML.</summary>
internal static class ReadableJson
{
    private static readonly JsonSerializerOptions Indented = Unescaped(new JsonSerializerOptions { WriteIndented = true });

    // On lines of their own, the values of deep JSON would stand behind many times as many spaces.
    private static readonly JsonSerializerOptions Deep = Unescaped(new JsonSerializerOptions { MaxDepth = JsonDepth.Most });

    /// <summary>A copy of the options that writes characters as they are.</summary>
    public static JsonSerializerOptions Unescaped(JsonSerializerOptions options) =>
        new(options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// A value on several lines, or on one if it is nested more than 64 levels deep. Numbers keep the text they arrived with.
    /// </summary>
    public static string Indent<T>(T json)
    {
        try
        {
            return JsonSerializer.Serialize(json, Indented);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return JsonSerializer.Serialize(json, Deep);
        }
    }
}
