using System.Text.Json;

namespace McpActors.Host.Dashboard.Calling;

/// <summary>The input for a value.</summary>
public enum FieldKind
{
    /// <summary>A line of text.</summary>
    Text,

    /// <summary>A whole number.</summary>
    WholeNumber,

    /// <summary>Any number.</summary>
    Number,

    /// <summary>Yes or no.</summary>
    Flag,

    /// <summary>One of <see cref="FormField.Choices"/>.</summary>
    Choice,

    /// <summary>A list of values of <see cref="FormField.ItemKind"/>, one on each line.</summary>
    Lines,

    /// <summary>An object with <see cref="FormField.Fields"/>.</summary>
    Group,

    /// <summary>Any other value, as JSON.</summary>
    Json,
}

/// <summary>One argument of a tool.</summary>
public sealed record FormField
{
    /// <summary>The name of the property.</summary>
    public required string Name { get; init; }

    /// <summary>The names from the outermost object to it, separated by dots: unique in a form.</summary>
    public required string Path { get; init; }

    /// <summary>Its input.</summary>
    public required FieldKind Kind { get; init; }

    /// <summary>Its label: the title in the schema, else the name.</summary>
    public required string Label { get; init; }

    /// <summary>Its description in the schema.</summary>
    public string? Description { get; init; }

    /// <summary>Whether it is required.</summary>
    public bool Required { get; init; }

    /// <summary>The default value in the schema.</summary>
    public JsonElement? Default { get; init; }

    /// <summary>The values to choose from.</summary>
    public IReadOnlyList<JsonElement> Choices { get; init; } = [];

    /// <summary>The kind of each of <see cref="FieldKind.Lines"/>: text, integer or number.</summary>
    public FieldKind ItemKind { get; init; }

    /// <summary>The smallest number.</summary>
    public double? Minimum { get; init; }

    /// <summary>The largest number.</summary>
    public double? Maximum { get; init; }

    /// <summary>The most characters.</summary>
    public int? MaxLength { get; init; }

    /// <summary>The fields of a group.</summary>
    public IReadOnlyList<FormField> Fields { get; init; } = [];
}
