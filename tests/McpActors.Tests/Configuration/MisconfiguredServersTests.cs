using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Configuration;

/// <summary>A server that is wrong is one server that is wrong: the rest of the file is used.</summary>
public sealed class MisconfiguredServersTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{ "url": "${MCPACTORS_NOT_SET}/mcp" }""", "url: environment variable MCPACTORS_NOT_SET is not set or empty (mcp.json)")]
    [InlineData("""{ "command": "x", "env": { "X": null } }""", "env.X: must be a text (mcp.json)")]
    [InlineData("""{ "command": "x", "args": "y" }""", "args: must be a list of texts, [ … ] (mcp.json)")]
    [InlineData("""{ "command": "x", "url": "http://a" }""",
        "has both url and command; keep url for a server that is running, or command for one to be started here (mcp.json)")]
    [InlineData("{ }",
        "has neither url nor command; write url for a server that is running, or command for one to be started here (mcp.json)")]
    [InlineData("5", "must be an object, { … } (mcp.json)")]
    [InlineData("""{ "url": "http://a", "headers": { "A": "b\nc" } }""",
        "headers.A: has a line break or another control character, which a header cannot contain (mcp.json)")]
    public void One_entry_of_an_import_is_left_out(string entry, string sentence)
    {
        _folder.Write("mcp.json", $$"""
            { "mcpServers": { "good": { "command": "x" }, "bad": {{entry}}, "last": { "command": "y" } } }
            """);

        var read = Read("mcp-actors.pool { import = [\"mcp.json\"], servers.bad.group = tools }");

        Assert.Equal(["good", "bad", "last"], read.Settings!.Servers.Select(server => server.Name));
        Assert.Equal([null, sentence, null], read.Settings.Servers.Select(server => server.Misconfigured));
        Assert.All(read.Problems, problem => Assert.StartsWith("mcp-actors.pool.servers.bad", problem.Path, StringComparison.Ordinal));
        Assert.Empty(SettingsValidator.Validate(read.Settings, PoolConfiguration.BuiltInStrategies));
    }

    [Theory]
    [InlineData("b { url = \"ws://x\" }", "b", "url: is not a known key; did you mean `uri`? (pool.conf, line 1)")]
    [InlineData("b { uri = \"ws://x\", weight = 0 }", "b",
        "weight: 0 is out of range; must be a whole number from 1 to 1000 (pool.conf, line 1)")]
    [InlineData("b = 5", "b", "must be a block, { … } (pool.conf, line 1)")]
    [InlineData("b { command = \"x\\u0000y\" }", "b",
        "command: has a NUL character, which no program can be given; remove it (pool.conf, line 1)")]
    [InlineData("b { command = x, args = [a, \"b\\ud800\"] }", "b",
        "args[1]: has half of a surrogate pair, which is no text; remove it or add the other half (pool.conf, line 1)")]
    [InlineData("b { command = x, env.A = \"a\\u0000b\" }", "b",
        "env.A: has a NUL character, which no program can be given; remove it (pool.conf, line 1)")]
    [InlineData("b { uri = \"ws://x\", auth { type = token, token-env = \"\" } }", "b",
        "auth.token-env: is empty; write the name of the environment variable (pool.conf, line 1)")]
    [InlineData("\"b c\" { uri = \"ws://x\" }", "b-c",
        "a name cannot have the character ` `; use letters, digits, `-`, `_` and `.` (pool.conf, line 1)")]
    public void One_server_of_the_file_is_left_out(string server, string name, string sentence)
    {
        var read = Read($"mcp-actors.pool.servers {{ a.uri = \"ws://a\", {server} }}");

        Assert.Equal(["a", name], read.Settings!.Servers.Select(server => server.Name));
        Assert.Equal([null, sentence], read.Settings.Servers.Select(server => server.Misconfigured));
        Assert.Single(read.Problems);
        Assert.Empty(SettingsValidator.Validate(read.Settings, PoolConfiguration.BuiltInStrategies));
    }

    [Theory]
    [InlineData("{ weight = 0 }", "weight: 0 is out of range; must be a whole number from 1 to 1000 (pool.conf, line 1)")]
    [InlineData("{ wight = 1 }", "wight: is not a known key; did you mean `weight`? (pool.conf, line 1)")]
    [InlineData("= 5", "must be a block, { … } (pool.conf, line 1)")]
    [InlineData("{ uri = \"ws://x\" }",
        "the server `My Server` is also in mcp.json; rename one, or leave out uri and command here to add other keys to the imported one"
        + " (pool.conf, line 1)")]
    public void A_block_by_the_display_name_of_an_import_costs_that_server_only(string block, string sentence)
    {
        _folder.Write("mcp.json", """{ "mcpServers": { "My Server": { "command": "x" }, "good": { "command": "y" } } }""");

        var read = Read($"mcp-actors.pool {{ import = [\"mcp.json\"], servers {{ \"My Server\" {block} }} }}");

        Assert.NotNull(read.Settings);
        Assert.Equal(["My-Server", "good"], read.Settings.Servers.Select(server => server.Name).Order(StringComparer.Ordinal));
        Assert.Equal(sentence, read.Settings.Servers.Single(server => server.Name == "My-Server").Misconfigured);
        Assert.Null(read.Settings.Servers.Single(server => server.Name == "good").Misconfigured);
        Assert.Single(read.Problems);
    }

    [Fact]
    public void A_server_that_lacks_a_secret_is_kept_as_it_is()
    {
        var read = Read("""
            mcp-actors.pool.servers {
              a { uri = "http://a", auth { type = token, token-env = MCPACTORS_NOT_SET } }
              b { command = x, env { K { file = "/mcpactors/not/there" } } }
              c { uri = "http://c", proxy { env = MCPACTORS_NOT_SET } }
            }
            """);

        Assert.Empty(read.Problems);
        Assert.All(read.Settings!.Servers, server => Assert.Null(server.Misconfigured));
        Assert.Empty(SettingsValidator.Validate(read.Settings, PoolConfiguration.BuiltInStrategies));
        Assert.Equal(
            ["mcp-actors.pool.servers.a.auth.token-env", "mcp-actors.pool.servers.b.env.K.file",
                "mcp-actors.pool.servers.c.proxy.env"],
            SettingsValidator.MissingSecrets(read.Settings).Select(problem => problem.Path));
    }

    [Theory]
    [InlineData("load-balancing = fastest")]
    [InlineData("call-timeout = 0s")]
    [InlineData("routes = [{ match = x, server = nobody }]")]
    [InlineData("import = [\"none.json\"]")]
    [InlineData("wotsit = 1")]
    public void A_problem_of_the_pool_refuses_the_whole_and_names_everything(string wrong)
    {
        var read = Read($"mcp-actors.pool {{ {wrong}\n servers {{ a.uri = \"ws://a\", b.url = \"ws://b\" }} }}");

        Assert.Null(read.Settings);
        Assert.Equal(2, read.Problems.Count);
        Assert.Contains(read.Problems, problem => problem.Path == "mcp-actors.pool.servers.b.url");
    }

    [Fact]
    public void A_route_to_a_server_that_is_left_out_stands()
    {
        var read = Read("""
            mcp-actors.pool { servers.b { url = "ws://b", group = tools }
              routes = [{ match = x, server = b }, { match = y, group = tools }] }
            """);

        Assert.Equal("tools", Assert.Single(read.Settings!.Servers).Group);
    }

    [Fact]
    public void A_program_reads_its_settings_strictly()
    {
        var problem = _folder.Problem("mcp-actors.pool.servers { a.uri = \"ws://a\", b.url = \"ws://b\" }");

        Assert.Equal("mcp-actors.pool.servers.b.url", problem.Path);
    }

    [Fact]
    public void Two_entries_of_one_name_that_differ_are_one_server_that_is_left_out()
    {
        _folder.Write("a.json", """{ "mcpServers": { "x": { "command": "x" }, "y": { "command": "y" } } }""");
        _folder.Write("b.json", """{ "mcpServers": { "x": { "command": "z" } } }""");

        var servers = Read("mcp-actors.pool.import = [\"a.json\", \"b.json\"]").Settings!.Servers;

        Assert.Equal(["x", "y"], servers.Select(server => server.Name));
        Assert.Equal(
            ["is also in a.json, in another way; rename one of them (b.json)", null], servers.Select(server => server.Misconfigured));
    }

    private ConfigurationFile Read(string hocon) => ConfigurationFile.Read(_folder.Write("pool.conf", hocon));
}
