using System.Buffers;
using System.Text.Json;

namespace McpActors.Connections;

/// <summary>
/// The schema of a tool's arguments, which MCP requires to be of type object. A definition whose schema is missing or of another kind gets
/// one that models and programs can use; everything else stays as the server wrote it. Pure.
/// </summary>
internal static class InputSchema
{
    private const string Property = "inputSchema";

    /// <summary>The definition, with a usable schema.</summary>
    public static JsonElement Mend(JsonElement definition)
    {
        var schema = definition.TryGetProperty(Property, out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        if (schema.ValueKind == JsonValueKind.Object
            && schema.TryGetProperty("type"u8, out var type)
            && type.ValueKind == JsonValueKind.String
            && type.ValueEquals("object"u8))
        {
            return definition;
        }
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var member in definition.EnumerateObject().Where(member => !member.NameEquals(Property)))
                member.WriteTo(writer);
            writer.WriteStartObject(Property);
            writer.WriteString("type"u8, "object"u8);
            if (AllowsObjects(schema))
            {
                foreach (var member in schema.EnumerateObject().Where(member => !member.NameEquals("type"u8)))
                    member.WriteTo(writer);
            }
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return JsonElement.Parse(buffer.WrittenSpan, new JsonDocumentOptions { MaxDepth = JsonDepth.Most });
    }

    // A schema that only lacks the type says the rest: properties, alternatives.
    private static bool AllowsObjects(JsonElement schema) => schema.ValueKind == JsonValueKind.Object
        && (!schema.TryGetProperty("type"u8, out var type)
            || (type.ValueKind == JsonValueKind.Array
                && type.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.ValueEquals("object"u8))));
}
