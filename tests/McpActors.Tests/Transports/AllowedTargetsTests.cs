using System.Net;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Transports;

public sealed class AllowedTargetsTests
{
    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.1.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("fe80::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("0.0.0.0")]
    public void Addresses_of_the_machine_itself_are_refused_by_default(string address)
    {
        Assert.Contains("metadata", Problem(["*"], "http://innocent.example/mcp", address)!, StringComparison.Ordinal);
    }

    [Fact]
    public void No_pattern_allows_a_metadata_address()
    {
        Assert.NotNull(Problem(["169.254.169.254", "169.254.0.0/16"], "http://169.254.169.254", "169.254.169.254"));
    }

    [Fact]
    public void One_bad_address_among_good_ones_is_enough()
    {
        Assert.NotNull(Problem(["*"], "http://both.example", "93.184.216.34", "169.254.169.254"));
    }

    [Theory]
    [InlineData("*", "https://anything.example", "10.1.2.3")]
    [InlineData("*.example", "https://search.example", "10.1.2.3")]
    [InlineData("*.Example", "https://search.example", "10.1.2.3")]
    [InlineData("10.0.0.0/8", "https://search.example", "10.1.2.3")]
    [InlineData("10.1.2.3", "ws://10.1.2.3:3000", "10.1.2.3")]
    [InlineData("10.0.0.0/8", "https://search.example", "::ffff:10.1.2.3")]
    [InlineData("10.1.2.3", "https://search.example", "::ffff:10.1.2.3")]
    public void A_target_that_matches_a_pattern_is_allowed(string pattern, string uri, string address)
    {
        Assert.Null(Problem([pattern], uri, address));
    }

    [Theory]
    [InlineData("*.example", "https://example.org", "10.1.2.3")]
    [InlineData("search.example", "https://search.example.evil.org", "10.1.2.3")]
    [InlineData("search.example", "https://evil-search.example", "10.1.2.3")]
    [InlineData("10.0.0.0/8", "https://search.example", "11.1.2.3")]
    [InlineData("10.1.2.3", "https://search.example", "10.1.2.4")]
    public void A_target_that_matches_no_pattern_is_refused(string pattern, string uri, string address)
    {
        Assert.Contains("allowed-targets", Problem([pattern], uri, address)!, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_address_of_a_name_must_be_allowed()
    {
        Assert.NotNull(Problem(["10.0.0.0/8"], "http://both.example", "10.1.2.3", "93.184.216.34"));
        Assert.Null(Problem(["10.0.0.0/8"], "http://both.example", "10.1.2.3", "10.1.2.4"));
    }

    [Fact]
    public void A_name_that_does_not_resolve_yet_must_be_allowed_by_name()
    {
        Assert.Null(Problem(["*.example"], "https://later.example"));
        Assert.NotNull(Problem(["10.0.0.0/8"], "https://later.example"));
    }

    private static string? Problem(string[] patterns, string uri, params string[] addresses) =>
        new AllowedTargets(patterns).Problem(new Uri(uri).IdnHost, [.. addresses.Select(IPAddress.Parse)]);
}
