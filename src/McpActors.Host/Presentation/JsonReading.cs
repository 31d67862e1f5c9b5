using System.Text.Json;

namespace McpActors.Host.Presentation;

/// <summary>Reads JSON of unknown shape: a member that is missing or of another kind counts as absent.</summary>
internal static class JsonReading
{
    /// <summary>A member of an object; null when there is none.</summary>
    public static JsonElement? Find(this JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var member) ? member : null;

    /// <summary>A member of an object; undefined when there is none.</summary>
    public static JsonElement Member(this JsonElement of, string name) => of.Find(name) ?? default;

    /// <summary>A member that is a string.</summary>
    public static string? Text(this JsonElement of, string name) =>
        of.Find(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>A member that is true or false.</summary>
    public static bool? Flag(this JsonElement of, string name) => of.Member(name).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    /// <summary>The items of a member that is an array; empty when there is none.</summary>
    public static IReadOnlyList<JsonElement> Items(this JsonElement of, string name) =>
        of.Find(name) is { ValueKind: JsonValueKind.Array } items ? [.. items.EnumerateArray()] : [];
}
