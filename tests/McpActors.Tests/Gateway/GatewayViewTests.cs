using CsCheck;
using McpActors.Gateway;
using Xunit;

namespace McpActors.Tests.Gateway;

/// <summary>What clients see and may name.</summary>
public sealed class GatewayViewTests
{
    private static readonly GatewayOptions Plain = new();
    private static readonly GatewayOptions Prefixed = new() { Names = GatewayNaming.Prefixed };

    [Fact]
    public void Entries_are_in_the_order_of_their_names()
    {
        var view = GatewayView.Of(Plain, Entries.Of(Entries.Tools("b", "z", "m"), Entries.Tools("a", "n", "B")));

        Assert.Equal(["B", "m", "n", "z"], NamesOf(view.Tools));
    }

    [Fact]
    public void A_name_of_two_groups_is_offered_by_neither_and_reported()
    {
        var view = GatewayView.Of(Plain, Entries.Of(Entries.Tools("a", "x", "only"), Entries.Tools("b", "x")));

        Assert.Equal(["only"], NamesOf(view.Tools));
        Assert.Null(view.Tools.Find("x"));
        var conflict = Assert.Single(view.Conflicts);
        Assert.Equal((EntryKind.Tool, "x"), (conflict.Kind, conflict.Name));
        Assert.Equal(["a", "b"], conflict.Groups);
        Assert.Equal(["a", "b"], view.GroupsInConflict(EntryKind.Tool, "x"));
        Assert.Empty(view.GroupsInConflict(EntryKind.Prompt, "x"));
    }

    [Theory]
    [InlineData(new[] { "b" }, "b")]
    [InlineData(new[] { "a", "b" }, "a")]
    [InlineData(new[] { "other", "b", "a" }, "b")]
    public void The_first_preferred_group_wins_a_name(string[] prefer, string winner)
    {
        var view = GatewayView.Of(
            Plain with { Prefer = prefer }, Entries.Of(Entries.Tools("a", "x"), Entries.Tools("b", "x"), Entries.Tools("c", "x")));

        Assert.Equal(winner, view.Tools.Find("x")!.Group);
        Assert.Empty(view.Conflicts);
    }

    [Fact]
    public void Groups_without_a_preferred_one_stay_in_conflict()
    {
        var view = GatewayView.Of(Plain with { Prefer = ["c"] }, Entries.Of(Entries.Tools("a", "x"), Entries.Tools("b", "x")));

        Assert.Empty(view.Tools.Entries);
        Assert.Single(view.Conflicts);
    }

    [Fact]
    public void An_alias_renames_one_entry_and_ends_a_conflict()
    {
        var options = Plain with { Aliases = new Dictionary<string, string> { ["search_b"] = "b/search" } };

        var view = GatewayView.Of(options, Entries.Of(Entries.Tools("a", "search"), Entries.Tools("b", "search")));

        Assert.Equal(("a", "search"), (view.Tools.Find("search")!.Group, view.Tools.Find("search")!.Original));
        Assert.Equal(("b", "search"), (view.Tools.Find("search_b")!.Group, view.Tools.Find("search_b")!.Original));
        Assert.Empty(view.Conflicts);
    }

    [Fact]
    public void An_alias_wins_over_an_entry_that_has_its_name_itself()
    {
        var options = Plain with { Prefer = ["a"], Aliases = new Dictionary<string, string> { ["x"] = "b/y" } };

        var view = GatewayView.Of(options, Entries.Of(Entries.Tools("a", "x"), Entries.Tools("b", "y")));

        Assert.Equal(("b", "y"), (view.Tools.Find("x")!.Group, view.Tools.Find("x")!.Original));
        Assert.Single(view.Tools.Entries);
    }

    [Fact]
    public void Prefixed_names_carry_the_group()
    {
        var view = GatewayView.Of(Prefixed, Entries.Of(
            Entries.Tools("a", "x"),
            Entries.Tools("b", "x"),
            Entries.Prompts("p", "ask"),
            Entries.Resources("r", ["file:///1"], "file:///{n}")));

        Assert.Equal(["a_x", "b_x"], NamesOf(view.Tools));
        Assert.Equal(["p_ask"], NamesOf(view.Prompts));
        Assert.Equal(["r+file:///1"], NamesOf(view.Resources));
        Assert.Equal(["r+file:///{n}"], NamesOf(view.Templates));
    }

    [Fact]
    public void Prefixed_names_that_are_equal_are_a_conflict()
    {
        var view = GatewayView.Of(Prefixed, Entries.Of(Entries.Tools("a", "b_x"), Entries.Tools("a_b", "x")));

        Assert.Empty(view.Tools.Entries);
        Assert.Equal("a_b_x", Assert.Single(view.Conflicts).Name);
    }

