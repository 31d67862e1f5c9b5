using Xunit;

namespace McpActors.Tests;

public sealed class ShortTextTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("", "")]
    [InlineData("abcd", "abcd")]
    [InlineData("abcde", "abc…")]
    [InlineData("ab\ud83d\ude00cd", "ab…")]
    [InlineData("a\ud83d\ude00cd", "a\ud83d\ude00…")]
    public void A_long_text_is_cut_between_characters(string? text, string? expected) => Assert.Equal(expected, ShortText.Of(text, 4));
}
