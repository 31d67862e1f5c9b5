using System.Text.Json;
using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Connections;

public sealed class InputSchemaTests
{
    [Theory]
    [InlineData("""{"name":"a"}""", """{"name":"a","inputSchema":{"type":"object"}}""")]
    [InlineData("""{"inputSchema":null,"name":"a"}""", """{"name":"a","inputSchema":{"type":"object"}}""")]
    [InlineData("""{"name":"a","inputSchema":"none"}""", """{"name":"a","inputSchema":{"type":"object"}}""")]
    [InlineData("""{"name":"a","inputSchema":true}""", """{"name":"a","inputSchema":{"type":"object"}}""")]
    [InlineData("""{"name":"a","inputSchema":[]}""", """{"name":"a","inputSchema":{"type":"object"}}""")]
    [InlineData("""{"name":"a","inputSchema":{"type":"string"}}""", """{"name":"a","inputSchema":{"type":"object"}}""")]
    [InlineData("""{"name":"a","inputSchema":{"type":5}}""", """{"name":"a","inputSchema":{"type":"object"}}""")]
    [InlineData("""{"name":"a","inputSchema":{}}""", """{"name":"a","inputSchema":{"type":"object"}}""")]
    [InlineData("""{"name":"a","inputSchema":{"anyOf":[1.0]}}""", """{"name":"a","inputSchema":{"type":"object","anyOf":[1.0]}}""")]
    [InlineData("""{"inputSchema":{"type":["object","null"],"x":1}}""", """{"inputSchema":{"type":"object","x":1}}""")]
    public void A_schema_of_another_kind_is_mended(string definition, string mended) =>
        Assert.Equal(mended, InputSchema.Mend(JsonElement.Parse(definition)).GetRawText());

    [Fact]
    public void A_schema_of_an_object_stays_as_it_was_written()
    {
        const string Text = """{ "name": "a",  "inputSchema": {"properties": {"n": {"default": 1.50}}, "type": "object"} }""";
        Assert.Equal(Text, InputSchema.Mend(JsonElement.Parse(Text)).GetRawText());
    }
}
