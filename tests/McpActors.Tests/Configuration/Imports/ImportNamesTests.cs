using CsCheck;
using McpActors.Configuration.Imports;
using Xunit;

namespace McpActors.Tests.Configuration.Imports;

/// <summary>The names of imported servers.</summary>
public sealed class ImportNamesTests
{
    [Theory]
    [InlineData("github", "github")]
    [InlineData("a.b_c-d", "a.b_c-d")]
    [InlineData("My Server", "My-Server")]
    [InlineData("@acme/fs", "acme-fs")]
    [InlineData("github.com/acme/x", "github.com-acme-x")]
    [InlineData("  spaces  all   around ", "spaces-all-around")]
    [InlineData("größe", "gr-e-d353a2")]
    [InlineData("查询天气", "server-22cf3c")]
    [InlineData("..", "server-5ec1f7")]
    [InlineData("", "server-e3b0c4")]
    [InlineData("router", "router-74c956")]
    public void A_name_is_made_usable(string name, string expected)
    {
        var usable = ImportNames.Usable(name);

        // The end of a shortened name is a hash, which is the same on every machine and at every start.
        Assert.Equal(expected, usable);
        Assert.True(ImportNames.IsUsable(usable));
    }

    [Fact]
    public void Two_names_that_become_the_same_are_distinguished_whatever_their_order()
    {
        var forth = ImportNames.Assign(["My Server", "My/Server", "other"], []);
        var back = ImportNames.Assign(["other", "My/Server", "My Server"], []);

        Assert.Equal(forth.OrderBy(name => name.Key, StringComparer.Ordinal), back.OrderBy(name => name.Key, StringComparer.Ordinal));
        Assert.StartsWith("My-Server-", forth["My Server"], StringComparison.Ordinal);
        Assert.StartsWith("My-Server-", forth["My/Server"], StringComparison.Ordinal);
        Assert.NotEqual(forth["My Server"], forth["My/Server"]);
    }

    [Fact]
    public void A_name_that_is_usable_as_it_is_stays()
    {
        var names = ImportNames.Assign(["My Server", "My-Server"], []);

        Assert.Equal("My-Server", names["My-Server"]);
        Assert.StartsWith("My-Server-", names["My Server"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_another_server_of_the_pool_has_is_not_made() =>
        Assert.StartsWith("My-Server-", ImportNames.Assign(["My Server"], ["My-Server"])["My Server"], StringComparison.Ordinal);

    [Fact]
    public void Every_name_becomes_one_that_is_usable_and_its_own() => Property.Holds(
        Gen.OneOf(Gen.String, Gen.String["ab-/. @"]).List[1, 8],
        names =>
        {
            var assigned = ImportNames.Assign(names, ["a", "a-b"]);

            Assert.Equal(names.Distinct().Count(), assigned.Values.Distinct().Count());
            Assert.All(assigned.Values, name => Assert.True(ImportNames.IsUsable(name), name));
            Assert.All(assigned.Where(name => name.Key != name.Value), name => Assert.False(name.Value is "a" or "a-b"));
        });
}
