using System.Text.Json;
using McpActors.Configuration.Imports;
using Xunit;

namespace McpActors.Tests.Configuration.Imports;

/// <summary>The small texts of other programs: <c>.env</c> files, command lines, time limits.</summary>
public sealed class ImportTextTests
{
    [Theory]
    [InlineData("A=1", "1")]
    [InlineData("export A=1", "1")]
    [InlineData("  A = 1  ", "1")]
    [InlineData("A=", "")]
    [InlineData("A=x=y", "x=y")]
    [InlineData("A='a # b'", "a # b")]
    [InlineData("A=\"a\\nb \\\"c\\\" $\"", "a\nb \"c\" $")]
    [InlineData("A='\\n'", "\\n")]
    [InlineData("A=a#b # comment", "a#b")]
    [InlineData("A=\"x\" # comment", "x")]
    [InlineData("A='open", "'open")]
    [InlineData("\r\n# A=2\r\nA=1\r\nno line\r\n=x\r\n", "1")]
    [InlineData("A=0\nA=1", "1")]
    [InlineData("A=\"one\r\ntwo\"\n", "one\ntwo")]
    [InlineData("A='one\ntwo' # comment\n", "one\ntwo")]
    [InlineData("A=\"one\n# \\\"two\\\"\nB=3\"", "one\n# \"two\"\nB=3")]
    public void The_lines_of_an_env_file(string text, string expected)
    {
        var variables = DotEnv.Parse(text);

        Assert.Equal([KeyValuePair.Create("A", expected)], variables);
    }

    [Fact]
    public void A_quote_that_is_not_closed_takes_no_other_lines() => Assert.Equal(
        [KeyValuePair.Create("A", "'open"), KeyValuePair.Create("B", "it's"), KeyValuePair.Create("C", "x")],
        DotEnv.Parse("A='open\nB=it's\nC='x'"));

    [Theory]
    [InlineData("npx -y pkg", "npx|-y|pkg")]
    [InlineData("${A:-x y} ${B} z", "${A:-x y}|${B}|z")]
    [InlineData("${A x", "${A|x")]
    [InlineData("  a   b ", "a|b")]
    [InlineData("sh -c \"echo 'x y'\"", "sh|-c|echo 'x y'")]
    [InlineData("a 'b \"c\"' d", "a|b \"c\"|d")]
    [InlineData("a \\\"b\\\" c\\ d", "a|\"b\"|c d")]
    [InlineData("a \"\" b", "a||b")]
    [InlineData("a \"not closed", "")]
    public void The_words_of_a_command_line(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', CommandLineText.Split(text)));

    [Theory]
    // Gemini CLI, Claude Code, opencode and LibreChat write milliseconds; Cline, Roo Code and Comate seconds.
    [InlineData("timeout", "600000", "httpurl", 600d)]
    [InlineData("timeout", "900", "trust", 0.9)]
    [InlineData("timeout", "60", "disabled", 60d)]
    [InlineData("timeout", "3600", "autoapprove", 3600d)]
    [InlineData("timeout", "1800", "alwaysallow", 1800d)]
    [InlineData("timeout", "60000", "command", 60d)]
    [InlineData("timeout", "60000000", "autoapprove", 60_000d)]
    [InlineData("timeout", "5000", "environment", 5d)]
    [InlineData("timeout", "\"120\"", "command", 120d)]
    [InlineData("timeout", "\"2m\"", "command", 120d)]
    [InlineData("tooltimeoutsec", "5000", "command", 5000d)]
    [InlineData("timeoutms", "500", "command", 0.5)]
    [InlineData("timeout", "0", "command", null)]
    [InlineData("timeoutsec", "930000000000", "command", null)]
    [InlineData("timeoutms", "930000000000", "command", 930_000_000d)]
    [InlineData("timeout", "-5", "command", null)]
    [InlineData("timeout", "true", "command", null)]
    [InlineData("timeout", "{}", "command", null)]
    public void A_time_limit_in_the_unit_of_its_client(string key, string value, string beside, double? seconds) =>
        Assert.Equal(seconds, ClientTimeout.Of(key, JsonElement.Parse(value), [key, beside])?.TotalSeconds);
}
