using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Host.Dashboard.Calling;

namespace McpActors.Host.Tests.Dashboard;

public class FormValuesTests
{
    private const string Schema = """
        {
          "required": ["name", "sure"],
          "properties": {
            "name": { "type": "string" },
            "sure": { "type": "boolean" },
            "count": { "type": "integer", "minimum": 0, "maximum": 10 },
            "share": { "type": "number" },
            "level": { "enum": [1, 2, "high"] },
            "ids": { "type": "array", "items": { "type": "integer" } },
            "any": {},
            "to": { "type": "object", "required": ["city"], "properties": { "city": { "type": "string" }, "zip": { "type": "string" } } }
          }
        }
        """;

    private readonly IReadOnlyList<FormField> _fields = ToolSchema.Fields(JsonElement.Parse(Schema));
    private readonly FormValues _values = new();

    [Fact]
    public void Empty_fields_are_not_sent_except_a_required_flag()
    {
        Enter("name", "x");

        Assert.Equal("""{"name":"x","sure":false}""", Built());
    }

    [Fact]
    public void Each_value_is_sent_in_its_type()
    {
        (string, string)[] entries =
        [
            ("name", "x"), ("sure", "true"), ("count", "7"), ("share", "0.50"), ("level", "2"),
            ("ids", "1\n 2 \n\n3"), ("any", """{"a":[1]}"""), ("to.city", "Utrecht"),
        ];
        foreach (var (path, text) in entries)
            Enter(path, text);

        Assert.Equal(
            """{"name":"x","sure":true,"count":7,"share":0.50,"level":2,"ids":[1,2,3],"any":{"a":[1]},"to":{"city":"Utrecht"}}""", Built());
    }

    [Fact]
    public void A_long_number_is_not_rounded()
    {
        Enter("name", "x");
        Enter("share", "12345678901234567890");

        Assert.Contains("12345678901234567890", Built(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name", "", "This field is required.")]
    [InlineData("count", "many", "'many' is not a number.")]
    [InlineData("count", "1.5", "Enter a whole number.")]
    [InlineData("count", "-1", "Enter at least 0.")]
    [InlineData("count", "11", "Enter at most 10.")]
    [InlineData("share", "1e999", "'1e999' is not a number.")]
    [InlineData("level", "3", "'3' is not one of the choices.")]
    [InlineData("ids", "1\nx", "'x' is not a number.")]
    [InlineData("any", "{ a }", "This is not valid JSON (line 1, byte 3).")]
    [InlineData("to.zip", "3511", "This field is required.", "to.city")]
    public void A_problem_is_reported_at_its_field(string path, string text, string problem, string? at = null)
    {
        Enter("name", "x");
        Enter(path, text);

        var (arguments, problems) = _values.Build(_fields);

        Assert.Null(arguments);
        Assert.Equal([KeyValuePair.Create(at ?? path, problem)], problems);
    }

    [Fact]
    public void JSON_fills_the_fields_and_values_without_a_field_are_kept()
    {
        const string arguments =
            """
            {"name":"x","sure":true,"count":7,"level":"high","ids":[1,2],"any":[true],
            "to":{"city":"Utrecht","floor":3},"extra":{"deep":null}}
            """;

        _values.Load(_fields, JsonNode.Parse(arguments)!.AsObject());

        Assert.Equal(
            ("x", "true", "7", "high", "1\n2", "Utrecht"),
            (Entered("name"), Entered("sure"), Entered("count"), Entered("level"), Entered("ids"), Entered("to.city")));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(arguments), JsonNode.Parse(Built())));
    }

    [Fact]
    public void A_value_that_does_not_fit_its_field_is_sent_as_it_was_written()
    {
        const string arguments = """{"name":"x","sure":"perhaps","count":"seven"}""";

        _values.Load(_fields, JsonNode.Parse(arguments)!.AsObject());

        Assert.Equal("seven", _values.Draft(_fields)["count"]!.GetValue<string>());
    }

    private void Enter(string path, string text) => _values[Field(_fields, path)] = text;

    private string Entered(string path) => _values[Field(_fields, path)];

    private string Built()
    {
        var (arguments, problems) = _values.Build(_fields);
        Assert.Empty(problems);
        return arguments!.ToJsonString();
    }

    private static FormField Field(IEnumerable<FormField> fields, string path) =>
        fields.SelectMany(field => field.Fields.Append(field)).Single(field => field.Path == path);
}
