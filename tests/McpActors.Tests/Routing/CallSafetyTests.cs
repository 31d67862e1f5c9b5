using Akka.Actor;
using McpActors.Balancing;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Routing;
using McpActors.Tests.Balancing;
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
    public void A_trusted_annotation_and_the_list_of_idempotent_tools_make_a_tool_safe()
    {
        Assert.True(IsSafe("tools/call", "read", marked: true));
        Assert.True(IsSafe("tools/call", "get_user", idempotentTools: "get_*"));
        Assert.False(IsSafe("tools/call", "set_user", idempotentTools: "get_*"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_callers_statement_overrides_everything(bool word)
    {
        Assert.Equal(word, IsSafe("tools/call", "read", vouched: word, marked: !word));
        Assert.Equal(word, IsSafe("resources/read", "file:///a", vouched: word));
    }

    [Fact]
    public void Annotations_count_only_where_they_are_trusted() =>
        Assert.False(IsSafe("tools/call", "read", marked: true, trusted: false));

    private static bool IsSafe(
        string method, string? name, bool? vouched = null, bool marked = false, bool trusted = true, string? idempotentTools = null)
    {
        NamePattern[] patterns = [];
        if (idempotentTools is not null && NamePattern.TryParse(idempotentTools, out var pattern, out _))
            patterns = [pattern];
        var request = new CallRequest(method, name, null, true);
        return CallSafety.IsSafeOn(Server(name, marked, trusted), request, vouched, new CallSafety(patterns).IsSafe(request, vouched));
    }

    private static ServerEntry Server(string? tool, bool marked, bool trusted)
    {
        var entry = new ServerEntry(new ServerSettings { Name = "a", TrustAnnotations = trusted }, ActorRefs.Nobody, 0);
        if (tool is not null)
            entry.Report = entry.Report with { Connection = new ConnectionReport { Catalogue = Catalogues.WithTool(tool, marked) } };
        return entry;
    }
}
