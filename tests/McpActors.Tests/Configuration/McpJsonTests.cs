using Xunit;

namespace McpActors.Tests.Configuration;

public sealed class McpJsonTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reads_the_servers_of_a_desktop_client()
    {
        using var key = new Variable("k3y");
        _folder.Write("mcp.json", $$"""
            {
              // comments and trailing commas are usual in these files
              "mcpServers": {
                "github": { "command": "docker", "args": ["run", "-i", "${{{key.Name}}}", 5],
                            "env": { "TOKEN": "${env:{{key.Name}}}", "N": 3 }, "autoApprove": [] },
                "search": { "type": "http", "url": "https://search.example/mcp", "headers": { "Authorization": "Bearer ${{{key.Name}}}" } },
                "old": { "command": "x", "disabled": true },
              },
              "inputs": [],
            }
            """);

        var servers = _folder.Read("mcp-actors.pool { import = [\"mcp.json\"], servers.own.uri = \"memory://own\" }").Servers;

        Assert.Equal(["own", "github", "search"], servers.Select(s => s.Name));
        Assert.Equal(("docker", "run -i k3y 5"), (servers[1].Command, string.Join(' ', servers[1].Args)));
        Assert.Equal(["k3y", "3"], servers[1].Environment.Values.Select(v => v.Resolve()));
        Assert.Equal("Bearer k3y", servers[2].Headers["Authorization"].Resolve());
    }

    [Theory]
    [InlineData("a\\u0000b", "cannot be read")]
    [InlineData("/dev/zero", "it is not a regular file")]
    public void An_import_of_something_else_than_a_file_is_refused(string name, string message)
    {
        if (OperatingSystem.IsWindows() && name[0] == '/')
            return;

        var problem = _folder.Problem($"mcp-actors.pool {{ import = [\"{name}\"] }}");

        Assert.Equal("mcp-actors.pool.import[0]", problem.Path);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_without_an_address_adds_to_the_imported_server_of_its_name()
    {
        _folder.Write("mcp.json",
            """{ "mcpServers": { "a": { "url": "https://a.example/mcp" }, "b": { "command": "b", "args": ["x"], "env": { "A": "1" } }}}""");

        var servers = _folder.Read("""
            mcp-actors.pool {
              import = ["mcp.json"]
              servers { b { group = tools, priority = 2, env { B = "2" } } }
            }
            """).Servers;

        Assert.Equal(["a", "b"], servers.Select(s => s.Name));
        Assert.Equal(("b", "x", "tools", 2), (servers[1].Command, servers[1].Args[0], servers[1].Group, servers[1].Priority));
        Assert.Equal(["1", "2"], servers[1].Environment.Values.Select(v => v.Resolve()));
    }

    [Theory]
    [InlineData("{ \"mcpServers\": { \"a\": { } } }", "servers.a", "neither uri nor command")]
    [InlineData("{ \"mcpServers\": { \"a\": 5 } }", "servers.a", "must be an object")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"command\": [\"x\"] } } }", "servers.a.command", "must be a text")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"command\": \"x\", \"args\": \"y\" } } }", "servers.a.args", "must be a list")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"url\": \"here\" } } }", "servers.a.uri", "its url is not an absolute address")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"url\": \"http://a\", \"type\": \"carrier-pigeon\" } } }", "servers.a.type",
        "`carrier-pigeon` is not supported")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"url\": \"${MCPACTORS_TEST_NOT_SET}\" } } }", "servers.a.url",
        "MCPACTORS_TEST_NOT_SET is not set")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"command\": \"x\", \"env\": { \"K\": \"${MCPACTORS_TEST_NOT_SET}\" } } } }",
        "servers.a.env.K", "MCPACTORS_TEST_NOT_SET is not set")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"command\": \"x\" }, \"a\": { \"command\": \"y\" } } }", "servers.a", "written twice")]
    [InlineData("{ \"mcpServers\": { \"own\": { \"command\": \"x\" } } }", "servers.own", "is also in mcp.json")]
    [InlineData("{ \"mcpServers\": { \"a b\": { \"command\": \"x\" } } }", "servers.\"a b\"", "cannot have the character ` `")]
    [InlineData("{ \"servers\": { } }", "import[0]", "\"mcpServers\"")]
    [InlineData("{\n\"mcpServers\": nope }", "import[0]", "not valid JSON in line 2")]
    public void A_problem_names_its_file(string json, string key, string message)
    {
        _folder.Write("mcp.json", json);
        var problem = _folder.Problem("mcp-actors.pool { import = [\"mcp.json\"], servers.own.uri = \"memory://own\" }");

        Assert.Equal($"mcp-actors.pool.{key}", problem.Path);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Contains("mcp.json", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_the_one_problem_reported()
    {
        var problem = _folder.Problem("mcp-actors.pool { import = [\"none.json\"], routes = [{ match = a, server = from-it }] }");

        Assert.Equal("mcp-actors.pool.import[0]", problem.Path);
        Assert.Contains(Path.Combine(_folder.Path, "none.json"), problem.Message, StringComparison.Ordinal);
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
