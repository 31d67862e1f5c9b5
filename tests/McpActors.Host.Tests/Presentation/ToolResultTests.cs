using System.Text.Json;
using McpActors.Host.Presentation;

namespace McpActors.Host.Tests.Presentation;

public class ToolResultTests
{
    [Theory]
    [InlineData("""{ "type": "text", "text": "a" }""", "Text a - - - -")]
    [InlineData("""{ "type": "text" }""", "Text  - - - -")]
    [InlineData("""{ "type": "image", "data": "AAAA", "mimeType": "image/png" }""", "Image - AAAA image/png - -")]
    [InlineData("""{ "type": "audio", "data": 1 }""", "Audio - - - - -")]
    [InlineData("""{ "type": "resource_link", "uri": "a:b", "name": "n" }""", "Link - - - a:b n")]
    [InlineData("""{ "type": "resource_link", "uri": "a:b", "name": "n", "title": "t" }""", "Link - - - a:b t")]
    [InlineData("""{ "type": "resource", "resource": { "uri": "a:b", "text": "x" } }""", "Resource x - - a:b -")]
    [InlineData("""{ "type": "resource", "resource": { "uri": "a:b", "blob": "AA==", "mimeType": "a/b" } }""", "Resource - AA== a/b a:b -")]
    [InlineData("""{ "type": "resource" }""", "Resource - - - - -")]
    [InlineData("""{ "type": "novelty" }""", "Unknown - - - - -")]
    [InlineData("1", "Unknown - - - - -")]
    public void Reads_each_kind_of_block(string json, string expected)
    {
        var block = ResultBlock.Read(JsonElement.Parse(json));

        Assert.Equal(
            expected,
            $"{block.Kind} {block.Text ?? "-"} {block.Data ?? "-"} {block.MimeType ?? "-"} {block.Uri ?? "-"} {block.Title ?? "-"}");
    }

    [Theory]
    [InlineData("""{ "content": [{}, {}], "isError": true }""", true, 2, false)]
    [InlineData("""{ "content": [], "structuredContent": {} }""", false, 0, true)]
    [InlineData("""{ "tools": [] }""", false, null, false)]
    [InlineData("""{ "content": "text", "isError": "true" }""", false, null, false)]
    public void Reads_a_result(string json, bool isError, int? blocks, bool isStructured)
    {
        var result = ToolResult.Read(JsonElement.Parse(json));

        Assert.Equal((isError, blocks, isStructured), (result.IsError, result.Blocks?.Count, result.Structured is not null));
    }
}
