using System.Text.Json;
using McpActors.Host.Dashboard.Calling;

namespace McpActors.Host.Tests.Dashboard;

public class ToolSchemaTests
{
    [Theory]
    [InlineData("""{ "type": "string" }""", FieldKind.Text)]
    [InlineData("""{ "type": "integer" }""", FieldKind.WholeNumber)]
    [InlineData("""{ "type": "number" }""", FieldKind.Number)]
    [InlineData("""{ "type": "boolean" }""", FieldKind.Flag)]
    [InlineData("""{ "type": ["string", "null"] }""", FieldKind.Text)]
    [InlineData("""{ "anyOf": [{ "type": "integer" }, { "type": "null" }] }""", FieldKind.WholeNumber)]
    [InlineData("""{ "enum": ["a", "b"] }""", FieldKind.Choice)]
    [InlineData("""{ "const": 1 }""", FieldKind.Choice)]
    [InlineData("""{ "oneOf": [{ "const": "a", "title": "A" }, { "const": "b" }] }""", FieldKind.Choice)]
    [InlineData("""{ "type": "array", "items": { "type": "number" } }""", FieldKind.Lines)]
    [InlineData("""{ "type": "array", "items": { "type": "object" } }""", FieldKind.Json)]
    [InlineData("""{ "type": "object", "properties": { "x": { "type": "string" } } }""", FieldKind.Group)]
    [InlineData("""{ "type": "object" }""", FieldKind.Json)]
    [InlineData("""{ "type": ["string", "integer"] }""", FieldKind.Json)]
    [InlineData("""{ "$ref": "#/$defs/colour" }""", FieldKind.Choice)]
    [InlineData("""{ "$ref": "https://elsewhere.example/schema" }""", FieldKind.Json)]
    [InlineData("""true""", FieldKind.Json)]
    public void Each_kind_of_value_has_its_field(string schema, FieldKind kind)
    {
        var field = Fields($$"""{ "properties": { "it": {{schema}} }, "$defs": { "colour": { "enum": ["red", "blue"] } } }""").Single();

        Assert.Equal(kind, field.Kind);
    }

    [Fact]
    public void A_field_has_the_properties_that_the_schema_gives_it()
    {
        var field = Fields("""
            {
              "properties": {
                "n": { "type": "integer", "title": "Number", "description": "How many.", "minimum": 1, "maximum": 9, "default": 3 }
              },
              "required": ["n"]
            }
            """).Single();

        Assert.Equal(("Number", "How many.", true, 1, 9), (field.Label, field.Description, field.Required, field.Minimum, field.Maximum));
        Assert.Equal("3", field.Default?.GetRawText());
    }

    [Fact]
    public void Texts_beside_a_reference_override_those_of_its_target()
    {
        var field = Fields("""
            { "properties": { "c": { "$ref": "#/$defs/Colour", "description": "Of the wall." } },
              "$defs": { "Colour": { "title": "Colour", "description": "A colour.", "enum": ["red"] } } }
            """).Single();

        Assert.Equal(("c", "Of the wall."), (field.Label, field.Description));
    }

    [Fact]
    public void Required_fields_come_first()
    {
        var fields = Fields("""{ "properties": { "a": {}, "b": {}, "c": {} }, "required": ["c", "b"] }""");

        Assert.Equal(["b", "c", "a"], fields.Select(field => field.Name));
    }

    [Fact]
    public void A_recursive_schema_ends_in_a_JSON_field()
    {
        var field = Fields("""
            {
              "properties": { "node": { "$ref": "#/$defs/node" } },
              "$defs": { "node": { "type": "object", "properties": { "next": { "$ref": "#/$defs/node" } } } }
            }
            """).Single();

        Assert.Equal("node.next.next", field.Fields[0].Fields[0].Path);
        Assert.Equal(FieldKind.Json, Deepest(field).Kind);
    }

    [Fact]
    public void Circular_references_end_in_a_JSON_field()
    {
        var field = Fields("""
            {
              "properties": { "a": { "$ref": "#/$defs/a" } },
              "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "$ref": "#/$defs/a" } }
            }
            """).Single();

        Assert.Equal(FieldKind.Json, field.Kind);
    }

    [Theory]
    [InlineData("""{ "type": "object" }""")]
    [InlineData("""[]""")]
    [InlineData("""{ "properties": [] }""")]
    public void A_tool_that_names_no_arguments_has_no_fields(string schema) => Assert.Empty(Fields(schema));

    private static FormField Deepest(FormField field) => field.Fields.Count == 0 ? field : Deepest(field.Fields[0]);

    private static IReadOnlyList<FormField> Fields(string schema) => ToolSchema.Fields(JsonElement.Parse(schema));
}
