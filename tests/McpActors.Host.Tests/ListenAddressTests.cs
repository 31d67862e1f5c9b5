using McpActors.Host.Listening;

namespace McpActors.Host.Tests;

public class ListenAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:5000")]
    [InlineData("http://127.0.0.1:0;http://[::1]:0")]
    [InlineData("http://localhost:5000; https://localhost:5001")]
    [InlineData("http://*:80")]
    [InlineData("http://0.0.0.0:80")]
    public void Accepts_valid_addresses(string urls) => Assert.Empty(ListenAddress.Problems(urls));

    [Theory]
    [InlineData("", "there is no address")]
    [InlineData(";", "there is no address")]
    [InlineData("127.0.0.1:5000", "'127.0.0.1:5000' does not start with")]
    [InlineData("http://127.0.0.1:0;ftp://127.0.0.1", "'ftp://127.0.0.1' does not start with")]
    [InlineData("http://", "'http://' is not a valid address")]
    [InlineData("http://127.0.0.1:70000", "has the port 70000")]
    [InlineData("http://localhost:0", "Use http://127.0.0.1:0")]
    [InlineData("http://127.0.0.1:5000/mcp", "has a path")]
    [InlineData("http://example.org:5000", "names the host 'example.org'")]
    public void Reports_the_problem_of_an_address(string urls, string message) =>
        Assert.Contains(message, Assert.Single(ListenAddress.Problems(urls)), StringComparison.Ordinal);

    [Fact]
    public void Reports_the_problem_of_each_address() => Assert.Equal(2, ListenAddress.Problems("a;http://127.0.0.1;b").Count);
}
