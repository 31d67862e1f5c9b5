using System.Text.Json;
using System.Text.Json.Nodes;

namespace McpActors.Transports;

/// <summary>
/// JSON in which an object has a name twice. System.Text.Json reads it, and throws when it looks into the object; elsewhere the last one
/// counts, as here. Pure.
/// </summary>
internal static class RepeatedNames
{
    /// <summary>A copy in which the last member of each name remains.</summary>
    /// <param name="node">The JSON; it need not have been looked into.</param>
    /// <param name="levels">How many levels are looked into; what is nested deeper stays as it is.</param>
    /// <exception cref="InvalidOperationException">A name is no text.</exception>
    public static JsonNode? LastCounts(JsonNode? node, int levels = IncomingMessage.MostLevels) =>
        Copy(JsonSerializer.SerializeToElement(node, McpJson.Options), levels);

    private static JsonNode? Copy(JsonElement json, int levels)
    {
        if (levels == 0 || json.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
            return IncomingMessage.NodeOf(json);
        if (json.ValueKind == JsonValueKind.Array)
            return new JsonArray([.. json.EnumerateArray().Select(item => Copy(item, levels - 1))]);
        var members = new JsonObject();
        foreach (var member in json.EnumerateObject())
            members[member.Name] = Copy(member.Value, levels - 1);
        return members;
    }
}
