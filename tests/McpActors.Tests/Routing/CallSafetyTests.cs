using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Routing;
using Xunit;

namespace McpActors.Tests.Routing;

public sealed class CallSafetyTests
{
    [Theory]
    [InlineData("tools/list", null, true)]
    [InlineData("resources/list", null, true)]
    [InlineData("resources/templates/list", null, true)]
    [InlineData("resources/read", "file:///a", true)]
    [InlineData("prompts/get", "p", true)]
    [InlineData("completion/complete", null, true)]
    [InlineData("ping", null, true)]
    [InlineData("server/discover", null, true)]
    [InlineData("tools/call", "pay", false)]
    [InlineData("resources/subscribe", null, false)]
    [InlineData("vendor/anything", null, false)]
    public void Reads_by_protocol_are_safe_and_nothing_else_is(string method, string? name, bool safe) =>
        Assert.Equal(safe, IsSafe(method, name));

    [Fact]
    public void A_trusted_mark_and_the_operators_list_make_a_tool_safe()
    {
        Assert.True(IsSafe("tools/call", "read", marked: true));
        Assert.True(IsSafe("tools/call", "get_user", idempotentTools: "get_*"));
        Assert.False(IsSafe("tools/call", "set_user", idempotentTools: "get_*"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_callers_word_goes_before_everything(bool word)
    {
        Assert.Equal(word, IsSafe("tools/call", "read", vouched: word, marked: !word));
        Assert.Equal(word, IsSafe("resources/read", "file:///a", vouched: word));
    }

    private static bool IsSafe(string method, string? name, bool? vouched = null, bool marked = false, string? idempotentTools = null)
    {
        NamePattern[] patterns = [];
        if (idempotentTools is not null && NamePattern.TryParse(idempotentTools, out var pattern, out _))
            patterns = [pattern];
        return new CallSafety(patterns).IsSafe(new CallRequest(method, name, null, true), vouched, marked);
    }
}
