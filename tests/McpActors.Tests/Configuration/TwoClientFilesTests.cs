using Xunit;

namespace McpActors.Tests.Configuration;

/// <summary>Servers in two files of clients that one configuration imports.</summary>
public sealed class TwoClientFilesTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_same_server_in_two_files_is_one()
    {
        _folder.Write("a.json", """{ "mcpServers": { "x": { "command": "x", "args": [] } } }""");
        _folder.Write("b.json", """{ "servers": { "x": { "args": [], "command": "x" } } }""");

        Assert.Single(_folder.Read("mcp-actors.pool.import = [\"a.json\", \"b.json\"]").Servers);
    }

    [Fact]
    public void A_name_in_two_files_is_reported_with_both()
    {
        _folder.Write("a.json", """{ "mcpServers": { "x": { "command": "x" } } }""");
        _folder.Write("b.json", """{ "mcpServers": { "x": { "command": "y" } } }""");
        var problem = _folder.Problem("mcp-actors.pool.import = [\"a.json\", \"b.json\"]");

        Assert.Contains("also in a.json", problem.Message, StringComparison.Ordinal);
        Assert.EndsWith("(b.json)", problem.Message, StringComparison.Ordinal);
    }
}
