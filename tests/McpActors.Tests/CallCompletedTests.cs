using System.Text.Json;
using Xunit;

namespace McpActors.Tests;

/// <summary>The parts of a result that callers need most.</summary>
public sealed class CallCompletedTests
{
    [Theory]
    [InlineData("""{"content":[{"type":"text","text":"a"},{"type":"image","data":""},{"type":"text","text":"b"}]}""", "a\nb")]
    [InlineData("""{"contents":[{"uri":"file:///x","text":"a"}]}""", "a")]
    [InlineData("""{"messages":[{"role":"user","content":{"type":"text","text":"a"}}]}""", "a")]
    [InlineData("""{"content":[1,null,{"text":5}]}""", "")]
    [InlineData("""{"content":"a"}""", "")]
    [InlineData("[]", "")]
    [InlineData("{}", "")]
    [InlineData(@"{""content"":[{""type"":""text"",""text"":""a\ud800\n\""b\\\u00e9""}]}", "a\uFFFD\n\"b\\\u00e9")]
    [InlineData(@"{""content"":[{""type"":""text"",""text"":""\ud83d\ude00 \udc00""}]}", "\U0001F600 \uFFFD")]
    [InlineData("""{"content":[{"type":"thinking","text":"hidden"}]}""", "")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]}""", "a\nb")]
    public void Text_is_that_of_every_text_block(string result, string text) => Assert.Equal(text, Completed(result).Text);

    [Theory]
    [InlineData("""{"isError":true}""", true)]
    [InlineData("""{"isError":false}""", false)]
    [InlineData("""{"isError":"true"}""", false)]
    [InlineData("{}", false)]
    public void An_error_of_the_tool_is_known(string result, bool isError) => Assert.Equal(isError, Completed(result).IsError);

    [Theory]
    [InlineData("""{"structuredContent":{"a":1}}""", """{"a":1}""")]
    [InlineData("""{"structuredContent":null}""", null)]
    [InlineData("{}", null)]
    public void Structured_content_is_as_the_server_sent_it(string result, string? content) =>
        Assert.Equal(content, Completed(result).StructuredContent?.GetRawText());

    private static CallCompleted Completed(string result) => new(JsonDocument.Parse(result).RootElement, "s", [], TimeSpan.Zero);
}
