using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Configuration.Imports;

/// <summary>Files of clients in which there is nothing to start, or which the pool does not read.</summary>
public sealed class UnusualFilesTests : IDisposable
{
    private const string Tops = "mcpServers, servers, mcp.servers, mcp, context_servers, mcp_servers and extensions";

    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{ "mcpServers": {} }""", $"has no server under {Tops} (")]
    [InlineData("""{ "servers": [] }""", $"has no server under {Tops} (")]
    [InlineData("""{ "mcpServers": {}, "projects": { "/p": { "mcpServers": { "a": { "command": "x" } } } } }""",
        $"has no server under {Tops}. Under projects › /p › mcpServers is what looks like servers: put them under mcpServers (")]
    [InlineData("""{ "mcpServers": { "a": { "command": "x", "disabled": true } } }""",
        "every server of FILE is switched off there, and none is started (")]
    public void A_file_without_a_server_to_start_is_noted(string json, string note)
    {
        var file = _folder.Write("mcp.json", json);

        foreach (var read in (ConfigurationFile[])[
            ConfigurationFile.Read(file), ConfigurationFile.Read(_folder.Write("pool.conf", "mcp-actors.pool.import = [\"mcp.json\"]"))])
        {
            var found = Assert.Single(read.Notes);
            Assert.Equal("mcp-actors.pool.import[0]", found.Path);
            Assert.Contains(note.Replace("FILE", file, StringComparison.Ordinal), found.Message, StringComparison.Ordinal);
            Assert.Contains(file, found.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{ "mcpServersConfig": { "list": [ { "command": "x" } ] } }""",
        ". Under mcpServersConfig › list is what looks like servers: put them under mcpServers")]
    [InlineData("""{ "editor.fontSize": 3, "mcp": { "discovery": true } }""", "each with { name: { … } } (")]
    [InlineData("""{ "extensions": { "recommendations": ["x.y"] } }""", "each with { name: { … } } (")]
    public void A_file_without_a_known_top_is_refused_with_those_that_are_known(string json, string message)
    {
        var file = _folder.Write("settings.json", json);

        foreach (var read in (ConfigurationFile[])[
            ConfigurationFile.Read(file),
            ConfigurationFile.Read(_folder.Write("pool.conf", "mcp-actors.pool.import = [\"settings.json\"]"))])
        {
            var problem = Assert.Single(read.Problems);
            Assert.Contains($"{file} has no servers at its top; known are {Tops}", problem.Message, StringComparison.Ordinal);
            Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("config.toml", "[mcp_servers.a]\ncommand = \"x\"\n", "is TOML", "yq -p toml -o json config.toml > servers.json")]
    [InlineData("librechat.yaml", "mcpServers:\n  a:\n    command: x\n", "is YAML", "yq -o json librechat.yaml > servers.json")]
    [InlineData("config.yml", "extensions:\n  a:\n    cmd: x\n", "is YAML", "yq -o json config.yml > servers.json")]
    [InlineData("mcp.json5", "{ mcpServers: { a: { command: 'x' } } }", "is JSON5", "npx json5 mcp.json5 > servers.json")]
    public void A_file_in_another_format_is_refused_with_the_way_to_convert_it(string name, string text, string format, string command)
    {
        var file = _folder.Write(name, text);

        foreach (var read in (ConfigurationFile[])[
            ConfigurationFile.Read(file), ConfigurationFile.Read(_folder.Write("pool.conf", $"mcp-actors.pool.import = [\"{name}\"]"))])
        {
            var problem = Assert.Single(read.Problems);
            Assert.Equal("mcp-actors.pool.import[0]", problem.Path);
            Assert.StartsWith($"{file} {format}, and the pool reads", problem.Message, StringComparison.Ordinal);
            Assert.Contains(command, problem.Message, StringComparison.Ordinal);
            Assert.Contains(
                """{ "mcpServers": { "NAME": { "command": "npx", "args": ["-y", "PACKAGE"], "env": { "KEY": "VALUE" } } } }""",
                problem.Message,
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("mcp.json5")]
    [InlineData("mcp.yaml")]
    public void A_file_of_another_ending_that_is_JSON_is_read(string name)
    {
        var file = _folder.Write(name, """{ "mcpServers": { "a": { "command": "x" } } }""");

        Assert.Equal("a", Assert.Single(ConfigurationFile.Read(file).Settings!.Servers).Name);
    }

    [Fact]
    public void A_list_of_servers_alone_is_read()
    {
        var file = _folder.Write("mcp.json", """[{ "name": "a", "command": "x" }, { "name": "b", "command": "y", "disabled": true }]""");

        Assert.Equal("a", Assert.Single(ConfigurationFile.Read(file).Settings!.Servers).Name);
    }

    [Theory]
    [InlineData("pool.yaml", "mcp-actors.pool.servers.a.command = x")]
    [InlineData("pool.json", """{ "mcp-actors": { "pool": { "servers": { "a": { "command": "x" } } } } }""")]
    public void A_configuration_of_the_pool_may_have_any_ending(string name, string text) =>
        Assert.Equal("a", Assert.Single(ConfigurationFile.Read(_folder.Write(name, text)).Settings!.Servers).Name);

    [Theory]
    [InlineData("""{ "mcp-actor": { "pool": { "servers": { "a": { "command": "x" } } } } }""", "did you mean `mcp-actors`?")]
    [InlineData("""{ "pool": { "servers": { "a": { "command": "x" } } } }""", "write mcp-actors.pool { servers { … } }")]
    public void A_mistake_in_a_configuration_in_JSON_stays_one_of_its_keys(string json, string message)
    {
        var problems = ConfigurationFile.Read(_folder.Write("pool.json", json)).Problems;

        Assert.Contains(problems, problem => problem.Message.Contains(message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("npx")]
    public void Beside_a_command_an_unknown_type_is_noted(string type)
    {
        _folder.Write("mcp.json", $$"""{ "mcpServers": { "a": { "type": "{{type}}", "command": "x" } } }""");

        Assert.Equal("x", Assert.Single(_folder.Read("mcp-actors.pool.import = [\"mcp.json\"]").Servers).Command);
        var note = Assert.Single(_folder.Notes("mcp-actors.pool.import = [\"mcp.json\"]"));
        Assert.Equal("mcp-actors.pool.servers.a.type", note.Path);
        Assert.StartsWith(
            $"`{type}` is not known and has no effect: the command of the entry is started here; known are stdio",
            note.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "type": "builtin", "enabled": true }""", "an extension of its client")]
    [InlineData("""{ "type": "docker", "command": "x", "url": "http://a" }""", "both url and command")]
    public void An_entry_that_cannot_be_decided_is_left_out(string entry, string message)
    {
        _folder.Write("mcp.json", $$"""{ "mcpServers": { "a": {{entry}} } }""");

        Assert.Contains(message, _folder.Problem("mcp-actors.pool.import = [\"mcp.json\"]").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_client_filters_in_a_block_of_its_own_is_noted()
    {
        _folder.Write("mcp.json", """
            { "mcpServers": { "a": { "command": "x", "anythingllm": { "autoStart": true, "suppressedTools": ["t"] } } } }
            """);

        var note = Assert.Single(_folder.Notes("mcp-actors.pool.import = [\"mcp.json\"]"));
        Assert.Equal("mcp-actors.pool.servers.a.anythingllm.suppressedTools", note.Path);
    }
}
