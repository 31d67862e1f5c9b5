using McpActors.Configuration;
using McpActors.Host.Security;
using McpActors.Host.Settings;

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
}
