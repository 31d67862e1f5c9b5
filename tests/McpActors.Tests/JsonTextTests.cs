using System.Text;
using System.Text.Json;
using CsCheck;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests;

/// <summary>The size of JSON, as it would be written without needless escapes.</summary>
public sealed class JsonTextTests
{
    [Theory]
    [InlineData("""{"a":1}""", 7)]
    [InlineData("\"\\u4e2d\"", 5)]
    [InlineData("\"中\"", 5)]
    [InlineData("\"\\ud83d\\ude42\"", 6)]
    [InlineData("\"\\u00e4\\u003c\"", 5)]
    [InlineData("\"\\u0022\\u005C\\u000a\"", 8)]
    [InlineData("\"\\u0001\\n\\\"\\\\u4e2d\"", 19)]
    [InlineData("\"\\ud800\\ud83d\\ude42\"", 9)]
    public void Escapes_that_JSON_does_not_need_do_not_count(string json, int size) =>
        Assert.Equal(size, JsonText.SizeOf(JsonElement.Parse(json)));

    [Theory]
    [InlineData("\"\\u4e2d\"", 4, true)]
    [InlineData("\"\\u4e2d\"", 5, false)]
    [InlineData("\"\\u4e2d\"", 8, false)]
    [InlineData("\"ab\"", 3, true)]
    [InlineData("\"ab\"", 4, false)]
    public void A_text_is_larger_than_a_limit_without_the_escapes_that_it_does_not_need(string json, long limit, bool isLarger) =>
        Assert.Equal(isLarger, JsonText.IsLarger(JsonElement.Parse(json), limit));

    [Fact]
    public void A_text_has_one_size_in_every_form() => Property.Holds(Gen.String, text =>
    {
        if (!IsWhole(text))
            return;
        // The default escapes all but ASCII; of ASCII it escapes what HTML gives a meaning.
        var escaped = JsonSerializer.SerializeToElement(text);
        var plain = new StringBuilder("\"");
        foreach (var character in text)
        {
            plain.Append(character is '"' or '\\' or < ' '
                ? JsonSerializer.Serialize($"{character}")[1..^1].Replace("\\u0022", "\\\"", StringComparison.Ordinal)
                : $"{character}");
        }
        Assert.Equal(Encoding.UTF8.GetByteCount(plain.Append('"').ToString()), JsonText.SizeOf(escaped));
    });

    private static bool IsWhole(string text) => !Utf16.HasHalfPair(text);
}
