using System.Net;
using McpActors.Configuration;
using McpActors.Host.Security;
using McpActors.Host.Settings;
using McpActors.Host.Tests.Api;

namespace McpActors.Host.Tests.Security;

public class AccessControlTests
{
    [Theory]
    [InlineData("http://127.0.0.1:5000")]
    [InlineData("http://localhost:5000;http://[::1]:5001")]
    [InlineData("http://unix:/tmp/some.sock")]
    public void Loopback_needs_no_token(string urls)
    {
        Assert.Null(AccessControl.Problem(urls, new HostSettings()));
    }

    [Theory]
    [InlineData("http://0.0.0.0:5000")]
    [InlineData("http://*:5000")]
    [InlineData("http://[::]:5000")]
    [InlineData("http://127.0.0.1:5000;http://192.168.1.2:5000")]
    public void Other_addresses_need_a_token(string urls)
    {
        Assert.Contains(HostSettings.AccessTokenVariable, AccessControl.Problem(urls, new HostSettings())!, StringComparison.Ordinal);
        Assert.Null(AccessControl.Problem(urls, new HostSettings { AccessToken = Secret.FromLiteral("a long enough token") }));
    }

    [Fact]
    public void Only_the_token_itself_matches()
    {
        var token = new AccessToken(Secret.FromLiteral("a long enough token"));

        Assert.True(token.Matches("a long enough token"));
        Assert.All(
            new[] { null, "", "a long enough toke", "a long enough token ", "A long enough token" },
            wrong => Assert.False(token.Matches(wrong)));
        Assert.False(new AccessToken(Secret.FromFile("/nowhere/to/be/found")).Matches(""));
    }

    [Fact]
    public void A_token_that_became_too_short_matches_nothing()
    {
        using var folder = new TempFolder();
        var file = folder.At("token");
        File.WriteAllText(file, "a long enough token");
        var token = new AccessToken(Secret.FromFile(file));
        Assert.True(token.Matches("a long enough token"));

        File.WriteAllText(file, "x");

        Assert.False(token.Matches("x"));
        Assert.False(token.Matches("a long enough token"));
    }

    [Theory]
    [InlineData("127.0.0.1", null, HttpStatusCode.OK)]
    [InlineData("::1", null, HttpStatusCode.OK)]
    [InlineData("::ffff:127.0.0.1", null, HttpStatusCode.OK)]
    [InlineData("192.168.1.2", null, HttpStatusCode.Forbidden)]
    [InlineData("::ffff:192.168.1.2", null, HttpStatusCode.Forbidden)]
    [InlineData("192.168.1.2", "a long enough token", HttpStatusCode.Unauthorized)]
    public async Task Without_a_token_only_requests_to_loopback_addresses_are_served(
        string reachedAt, string? token, HttpStatusCode expected)
    {
        var host = new HostSettings { AccessToken = token is null ? null : Secret.FromLiteral(token) };
        await using var api = await ApiServer.StartAsync(host: host, reachedAt: IPAddress.Parse(reachedAt));

        Assert.Equal(expected, (await api.Client.GetAsync("/api/status")).StatusCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(15)]
    [InlineData(19)]
    [InlineData(25)]
    [InlineData(1000)]
    [InlineData(999_999)]
    public void The_limit_is_as_many_requests_a_second_as_configured(int perSecond)
    {
        var bucket = RateLimits.Bucket(perSecond);

        Assert.Equal(perSecond, bucket.TokensPerPeriod / bucket.ReplenishmentPeriod.TotalSeconds, perSecond / 1_000.0);
        Assert.Equal(2 * perSecond, bucket.TokenLimit);
    }
}
