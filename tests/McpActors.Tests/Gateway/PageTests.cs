using System.Text;
using System.Text.Json;
using CsCheck;
using McpActors.Gateway;
using Xunit;

namespace McpActors.Tests.Gateway;

/// <summary>Pages of a list, whose cursors survive every change of the list.</summary>
public sealed class PageTests
{
    [Fact]
    public void Pages_have_every_entry_once()
    {
        var list = ListOf("a", "b", "c", "d", "e");

        Assert.Equal([["a", "b"], ["c", "d"], ["e"]], PagesOf(list, 2));
        Assert.Equal([["a", "b", "c", "d", "e"]], PagesOf(list, 5));
        Assert.Equal([[]], PagesOf(ListOf(), 2));
    }

    [Fact]
    public void A_cursor_goes_on_behind_an_entry_that_has_left()
    {
        var cursor = Page.Of(ListOf("a", "b", "c"), null, 2)!.NextCursor;

        Assert.Equal(["bb", "c"], NamesOf(Page.Of(ListOf("a", "bb", "c"), cursor, 5)!));
    }

    [Theory]
    [InlineData("?")]
    [InlineData("a")]
    public void A_cursor_of_somebody_else_is_refused(string cursor) => Assert.Null(Page.Of(ListOf("a"), cursor, 1));

    [Fact]
    public void Names_of_any_text_are_paged()
    {
        Property.Holds(Gen.Select(Gen.String.Array[0, 12], Gen.Int[1, 5]), given =>
        {
            var names = given.Item1.Where(IsText).Distinct().Order(StringComparer.Ordinal).ToArray();
            Assert.Equal(names, PagesOf(ListOf(names), given.Item2).SelectMany(page => page));
        }, samples: 500);
    }

    private static bool IsText(string name) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name)) == name;

    private static List<string[]> PagesOf(EntryList list, int size)
    {
        var pages = new List<string[]>();
        string? cursor = null;
        do
        {
            var page = Page.Of(list, cursor, size)!;
            pages.Add(NamesOf(page));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return pages;
    }

    private static EntryList ListOf(params string[] names) =>
        new(EntryKind.Tool, [.. names.Select(name => new GatewayEntry(name, "group", name, default(JsonElement)))]);

    private static string[] NamesOf(Page page) => [.. page.Entries.Select(entry => entry.Name)];
}
