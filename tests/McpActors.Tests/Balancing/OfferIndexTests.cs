using McpActors.Balancing;
using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Balancing;

/// <summary>What some servers list, as their catalogues come and go.</summary>
public sealed class OfferIndexTests
{
    private readonly OfferIndex _index = new();

    [Fact]
    public void An_entry_is_known_as_long_as_one_server_lists_it()
    {
        var (first, second) = (Catalogues.WithTool("t"), Catalogues.WithTool("t"));
        _index.Replace(null, first);
        _index.Replace(null, second);
        Assert.True(_index.MayHave(Tool("t")));
        Assert.False(_index.MayHave(Tool("other")));
        Assert.False(_index.MayHave(new Offer("prompts/get", "t")));

        _index.Replace(first, Catalogues.WithTool("other"));
        Assert.True(_index.MayHave(Tool("t")) && _index.MayHave(Tool("other")));
        _index.Replace(second, null);
        Assert.False(_index.MayHave(Tool("t")));
    }

    [Fact]
    public void The_same_catalogue_again_counts_once()
    {
        var catalogue = Catalogues.WithTool("t");
        _index.Replace(null, catalogue);
        _index.Replace(catalogue, catalogue);
        _index.Replace(catalogue, null);

        Assert.False(_index.MayHave(Tool("t")));
    }

    [Fact]
    public void A_change_of_one_list_keeps_what_the_others_list()
    {
        var before = Catalogues.WithTool("t") with { Prompts = Catalogues.WithPrompt("p").Prompts };
        var after = before with { Prompts = Catalogues.WithPrompt("q").Prompts };
        _index.Replace(null, before);

        _index.Replace(before, after);
        Assert.True(_index.MayHave(Tool("t")) && _index.MayHave(new Offer("prompts/get", "q")));
        Assert.False(_index.MayHave(new Offer("prompts/get", "p")));
        _index.Replace(after, null);
        Assert.False(_index.MayHave(Tool("t")) || _index.MayHave(new Offer("prompts/get", "q")));
    }

    [Fact]
    public void A_resource_may_exist_as_long_as_one_server_has_templates()
    {
        var (first, second) = (Catalogues.WithTemplate("file:///{a}"), Catalogues.WithTemplate("file:///{a}"));
        var uri = new Offer("resources/read", "file:///x");
        _index.Replace(null, first);
        _index.Replace(null, second);

        _index.Replace(first, Catalogues.WithTool("t"));
        Assert.True(_index.MayHave(uri));
        _index.Replace(second, null);
        Assert.False(_index.MayHave(uri));
    }

    private static Offer Tool(string name) => new("tools/call", name);
}
