using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Configuration.Imports;

/// <summary>Variables and headers of an entry that are written as a list.</summary>
public sealed class ListsOfPairsTests : IDisposable
{
    private const string Import = "mcp-actors.pool.import = [\"mcp.json\"]";

    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""["A=b", "C=d=e", "E="]""", "A=b C=d=e E=")]
    [InlineData("""[{ "name": "A", "value": "b" }, { "key": "C", "value": 5 }]""", "A=b C=5")]
    [InlineData("""[{ "A": "b", "C": "d" }]""", "A=b C=d")]
    [InlineData("""[{ "value": "b" }]""", "value=b")]
    [InlineData("[]", "")]
    public void Variables(string env, string expected)
    {
        var server = Read($$"""{ "command": "x", "env": {{env}} }""");

        Assert.Equal(expected, string.Join(' ', server.Environment.Select(one => $"{one.Key}={one.Value.Resolve()}")));
    }

    [Fact]
    public void A_name_alone_is_a_variable_of_this_process()
    {
        using var variable = new Variable("k3y");

        Assert.Equal("k3y", Read($$"""{ "command": "x", "env": ["{{variable.Name}}"] }""").Environment[variable.Name].Resolve());
    }

    [Theory]
    [InlineData("""["Authorization: Bearer a=b", "X-A=b:c"]""", "Authorization=Bearer a=b X-A=b:c")]
    [InlineData("""[{ "name": "A", "value": "b" }, { "header": "C", "value": "d" }]""", "A=b C=d")]
    public void Headers(string headers, string expected)
    {
        var server = Read($$"""{ "url": "http://a", "headers": {{headers}} }""");

        Assert.Equal(expected, string.Join(' ', server.Headers.Select(one => $"{one.Key}={one.Value.Resolve()}")));
    }

    [Theory]
    [InlineData("""{ "command": "x", "env": ["no name"] }""", "env[0]", "has no name; write it as \"NAME=VALUE\"")]
    [InlineData("""{ "command": "x", "env": ["=s3cret"] }""", "env[0]", "has no name; write it as \"NAME=VALUE\"")]
    [InlineData("""{ "command": "x", "env": [5] }""", "env[0]", "must be a text, such as \"NAME=VALUE\"")]
    [InlineData("""{ "command": "x", "env": [{ "name": "A", "value": null }] }""", "env[0]", "must be a text")]
    [InlineData("""{ "url": "http://a", "headers": ["s3cret"] }""", "headers[0]", "has no name; write it as \"NAME: VALUE\"")]
    public void A_pair_that_is_none_is_a_problem_that_hides_it(string entry, string key, string message)
    {
        _folder.Write("mcp.json", $$"""{ "mcpServers": { "a": {{entry}} } }""");

        var problem = _folder.Problem(Import);

        Assert.Equal($"mcp-actors.pool.servers.a.{key}", problem.Path);
        Assert.StartsWith(message, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", problem.Message, StringComparison.Ordinal);
    }

    private ServerSettings Read(string entry)
    {
        _folder.Write("mcp.json", $$"""{ "mcpServers": { "a": {{entry}} } }""");
        Assert.Empty(_folder.Notes(Import));
        return Assert.Single(_folder.Read(Import).Servers);
    }
}
