using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Configuration;

public sealed class NamePatternTests
{
    [Theory]
    [InlineData("read_*", "read_file", true)]
    [InlineData("read_*", "read_", true)]
    [InlineData("read_*", "Read_file", false)]
    [InlineData("read_*", "unread_file", false)]
    [InlineData("userService.*", "userService.get", true)]
    [InlineData("userService.*", "userServiceXget", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "anything/at all", true)]
    [InlineData("get?", "get1", true)]
    [InlineData("get?", "get", false)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*b*c", "a-b-c-d", false)]
    [InlineData("*file", "read_file", true)]
    [InlineData("read", "read", true)]
    [InlineData("read", "reader", false)]
    [InlineData("regex:^search", "search_web", true)]
    [InlineData("regex:^search", "research", false)]
    [InlineData("regex:web$", "search_web", true)]
    [InlineData("regex:[0-9]+", "a1b", true)]
    [InlineData("regex:Search", "search", false)]
    public void Matches_names(string pattern, string name, bool expected)
    {
        Assert.True(NamePattern.TryParse(pattern, out var compiled, out _));
        Assert.Equal(expected, compiled.Matches(name));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" ", "empty")]
    [InlineData("regex:", "nothing after regex:")]
    [InlineData("regex:(", "not a regular expression")]
    [InlineData("regex:(a)\\1", "back-reference")]
    [InlineData("regex:a(?=b)", "lookahead")]
    [InlineData("^search", "write regex: before it")]
    [InlineData("read_[a-z]*", "write regex: before it")]
    public void A_problem_of_a_pattern_is_described(string pattern, string message)
    {
        Assert.False(NamePattern.TryParse(pattern, out var compiled, out var problem));
        Assert.Contains(message, problem, StringComparison.Ordinal);
        Assert.False(compiled.Matches("search"));
    }

    [Fact]
    public void A_hostile_name_takes_no_longer_than_its_length_allows()
    {
        Assert.True(NamePattern.TryParse("regex:^(a+)+$", out var regex, out _));
        Assert.True(NamePattern.TryParse("*a*a*a*a*a*a*a*a*b", out var glob, out _));
        var name = new string('a', 20_000) + "!";

        Assert.False(regex.Matches(name));
        Assert.False(glob.Matches(name));
    }
}
