using System.Text.Json;

namespace McpActors.Host.Dashboard.Calling;

/// <summary>How a value is entered.</summary>
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

    /// <summary>Several values of <see cref="FormField.ItemKind"/>, one on each line.</summary>
    Lines,

    /// <summary>An object with <see cref="FormField.Fields"/>.</summary>
    Group,

    /// <summary>Anything else, written as JSON.</summary>
    Json,
}

/// <summary>One value that a tool asks for.</summary>
public sealed record FormField
{
    /// <summary>The name of the property.</summary>
    public required string Name { get; init; }

    /// <summary>The names from the outermost object to it, separated by dots: unique in a form.</summary>
    public required string Path { get; init; }

    /// <summary>How it is entered.</summary>
    public required FieldKind Kind { get; init; }

    /// <summary>What stands on it: the schema's title, else the name.</summary>
    public required string Label { get; init; }

    /// <summary>What the schema says of it.</summary>
    public string? Description { get; init; }

    /// <summary>Whether it must be given.</summary>
    public bool Required { get; init; }

    /// <summary>What the tool takes when it is not given.</summary>
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
