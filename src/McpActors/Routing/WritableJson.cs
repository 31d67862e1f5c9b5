using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace McpActors.Routing;

/// <summary>
/// Finds what would make JSON of a caller fail when it is read or written later, so that a call that was accepted can be sent to every
/// server and to every node. Copies nothing. Pure.
/// </summary>
internal static class WritableJson
{
    /// <summary>
    /// The deepest nesting. The SDK and nodes of earlier versions stop at 64 levels; a request wraps parameters in two more, a message
    /// between nodes in three.
    /// </summary>
    public const int MostLevels = 60;

    // Up to this many names, comparing each with each costs less than a set.
    private const int FewNames = 16;

    /// <summary>The problem of a JSON object; null when it can be read and written.</summary>
    /// <exception cref="ObjectDisposedException">The document of the element was disposed.</exception>
    public static string? ProblemOf(JsonElement json)
    {
        var raw = JsonMarshal.GetRawUtf8Value(json);
        if (!Utf8.IsValid(raw))
            return "are not UTF-8";
        if (JsonText.IndexOfHalfPair(raw) >= 0)
            return "hold half of a surrogate pair, which is no text";
        if (raw.Count((byte)'{') + raw.Count((byte)'[') > MostLevels && IsTooDeep(raw))
            return $"are nested more than {MostLevels} levels deep";
        return FindRepeatedName(json) is { } name ? $"have the key {CallWords.Cut(name)} twice" : null;
    }

    private static bool IsTooDeep(ReadOnlySpan<byte> json)
    {
        // The caller's document may have been read with comments and trailing commas.
        var options = new JsonReaderOptions
        {
            MaxDepth = MostLevels,
            CommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
        };
        var reader = new Utf8JsonReader(json, options);
        try
        {
            while (reader.Read())
            {
            }
            return false;
        }
        catch (JsonException)
        {
            return true;
        }
    }

    // The parameters, and what the pool, the SDK and the transports look into. A value further inside crosses as it is.
    private static string? FindRepeatedName(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            return null;
        if (RepeatedNameOf(json) is { } name)
            return name;
        return (json.TryGetProperty("_meta"u8, out var meta) ? RepeatedNameOf(meta) : null)
            ?? (json.TryGetProperty("arguments"u8, out var arguments) ? RepeatedNameOf(arguments) : null);
    }

    private static string? RepeatedNameOf(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || json.GetPropertyCount() is not (> 1 and var count))
            return null;
        if (count > FewNames)
            return RepeatedNameBySet(json, count);
        var compared = 0;
        foreach (var property in json.EnumerateObject())
        {
            var name = JsonMarshal.GetRawUtf8PropertyName(property);
            if (name.Contains((byte)'\\'))
                return RepeatedNameBySet(json, count);
            var left = compared++;
            foreach (var other in json.EnumerateObject())
            {
                if (left-- == 0)
                    break;
                if (JsonMarshal.GetRawUtf8PropertyName(other).SequenceEqual(name))
                    return property.Name;
            }
        }
        return null;
    }

    private static string? RepeatedNameBySet(JsonElement json, int count)
    {
        var names = new HashSet<string>(count, StringComparer.Ordinal);
        foreach (var property in json.EnumerateObject())
        {
            if (!names.Add(property.Name))
                return property.Name;
        }
        return null;
    }
}
