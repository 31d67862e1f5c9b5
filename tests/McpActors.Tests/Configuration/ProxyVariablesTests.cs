using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Configuration;

public sealed class ProxyVariablesTests
{
    [Theory]
    [InlineData("http://proxy:8080", true)]
    [InlineData("HTTPS://proxy", true)]
    [InlineData("proxy", true)]
    [InlineData("proxy:8080/", true)]
    [InlineData("socks5://10.0.0.1:1080", true)]
    [InlineData("http://user:p@ss:word@proxy:8080", true)]
    [InlineData("http://[::1]:8080", true)]
    [InlineData("[::1]", true)]
    [InlineData("http://proxy:port", false)]
    [InlineData("proxy:", false)]
    [InlineData("http://proxy:808080", false)]
    [InlineData("http://", false)]
    [InlineData("ftp://proxy", false)]
    [InlineData("ftp://proxy:21", false)]
    [InlineData("http://user:secret@the proxy:8080", false)]
    [InlineData(" ", false)]
    public void A_value_that_cannot_be_read_is_named(string value, bool isReadable)
    {
        var problems = ProxyVariables.Problems(name => name == "HTTPS_PROXY" ? value : null);

        Assert.Equal(isReadable ? [] : ["HTTPS_PROXY"], problems.Select(problem => problem.Path));
        Assert.DoesNotContain("secret", string.Concat(problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void An_empty_variable_names_no_proxy(string? value) => Assert.Empty(ProxyVariables.Problems(_ => value));
}
