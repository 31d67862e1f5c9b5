using System.Text.Json;
using McpActors.Host.Presentation;

namespace McpActors.Host.Tests.Presentation;

public class ReadableJsonTests
{
    [Theory]
    [InlineData(1, true)]
    [InlineData(63, true)]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(512, false)]
    public void Deep_JSON_is_written_on_one_line(int levels, bool isOnLines)
    {
        var text = $"{new string('[', levels)}1{new string(']', levels)}";
        var json = JsonElement.Parse(text, new JsonDocumentOptions { MaxDepth = levels });

        var written = ReadableJson.Indent(json);

        Assert.Equal(isOnLines, written.Contains('\n', StringComparison.Ordinal));
        Assert.Equal(text, string.Concat(written.Where(c => !char.IsWhiteSpace(c))));
    }
}