    [Theory]
    [InlineData("file:///listed", new[] { "one" })]
    [InlineData("file:///made/7", new[] { "two" })]
    [InlineData("db://rows/7", new[] { "two", "three" })]
    [InlineData("nowhere://x", new string[0])]
    public void A_resource_belongs_to_the_group_that_lists_it_or_whose_template_matches(string uri, string[] groups)
    {
        var view = GatewayView.Of(Plain, Entries.Of(
            Entries.Resources("one", ["file:///listed"], "other:///{x}"),
            Entries.Resources("two", [], "file:///made/{n}", "db://rows/{id}"),
            Entries.Resources("three", [], "db://rows/{key}")));

        Assert.Equal(groups, view.OwnersOf(uri).Groups);
    }

    [Fact]
    public void A_resource_that_two_groups_list_belongs_to_both()
    {
        var view = GatewayView.Of(
            Plain, Entries.Of(Entries.Resources("one", ["file:///x"]), Entries.Resources("two", ["file:///x"])));

        Assert.Equal(["one", "two"], view.OwnersOf("file:///x").Groups);
    }

    [Fact]
    public void A_resource_that_nobody_lists_belongs_to_the_only_group()
    {
        var view = GatewayView.Of(Plain, Entries.Of(Entries.Tools("one", "x")));

        Assert.Equal(["one"], view.OwnersOf("file:///x").Groups);
    }

    [Theory]
    [InlineData("one+file:///x", new[] { "one" }, "file:///x")]
    [InlineData("one+a+b", new[] { "one" }, "a+b")]
    [InlineData("none+file:///x", new string[0], "file:///x")]
    [InlineData("file:///x", new string[0], "file:///x")]
    [InlineData("+file:///x", new string[0], "+file:///x")]
    public void A_prefixed_uri_names_its_group(string uri, string[] groups, string original)
    {
        var view = GatewayView.Of(Prefixed, Entries.Of(Entries.Tools("one", "x"), Entries.Tools("two", "y")));

        var found = view.OwnersOf(uri);

        Assert.Equal(groups, found.Groups);
        Assert.Equal(original, found.Original);
    }

    [Fact]
    public void A_view_is_complete_once_no_server_is_pending()
    {
        Assert.False(GatewayView.Of(Plain, new GroupList([], ["a"])).IsComplete);
        Assert.True(GatewayView.Of(Plain, new GroupList([], [])).IsComplete);
    }

    /// <summary>No name leads to an entry of another group, and no entry is lost without a report.</summary>
    [Fact]
    public void Every_entry_is_found_under_its_name_or_reported_as_a_conflict()
    {
        var name = OneOf("a", "b", "a_b", "b_a", "_", "a+b", "x");
        var group = OneOf("a", "b", "a_b", "a_", "b.a");
        var groups = Gen.Select(group, name.Array[0, 4], name.Array[0, 3]);
        var options = Gen.Select(Gen.Bool, OneOf("_", ".", "a", "__"), group.Array[0, 2]);
        Property.Holds(Gen.Select(groups.Array[0, 4], options), given =>
        {
            var (prefixed, separator, prefer) = given.Item2;
            var chosen = Plain with
            {
                Names = prefixed ? GatewayNaming.Prefixed : GatewayNaming.Plain,
                Separator = separator,
                Prefer = prefer,
            };
            GroupCatalogue[] catalogue =
            [
                .. given.Item1.DistinctBy(one => one.Item1).Select(one =>
                    Entries.Tools(one.Item1, [.. one.Item2.Distinct()]) with
                    {
                        Resources = [.. one.Item3.Distinct().Select(Entries.Entry)],
                    }),
            ];
            var view = GatewayView.Of(chosen, Entries.Of(catalogue));
            foreach (var one in catalogue)
            {
                Check(EntryKind.Tool, view.Tools, one.Group, one.Tools);
                Check(EntryKind.Resource, view.Resources, one.Group, one.Resources);
            }

            void Check(EntryKind kind, EntryList list, string inGroup, IReadOnlyList<CatalogueEntry> entries)
            {
                foreach (var entry in entries)
                {
                    var (offered, _) = new NameMap(chosen).NameOf(kind, inGroup, entry.Name);
                    if (list.Find(offered) is { } found)
                    {
                        Assert.True(
                            (found.Group == inGroup && found.Original == entry.Name)
                            || chosen.Prefer.Contains(found.Group), $"{offered} is {found}");
                        if (kind == EntryKind.Resource)
                        {
                            var (owners, original) = view.OwnersOf(offered);
                            Assert.Equal((found.Group, found.Original), (owners.Single(), original));
                        }
                    }
                    else
                    {
                        Assert.Contains(inGroup, view.GroupsInConflict(kind, offered));
                    }
                }
            }
        });
    }

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static IEnumerable<string> NamesOf(EntryList list) => list.Entries.Select(entry => entry.Name);
}
