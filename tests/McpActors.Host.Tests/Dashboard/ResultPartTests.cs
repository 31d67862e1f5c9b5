using System.Text.Json;
using McpActors.Host.Dashboard.Calling;

namespace McpActors.Host.Tests.Dashboard;

public class ResultPartTests
{
    [Theory]
    [InlineData("""{ "type": "text", "text": "hello" }""", ResultPartKind.Text, "hello")]
    [InlineData("""{ "type": "text", "text": "{\"a\":1}" }""", ResultPartKind.Json, "{\n  \"a\": 1\n}")]
    [InlineData("""{ "type": "text", "text": "{ not json" }""", ResultPartKind.Text, "{ not json")]
    [InlineData("""{ "type": "image", "mimeType": "image/png", "data": "AAAA" }""", ResultPartKind.Image, "data:image/png;base64,AAAA")]
    [InlineData("""{ "type": "audio", "mimeType": "audio/wav", "data": "AAAA" }""", ResultPartKind.Audio, "data:audio/wav;base64,AAAA")]
    [InlineData("""{ "type": "resource_link", "uri": "file:///a", "name": "a" }""", ResultPartKind.Text, "a\nfile:///a")]
    [InlineData("""{ "type": "resource", "resource": { "uri": "file:///a", "text": "inside" } }""", ResultPartKind.Text, "inside")]
    [InlineData(
        """{ "type": "resource", "resource": { "uri": "a:b", "mimeType": "image/gif", "blob": "AAAA" } }""",
        ResultPartKind.Image,
        "data:image/gif;base64,AAAA")]
    [InlineData(
        """{ "type": "resource", "resource": { "uri": "a:b", "mimeType": "application/zip", "blob": "AAAA" } }""",
        ResultPartKind.Note,
        "application/zip, 4 characters of base64")]
    [InlineData("""{ "type": "novelty", "x": 1 }""", ResultPartKind.Json, "{\n  \"type\": \"novelty\",\n  \"x\": 1\n}")]
    public void Each_kind_of_content_has_its_presentation(string block, ResultPartKind kind, string content)
    {
        var part = Parts($$"""{ "content": [{{block}}] }""").Single();

        Assert.Equal((kind, content), (part.Kind, part.Content));
    }

    [Theory]
    [InlineData(200_000, 10, ResultPart.MostParts)]
    [InlineData(1_000, 100_000, 2)]
    public void Many_parts_are_counted_and_not_shown(int blocks, int length, int shown)
    {
        var block = $$"""{ "type": "text", "text": "{{new string('x', length)}}" }""";

        var parts = Parts($$"""{ "content": [{{string.Join(',', Enumerable.Repeat(block, blocks))}}] }""").ToList();

        Assert.Equal(shown + 1, parts.Count);
        Assert.Equal(ResultPartKind.Note, parts[^1].Kind);
        Assert.StartsWith($"{blocks - shown:#,0} more parts are not shown", parts[^1].Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/html", "AAAA")]
    [InlineData("image/png;x,<script>", "AAAA")]
    [InlineData("image/png", "AAAA\\\" onload=")]
    public void Invalid_images_are_shown_as_notes(string mimeType, string data)
    {
        var part = Parts($$"""{ "content": [{ "type": "image", "mimeType": "{{mimeType}}", "data": "{{data}}" }] }""").Single();

        Assert.Equal(ResultPartKind.Note, part.Kind);
    }

    [Fact]
    public void Structured_content_that_is_also_written_as_text_is_shown_once()
    {
        var parts = Parts("""
            {
              "content": [{ "type": "text", "text": "{\"a\": 1}" }, { "type": "text", "text": "and this" }],
              "structuredContent": { "a": 1 }
            }
            """);

        Assert.Equal(
            [(ResultPartKind.Json, "{\n  \"a\": 1\n}"), (ResultPartKind.Text, "and this")],
            parts.Select(part => (part.Kind, part.Content)));
    }

    [Fact]
    public void A_result_without_content_is_shown_whole()
    {
        Assert.Equal("{\n  \"tools\": []\n}", Parts("""{ "tools": [] }""").Single().Content);
    }

    [Fact]
    public void Long_text_is_cut()
    {
        var part = Parts($$"""{ "content": [{ "type": "text", "text": "{{new string('x', ResultPart.MostText + 5)}}" }] }""").Single();

        Assert.EndsWith("… 5 more characters", part.Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "isError": true }""", true)]
    [InlineData("""{ "isError": false }""", false)]
    [InlineData("""{ }""", false)]
    public void Recognizes_an_error_of_the_tool(string result, bool isError) =>
        Assert.Equal(isError, ResultPart.IsError(JsonElement.Parse(result)));

    private static IReadOnlyList<ResultPart> Parts(string result) => ResultPart.Of(JsonElement.Parse(result));
}
