using McpActors.Tests.Configuration;
using Xunit;
using static McpActors.Tests.Balancing.Candidates;

namespace McpActors.Tests.Balancing;

/// <summary>The sample strategy of <c>docs/balancing.md</c>.</summary>
public sealed class SameZoneTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(50)]
    public void No_place_is_favoured(int servers)
    {
        var strategy = new SameZone("s", Context().Random);

        Statistics.AssertShares([.. Enumerable.Repeat(1.0, servers)], strategy.Counts(Set(Equal(servers)), 400 * servers));
    }

    [Fact]
    public void The_own_zone_comes_first_and_others_serve_without_it()
    {
        var strategy = new SameZone("eu-", Context().Random);

        Assert.Equal("eu-1eu-1eu-1", strategy.Choose(Set("us-1", "eu-1", "us-2"), 3));
        Assert.All(strategy.Counts(Set("us-1", "us-2"), 30), count => Assert.InRange(count, 1, 29));
    }

    [Fact]
    public void The_least_loaded_server_for_its_weight_is_chosen()
    {
        var set = Set(Weighted(1, 2, 1));
        foreach (var server in set.Servers)
            server.InFlight = 1;

        Assert.Equal("s1s1s1", new SameZone("s", Context().Random).Choose(set, 3));
    }

    [Fact]
    public void The_document_has_this_code()
    {
        var code = File.ReadAllText(Repository.File("tests/McpActors.Tests/Balancing/SameZone.cs"))
            .Replace("namespace McpActors.Tests.Balancing;\n\n", "", StringComparison.Ordinal);

        Assert.Contains($"```csharp\n{code}```", File.ReadAllText(Repository.File("docs/balancing.md")), StringComparison.Ordinal);
    }
}
