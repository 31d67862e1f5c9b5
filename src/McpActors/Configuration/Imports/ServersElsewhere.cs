using System.Text.Json;

namespace McpActors.Configuration.Imports;

/// <summary>Finds servers in places of a client's file that are not read, for a hint.</summary>
internal static class ServersElsewhere
{
    private const int Deepest = 5;

    /// <summary>The path of the first block or list that has something like a server in it; null: there is none.</summary>
    /// <param name="root">The file.</param>
    /// <param name="isServer">Whether a value looks like a server.</param>
    /// <param name="nameOf">The name of a property.</param>
    public static string? PathIn(JsonElement root, Func<JsonElement, bool> isServer, Func<JsonProperty, string> nameOf)
    {
        return Find(root, "", Deepest);

        string? Find(JsonElement value, string path, int levels)
        {
            if (path.Length > 0 && Children(value).Any(isServer))
                return path;
            if (levels == 0 || value.ValueKind != JsonValueKind.Object)
                return null;
            return value.EnumerateObject()
                .Select(property => Find(
                    property.Value, path.Length == 0 ? nameOf(property) : $"{path} › {nameOf(property)}", levels - 1))
                .FirstOrDefault(found => found is not null);
        }
    }

    private static IEnumerable<JsonElement> Children(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Select(property => property.Value),
        JsonValueKind.Array => value.EnumerateArray(),
        _ => [],
    };
}
