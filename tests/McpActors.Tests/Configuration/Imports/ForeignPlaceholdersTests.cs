using McpActors.Configuration.Imports;
using Xunit;

namespace McpActors.Tests.Configuration.Imports;

/// <summary>Placeholders that other programs fill in: they stay as they are written, and are named.</summary>
public sealed class ForeignPlaceholdersTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("$TOKEN", "$NAME")]
    [InlineData("$token", "$NAME")]
    [InlineData("Bearer $API_KEY", "$NAME")]
    [InlineData("a:$A1,b", "$NAME")]
    [InlineData("$HOME/x", "$NAME")]
    [InlineData("$env:TOKEN", "$env:NAME")]
    [InlineData("%TOKEN%", "%NAME%")]
    [InlineData("%AppData%\\x", "%NAME%")]
    [InlineData("Bearer $(cat /run/token)", "$(…)")]
    [InlineData("{{TOKEN}}", "{{NAME}}")]
    [InlineData("Bearer {{ secrets.token }}", "{{NAME}}")]
    public void A_placeholder_is_named_by_its_form(string text, string form) =>
        Assert.StartsWith($"has a `{form}`", ForeignPlaceholders.NoteOf(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("pa$sword")]
    [InlineData("pa$WORD")]
    [InlineData("5$A")]
    [InlineData("$2a$10$N9qo8uLOickgx2ZMRZoMy")]
    [InlineData("US$ 5")]
    [InlineData("100%")]
    [InlineData("a%20b%20c")]
    [InlineData("%E2%82%AC%E2%82%AC")]
    [InlineData("5 % of 10 %")]
    [InlineData("${NAME}")]
    [InlineData("${{ x }}")]
    [InlineData("""{"a":{"b":1}}""")]
    [InlineData("{{}}")]
    [InlineData("\\$NAME")]
    [InlineData("$$NAME")]
    public void Any_other_text_is_left_alone(string text) => Assert.Null(ForeignPlaceholders.NoteOf(text));

    [Theory]
    [InlineData("sh", true)]
    [InlineData("/bin/bash", true)]
    [InlineData("bash -c 'echo $HOME'", true)]
    [InlineData("C:\\Windows\\System32\\cmd.exe", true)]
    [InlineData("npx", false)]
    [InlineData("shellcheck", false)]
    public void A_shell_fills_in_its_own(string command, bool isShell) => Assert.Equal(isShell, ForeignPlaceholders.AreOf(command));

    [Theory]
    [InlineData("""{ "command": "x", "env": { "K": "$s3cret" } }""", "env.K", "$NAME")]
    [InlineData("""{ "command": "x", "env": { "K": "%S3CRET%" } }""", "env.K", "%NAME%")]
    [InlineData("""{ "command": "x", "args": ["--key={{s3cret}}"] }""", "args[0]", "{{NAME}}")]
    [InlineData("""{ "command": "x", "cwd": "$HOME/s3cret" }""", "cwd", "$NAME")]
    [InlineData("""{ "command": "$HOME/s3cret" }""", "command", "$NAME")]
    [InlineData("""{ "url": "http://a/$(s3cret)" }""", "url", "$(…)")]
    [InlineData("""{ "url": "http://a", "headers": { "K": "Bearer $S3CRET" } }""", "headers.K", "$NAME")]
    public void It_is_handed_on_with_a_note_that_hides_the_text(string entry, string key, string form)
    {
        _folder.Write("mcp.json", $$"""{ "mcpServers": { "a": {{entry}} } }""");

        var note = Assert.Single(_folder.Notes("mcp-actors.pool.import = [\"mcp.json\"]"));

        Assert.Equal($"mcp-actors.pool.servers.a.{key}", note.Path);
        Assert.Equal(
            $"has a `{form}`, which is not filled in but handed on as it is written; a variable is written ${{NAME}} (mcp.json)",
            note.Message);
    }

    [Fact]
    public async Task The_status_of_its_server_has_it_as_a_remark()
    {
        _folder.Write("mcp.json", """
            { "mcpServers": { "a": { "command": "mcpactors-no-such-program", "args": ["${input:s3cret}"], "env": { "K": "$s3cret" } } } }
            """);
        await using var host = await PoolHost.StartAsync(_folder.Read("mcp-actors.pool.import = [\"mcp.json\"]"));

        var server = (await host.UntilAsync("a", ServerStatus.Error)).Servers.Single();

        Assert.Collection(
            server.Remarks.Order(StringComparer.Ordinal),
            remark => Assert.StartsWith("args[0] has an `${input:…}`", remark, StringComparison.Ordinal),
            remark => Assert.StartsWith("env.K has a `$NAME`, which is not filled in", remark, StringComparison.Ordinal));
    }

    [Fact]
    public void A_block_that_has_the_key_too_ends_the_remark()
    {
        _folder.Write("mcp.json", """{ "mcpServers": { "a": { "command": "x", "cwd": "$HOME", "env": { "K": "$TOKEN" } } } }""");

        var server = Assert.Single(_folder.Read("""
            mcp-actors.pool { import = ["mcp.json"], servers.a { env { K = v } } }
            """).Servers);

        Assert.StartsWith("cwd has a `$NAME`", Assert.Single(server.Remarks), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "command": "sh", "args": ["-c", "echo $HOME $(date)"] }""")]
    [InlineData("""{ "command": "cmd", "args": ["/c", "%APPDATA%"] }""")]
    public void In_arguments_of_a_shell_it_needs_no_note(string entry)
    {
        _folder.Write("mcp.json", $$"""{ "mcpServers": { "a": {{entry}} } }""");

        Assert.Empty(_folder.Notes("mcp-actors.pool.import = [\"mcp.json\"]"));
    }

    [Fact]
    public void A_variable_that_is_filled_in_needs_no_note()
    {
        using var variable = new Variable("k3y");
        _folder.Write("mcp.json", $$"""{ "mcpServers": { "a": { "command": "x", "env": { "K": "${{variable.Name}}" } } } }""");

        Assert.Empty(_folder.Notes("mcp-actors.pool.import = [\"mcp.json\"]"));
    }
}
