using System.Text.Json;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Tests.Balancing;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>The entries of all servers as one list, and as one list for each group.</summary>
public sealed class MergedCatalogueTests
{
    [Fact]
    public void A_name_of_two_groups_is_one_entry_of_the_pool_and_one_of_each_group()
    {
        var merged = MergedCatalogue.Of([Of("a", "left", Tool("search", 1)), Of("b", "right", Tool("search", 2))]);

        Assert.Equal(["a", "b"], Assert.Single(merged.Tools.Tools).Servers);
        Assert.Equal(["left", "right"], merged.Groups.Groups.Select(group => group.Group));
        Assert.Equal(["a"], Assert.Single(merged.Groups.Groups[0].Tools).Servers);
        Assert.Equal(["b"], Assert.Single(merged.Groups.Groups[1].Tools).Servers);
        Assert.Equal(2, VersionOf(merged.Groups.Groups[1].Tools[0]));
    }

    [Theory]
    [InlineData(new[] { 1, 2, 2 }, 2, new[] { "s0" })]
    [InlineData(new[] { 1, 2, 1 }, 1, new[] { "s1" })]
    [InlineData(new[] { 2, 1 }, 2, new[] { "s1" })]
    [InlineData(new[] { 1, 2, 3 }, 1, new[] { "s1", "s2" })]
    [InlineData(new[] { 4, 4 }, 4, new string[0])]
    public void A_group_offers_the_definition_of_most_servers_and_names_those_that_differ(int[] versions, int offered, string[] differing)
    {
        var merged = MergedCatalogue.Of([.. versions.Select((version, index) => Of($"s{index}", "group", Tool("t", version)))]);

        var entry = Assert.Single(merged.Groups.Groups[0].Tools);
        Assert.Equal(offered, VersionOf(entry));
        Assert.Equal(differing, entry.Differing);
        Assert.Equal(versions.Length, entry.Servers.Count);
    }

    [Fact]
    public void Definitions_that_differ_in_the_order_of_members_alone_are_the_same()
    {
        var merged = MergedCatalogue.Of(
        [
            Of("a", "group", Tool("t", """{"name":"t","x":1,"y":2}""")), Of("b", "group", Tool("t", """{"name":"t","y":2,"x":1}""")),
        ]);

        Assert.Empty(merged.Groups.Groups[0].Tools[0].Differing);
    }

    [Fact]
    public void Each_list_of_a_group_has_its_own_entries()
    {
        var merged = MergedCatalogue.Of(
        [
            Of("a", "group", Catalogues.WithPrompt("p")),
            Of("b", "group", Catalogues.WithResource("r://1")),
            Of("c", "group", Catalogues.WithTemplate("t://{x}")),
        ]);

        var group = Assert.Single(merged.Groups.Groups);
        Assert.Empty(group.Tools);
        Assert.Equal("p", Assert.Single(group.Prompts).Name);
        Assert.Equal("r://1", Assert.Single(group.Resources).Name);
        Assert.Equal("t://{x}", Assert.Single(group.Templates).Name);
    }

    [Fact]
    public void A_group_without_a_catalogue_is_there_and_its_servers_are_pending_while_they_list()
    {
        var merged = MergedCatalogue.Of(
            [new CatalogueSource("a", "empty", null, IsPending: true), new CatalogueSource("b", "empty", null, IsPending: false)]);

        Assert.Equal("empty", Assert.Single(merged.Groups.Groups).Group);
        Assert.Equal(["a"], merged.Groups.Pending);
    }

    private static CatalogueSource Of(string server, string group, ServerCatalogue catalogue) =>
        new(server, group, catalogue, IsPending: false);

    private static ServerCatalogue Tool(string name, int version) => Tool(name, $$"""{"name":"{{name}}","version":{{version}}}""");

    private static ServerCatalogue Tool(string name, string definition) => Catalogues.WithTools(
        new Dictionary<string, CatalogueTool> { [name] = new(JsonElement.Parse(definition), false) });

    private static int VersionOf(CatalogueEntry entry) => entry.Definition.GetProperty("version").GetInt32();
}
