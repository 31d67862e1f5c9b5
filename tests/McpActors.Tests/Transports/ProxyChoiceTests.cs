using System.Net;
using McpActors.Configuration;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Transports;

public sealed class ProxyChoiceTests
{
    private const string Environment = "http://proxy.test:3128";

    [Theory]
    [InlineData("http://127.0.0.1:8080/mcp", null)]
    [InlineData("http://127.3.2.1/mcp", null)]
    [InlineData("ws://localhost:8080/mcp", null)]
    [InlineData("http://LOCALHOST/mcp", null)]
    [InlineData("http://mcp.localhost/mcp", null)]
    [InlineData("https://[::1]/mcp", null)]
    [InlineData("http://[::ffff:127.0.0.1]/mcp", null)]
    [InlineData("http://localhost.test/mcp", Environment)]
    [InlineData("http://10.0.0.9/mcp", Environment)]
    [InlineData("wss://search.test/mcp", Environment)]
    public void This_machine_is_reached_directly(string target, string? proxy) => AssertProxy(proxy, target, direct: null);

    [Theory]
    [InlineData("10.0.0.0/8", "http://10.0.0.9/mcp", true)]
    [InlineData("10.0.0.0/8", "http://11.0.0.9/mcp", false)]
    [InlineData("10.0.0.0/8", "http://[::ffff:10.0.0.9]/mcp", true)]
    [InlineData("fd00::/8", "http://[fd12::1]/mcp", true)]
    [InlineData("10.0.0.0/8", "http://ten.test/mcp", false)]
    [InlineData("10.0.0.9", "http://10.0.0.9/mcp", true)]
    [InlineData("10.0.0.9:8080", "http://10.0.0.9:8080/mcp", true)]
    [InlineData("10.0.0.9:8080", "http://10.0.0.9/mcp", false)]
    [InlineData("[fd12::1]", "http://[fd12::1]/mcp", true)]
    [InlineData(".svc", "http://search.default.svc/mcp", true)]
    [InlineData("*.svc", "http://search.default.svc/mcp", true)]
    [InlineData("svc", "http://search.default.svc/mcp", true)]
    [InlineData("SVC", "http://search.default.svc./mcp", true)]
    [InlineData(".svc", "http://searchsvc/mcp", false)]
    [InlineData("search.test", "http://search.test/mcp", true)]
    [InlineData("search.test", "http://research.test/mcp", false)]
    [InlineData("search.test:8080", "http://search.test:8080/mcp", true)]
    [InlineData("search.test:8080", "http://search.test/mcp", false)]
    [InlineData("a.test, b.test", "http://b.test/mcp", true)]
    [InlineData("*", "wss://anything.test/mcp", true)]
    [InlineData("", "http://search.test/mcp", false)]
    [InlineData(" , . ,/,10.0.0.0/99", "http://10.0.0.9/mcp", false)]
    public void Hosts_of_no_proxy_are_reached_directly(string direct, string target, bool isDirect) =>
        AssertProxy(isDirect ? null : Environment, target, direct);

    [Theory]
    [InlineData("none", "http://search.test/mcp", null)]
    [InlineData("http://own.test:8888", "http://search.test/mcp", "http://own.test:8888")]
    [InlineData("socks5://own.test:1080", "wss://search.test/mcp", "socks5://own.test:1080")]
    // Asked for by name, for example to look at the traffic.
    [InlineData("http://own.test:8888", "http://127.0.0.1/mcp", "http://own.test:8888")]
    public void The_proxy_of_a_server_comes_before_the_environment(string own, string target, string? proxy)
    {
        var server = new ServerSettings { Name = "s", Proxy = Secret.FromLiteral(own) };

        Assert.Equal(proxy, ProxyChoice.For(server, new WebProxy(Environment), "*").Shown(new Uri(target)));
    }

    [Fact]
    public void A_guarded_server_has_no_proxy_which_would_resolve_its_name()
    {
        var server = new ServerSettings { Name = "s", GuardTarget = true, Proxy = Secret.FromLiteral("http://own.test") };

        Assert.Null(ProxyChoice.For(server, new WebProxy(Environment), null).GetProxy(new Uri("http://metadata.test/mcp")));
    }

    [Fact]
    public void The_credentials_of_a_proxy_are_used_and_not_shown()
    {
        var server = new ServerSettings { Name = "s", Proxy = Secret.FromLiteral("http://me:pass%40word@own.test:8888") };
        var target = new Uri("http://search.test/mcp");

        var choice = ProxyChoice.For(server, new WebProxy(Environment), null);

        Assert.Equal("http://own.test:8888", choice.Shown(target));
        var credentials = choice.Credentials!.GetCredential(target, "Basic")!;
        Assert.Equal(("me", "pass@word"), (credentials.UserName, credentials.Password));
    }

    [Theory]
    [InlineData("ftp://own.test")]
    [InlineData("own.test:8888")]
    [InlineData("off")]
    public void A_proxy_that_is_none_is_refused_at_each_connection(string own)
    {
        var server = new ServerSettings { Name = "s", Proxy = Secret.FromLiteral(own) };

        var error = Assert.Throws<SecretUnavailableException>(() => ProxyChoice.For(server, new WebProxy(Environment), null));

        Assert.Contains("servers.s.proxy is not a proxy", error.Message, StringComparison.Ordinal);
    }

    private static void AssertProxy(string? expected, string target, string? direct)
    {
        var choice = ProxyChoice.For(new ServerSettings { Name = "s" }, new WebProxy(Environment), direct);

        Assert.Equal(expected, choice.Shown(new Uri(target)));
        Assert.Equal(expected is null, choice.IsBypassed(new Uri(target)));
    }
}
