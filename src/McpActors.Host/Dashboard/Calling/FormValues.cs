using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Host.Presentation;

namespace McpActors.Host.Dashboard.Calling;

/// <summary>
/// The values in the fields of a form, as text, and the arguments made of them. Arguments that were read from JSON and have no field are
/// kept. Belongs to one page.
/// </summary>
public sealed class FormValues
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private JsonObject _others = [];

    /// <summary>The text of a field; empty if nothing was entered. The text of a flag is <c>true</c> or <c>false</c>.</summary>
    public string this[FormField field]
    {
        get => _texts.GetValueOrDefault(field.Path, "");
        set => _texts[field.Path] = value;
    }

    /// <summary>The arguments of the fields, or the problems by the path of the field.</summary>
    public (JsonObject? Arguments, IReadOnlyDictionary<string, string> Problems) Build(IReadOnlyList<FormField> fields)
    {
        var problems = new Dictionary<string, string>(StringComparer.Ordinal);
        var arguments = _others.DeepClone().AsObject();
        Fill(arguments, fields, problems);
        return problems.Count == 0 ? (arguments, problems) : (null, problems);
    }

    /// <summary>The arguments, as far as they are valid.</summary>
    public JsonObject Draft(IReadOnlyList<FormField> fields)
    {
        var arguments = _others.DeepClone().AsObject();
        Fill(arguments, fields, []);
        return arguments;
    }

    /// <summary>Reads the fields from arguments that were entered as JSON.</summary>
    public void Load(IReadOnlyList<FormField> fields, JsonObject arguments)
    {
        _texts.Clear();
        _others = arguments.DeepClone().AsObject();
        Take(fields, _others);
    }

    /// <summary>Indented JSON.</summary>
    public static string Write(JsonNode arguments) => ReadableJson.Indent(arguments);

    /// <summary>A choice or a default as its text.</summary>
    public static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private void Fill(JsonObject target, IReadOnlyList<FormField> fields, Dictionary<string, string> problems)
    {
        foreach (var field in fields)
        {
            if (field.Kind == FieldKind.Group)
                FillGroup(target, field, problems);
            else if (this[field] is { Length: > 0 } text)
                Set(target, field, text, problems);
            else if (field is { Required: true, Kind: FieldKind.Flag })
                target[field.Name] = false;
            else if (field.Required)
                problems[field.Path] = "This field is required.";
        }
    }

    private void FillGroup(JsonObject target, FormField group, Dictionary<string, string> problems)
    {
        var inner = target[group.Name] as JsonObject ?? [];
        // The required fields of an object are required only if the object itself is, or if one of its fields has a value.
        var isNeeded = group.Required || inner.Count > 0 || HasText(group);
        if (!isNeeded)
            return;
        Fill(inner, group.Fields, problems);
        if (inner.Parent is null)
            target[group.Name] = inner;
    }

    private bool HasText(FormField field) => field.Kind == FieldKind.Group ? field.Fields.Any(HasText) : this[field].Length > 0;

    private static void Set(JsonObject target, FormField field, string text, Dictionary<string, string> problems)
    {
        try
        {
            target[field.Name] = field.Kind switch
            {
                FieldKind.Text => JsonValue.Create(text),
                FieldKind.Flag => JsonValue.Create(text == "true"),
                FieldKind.WholeNumber or FieldKind.Number => Number(field.Kind, text, field.Minimum, field.Maximum),
                FieldKind.Choice => Chosen(field, text),
                FieldKind.Lines => new JsonArray([.. Lines(text).Select(line => ListItem(field.ItemKind, line))]),
                _ => JsonNode.Parse(text),
            };
        }
        catch (JsonException e)
        {
            problems[field.Path] = $"This is not valid JSON ({e.Position()}).";
        }
        catch (FormatException e)
        {
            problems[field.Path] = e.Message;
        }
    }

    private static JsonNode ListItem(FieldKind kind, string line) =>
        kind == FieldKind.Text ? JsonValue.Create(line) : Number(kind, line, null, null);

    private static JsonNode Number(FieldKind kind, string text, double? minimum, double? maximum)
    {
        // The digits are kept as entered: an id of 20 digits is not rounded.
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
            throw new FormatException($"'{text}' is not a number.");
        if (kind == FieldKind.WholeNumber && value != Math.Floor(value))
            throw new FormatException("Enter a whole number.");
        if (value < minimum)
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"Enter at least {minimum}."));
        if (value > maximum)
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"Enter at most {maximum}."));
        try
        {
            return JsonNode.Parse(text.Trim())!;
        }
        catch (JsonException)
        {
            // '+1' and '.5' are not numbers in JSON.
            return JsonValue.Create(value);
        }
    }

    private static JsonNode? Chosen(FormField field, string text)
    {
        foreach (var choice in field.Choices)
        {
            if (Text(choice) == text)
                return JsonNode.Parse(choice.GetRawText(), documentOptions: new JsonDocumentOptions { MaxDepth = JsonDepth.Most });
        }

        throw new FormatException($"'{text}' is not one of the choices.");
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private void Take(IReadOnlyList<FormField> fields, JsonObject from)
    {
        foreach (var field in fields)
        {
            if (!from.TryGetPropertyValue(field.Name, out var value) || value is null)
                continue;
            if (field.Kind == FieldKind.Group)
            {
                if (value is not JsonObject inner)
                    continue;
                Take(field.Fields, inner);
                if (inner.Count == 0)
                    from.Remove(field.Name);
                continue;
            }

            if (Entered(field, value) is not { } text)
                continue;
            this[field] = text;
            from.Remove(field.Name);
        }
    }

    /// <summary>The text that results in this value; null when there is none, and the value is then kept as it is.</summary>
    private static string? Entered(FormField field, JsonNode value) => (field.Kind, value.GetValueKind()) switch
    {
        (FieldKind.Json, _) => Write(value),
        (FieldKind.Text or FieldKind.Choice, JsonValueKind.String) => value.GetValue<string>(),
        (FieldKind.Choice, JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False) => value.ToJsonString(),
        (FieldKind.WholeNumber or FieldKind.Number, JsonValueKind.Number) => value.ToJsonString(),
        (FieldKind.Flag, JsonValueKind.True) => "true",
        (FieldKind.Flag, JsonValueKind.False) => "false",
        (FieldKind.Lines, JsonValueKind.Array) when value.AsArray().All(item => IsLine(field, item)) =>
            string.Join('\n', value.AsArray().Select(Line)),
        _ => null,
    };

    private static string Line(JsonNode? item) =>
        item!.GetValueKind() == JsonValueKind.String ? item.GetValue<string>() : item.ToJsonString();

    private static bool IsLine(FormField field, JsonNode? item) => (field.ItemKind, item?.GetValueKind()) switch
    {
        (FieldKind.Text, JsonValueKind.String) => IsLine(item!.GetValue<string>()),
        (FieldKind.WholeNumber or FieldKind.Number, JsonValueKind.Number) => true,
        _ => false,
    };

    private static bool IsLine(string text) => text.Trim() == text && text.Length > 0 && !text.Contains('\n', StringComparison.Ordinal);
}
