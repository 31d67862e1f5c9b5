using System.Text.Json;
using McpActors.Host.Presentation;

namespace McpActors.Host.Dashboard.Calling;

/// <summary>
/// Makes a form from the JSON schema of a tool. Simple values have fields of their own, all others a field for JSON. The form is only an
/// aid: the server decides which arguments are valid. Pure.
/// </summary>
public static class ToolSchema
{
    /// <summary>The depth to which objects are shown as groups of fields; a schema may contain itself.</summary>
    private const int Depth = 3;

    /// <summary>The fields of the arguments, the required ones first; empty when the schema names none.</summary>
    public static IReadOnlyList<FormField> Fields(JsonElement schema) => Properties(schema, schema, "", Depth);

    private static List<FormField> Properties(JsonElement root, JsonElement schema, string path, int depth)
    {
        schema = Resolve(root, schema);
        if (schema.Find("properties") is not { ValueKind: JsonValueKind.Object } properties)
            return [];
        var required = schema.Items("required").Where(IsText).Select(name => name.GetString()!).ToHashSet(StringComparer.Ordinal);
        return [.. properties.EnumerateObject()
            .Select(property => Field(root, property.Value, property.Name, path, required.Contains(property.Name), depth))
            .OrderBy(field => !field.Required)];
    }

    private static FormField Field(JsonElement root, JsonElement written, string name, string parent, bool required, int depth)
    {
        var schema = Resolve(root, written);
        var path = parent.Length == 0 ? name : $"{parent}.{name}";
        var field = new FormField
        {
            Name = name,
            Path = path,
            Kind = FieldKind.Json,
            Label = written.Text("title") ?? name,
            Description = written.Text("description") ?? schema.Text("description"),
            Required = required,
            Default = (written.Find("default") ?? schema.Find("default")) is { ValueKind: not JsonValueKind.Null } value ? value : null,
            Minimum = Number(schema, "minimum"),
            Maximum = Number(schema, "maximum"),
            MaxLength = (int?)Number(schema, "maxLength"),
        };
        var choices = Choices(schema);
        if (choices.Count > 0)
            return field with { Kind = FieldKind.Choice, Choices = choices };

        return Type(schema) switch
        {
            "string" => field with { Kind = FieldKind.Text },
            "integer" => field with { Kind = FieldKind.WholeNumber },
            "number" => field with { Kind = FieldKind.Number },
            "boolean" => field with { Kind = FieldKind.Flag },
            "array" when ItemKind(root, schema) is { } kind => field with { Kind = FieldKind.Lines, ItemKind = kind },
            "object" when depth > 0 && Properties(root, schema, path, depth - 1) is { Count: > 0 } fields =>
                field with { Kind = FieldKind.Group, Fields = fields },
            _ => field,
        };
    }

    private static IReadOnlyList<JsonElement> Choices(JsonElement schema)
    {
        if (schema.Find("const") is { } only)
            return [only];
        var listed = schema.Items("enum");
        if (listed.Count == 0)
            listed = [.. schema.Items("oneOf").Concat(schema.Items("anyOf")).Select(option => option.Find("const")).OfType<JsonElement>()];
        return [.. listed.Where(value => value.ValueKind is not JsonValueKind.Null)];
    }

    private static FieldKind? ItemKind(JsonElement root, JsonElement schema) =>
        schema.Find("items") is not { ValueKind: JsonValueKind.Object } items ? null
        : Type(Resolve(root, items)) switch
        {
            "string" => FieldKind.Text,
            "integer" => FieldKind.WholeNumber,
            "number" => FieldKind.Number,
            _ => null,
        };

    /// <summary>The only type beside null; null when there are several or none.</summary>
    private static string? Type(JsonElement schema)
    {
        string[] types = schema.Find("type") switch
        {
            { ValueKind: JsonValueKind.String } one => [one.GetString()!],
            { ValueKind: JsonValueKind.Array } several => [.. several.EnumerateArray().Where(IsText).Select(type => type.GetString()!)],
            _ => [],
        };
        return types.Where(type => type != "null").ToArray() is [var type] ? type : null;
    }

    /// <summary>Follows references within the schema, and choices between one type and null.</summary>
    private static JsonElement Resolve(JsonElement root, JsonElement schema)
    {
        for (var step = 0; step < 16; step++)
        {
            if (schema.Text("$ref") is { } reference)
            {
                if (Follow(root, reference) is not { } target)
                    return schema;
                schema = target;
                continue;
            }

            JsonElement[] options = [.. schema.Items("anyOf").Concat(schema.Items("oneOf")).Where(option => option.Text("type") != "null")];
            var isChoice = options.Length == 1 && options[0].Find("const") is null;
            if (!isChoice)
                return schema;
            schema = options[0];
        }

        return schema;
    }

    private static JsonElement? Follow(JsonElement root, string reference)
    {
        if (!reference.StartsWith('#'))
            return null;
        JsonElement? place = root;
        foreach (var part in reference[1..].Split('/', StringSplitOptions.RemoveEmptyEntries))
            place = place is { } at ? at.Find(Unescape(part)) : null;
        return place;
    }

    private static string Unescape(string part) =>
        Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    private static bool IsText(JsonElement value) => value.ValueKind == JsonValueKind.String;

    private static double? Number(JsonElement schema, string name) =>
        schema.Find(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var value) ? value : null;
}
