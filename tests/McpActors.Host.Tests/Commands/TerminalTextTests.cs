using System.Text.Json;
using McpActors.Host.Commands;

namespace McpActors.Host.Tests.Commands;

public class TerminalTextTests
{
    [Theory]
    [InlineData("plain ä 漢 👍🏽", "plain ä 漢 👍🏽")]
    [InlineData("\u001b]0;title\u0007", @"\u001b]0;title\u0007")]
    [InlineData("\u009b2J", @"\u009b2J")]
    [InlineData("a\r\n\tb\u2028c", "a b c")]
    [InlineData("\u202egnp.exe", @"\u202egnp.exe")]
    [InlineData("a\u0008\u007f", @"a\u0008\u007f")]
    public void A_line_holds_nothing_that_a_terminal_obeys(string text, string line) => Assert.Equal(line, TerminalText.Line(text));

    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdefg", 6, "abcde…")]
    [InlineData("abcd👍xyz", 6, "abcd…")]
    public void A_long_line_is_cut_between_characters(string text, int longest, string line) =>
        Assert.Equal(line, TerminalText.Line(text, longest));

    [Fact]
    public void Lines_keep_their_breaks_and_tabs() => Assert.Equal("a\n\tb\nc\\u001b[1m", TerminalText.Lines("a\r\n\tb\rc\u001b[1m"));

    [Fact]
    public void Json_means_the_same_and_holds_nothing_that_a_terminal_obeys()
    {
        const string text = "\u007f\u009b\u202e\u2028\u001b漢";
        var json = $"{{\t\"a\":\r\n \"{text.Replace("\u001b", "\\u001b", StringComparison.Ordinal)}\"}}";

        var safe = TerminalText.Json(json);

        Assert.DoesNotContain(safe, c => c != '\n' && (char.IsControl(c) || c is '\u202e' or '\u2028'));
        using var document = JsonDocument.Parse(safe);
        Assert.Equal(text, document.RootElement.GetProperty("a").GetString());
    }
}
