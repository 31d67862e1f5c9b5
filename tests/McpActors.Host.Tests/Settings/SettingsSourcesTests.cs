using McpActors.Configuration;
using McpActors.Host.Settings;

namespace McpActors.Host.Tests.Settings;

/// <summary>A worker's settings from its HOCON file, the environment and <c>appsettings.json</c>.</summary>
public sealed class SettingsSourcesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_file_wins_over_the_environment_and_the_environment_over_appsettings()
    {
        AppSettings("""
            { "McpActors": {
              "Pool": {
                "CallTimeout": "1s", "MaxQueue": 1, "MaxInFlight": 1,
                "Servers": { "files": { "Command": "npx", "Args": ["-y", "server"] } }
              },
              "Host": { "RequestsPerSecond": 7 },
              "Cluster": { "Port": 9000, "SeedNodes": ["127.0.0.1:9000"] }
            } }
            """);
        var read = Read(
            "mcp-actors { pool { call-timeout = 3s, servers.files.priority = 5 } }",
            ("MCP_ACTORS__POOL__CALL_TIMEOUT", "2s"), ("MCP_ACTORS__Pool__MaxQueue", "2"),
                ("MCP_ACTORS__POOL__SERVERS__files__ARGS__1", "other"));

        Assert.Equal((TimeSpan.FromSeconds(3), 2, 1), (read.Pool!.CallTimeout, read.Pool.MaxQueue, read.Pool.MaxInFlight));
        var files = Assert.Single(read.Pool.Servers);
        Assert.Equal(("npx", 5), (files.Command, files.Priority));
        Assert.Equal(["-y", "other"], files.Args);
        Assert.Equal(7, read.Host.RequestsPerSecond);
        Assert.Equal(9000, read.Cluster!.Port);
    }

    [Fact]
    public void A_list_or_null_of_the_file_replaces_the_whole_value()
    {
        AppSettings("""{ "McpActors": { "Pool": { "IdempotentTools": ["a", "b", "c"], "MaxQueue": 1 } } }""");

        var pool = Read("mcp-actors.pool { idempotent-tools = [d] }").Pool!;

        Assert.Equal(["d"], pool.IdempotentTools);
        Assert.Equal(1, pool.MaxQueue);
    }

    [Fact]
    public void A_pool_needs_no_file() =>
        Assert.Equal("memory://a/", Read(null, ("MCP_ACTORS__POOL__SERVERS__a__URI", "memory://a")).Pool!.Servers[0].Uri!.ToString());

    [Fact]
    public void Without_a_source_there_is_no_pool() => Assert.Null(Read(null).Pool);

    [Fact]
    public void Each_problem_is_reported_with_its_source()
    {
        AppSettings("""{ "McpActors": { "Pool": { "CallTimout": "1s" }, "Host": { "LogFormat": "xml" } } }""");
        var problems = Problems("mcp-actors.pool { max-queue = -1 }", ("MCP_ACTORS__POOL__MAX_IN_FLIGHT", "0"),
            ("MCP_ACTORS__CLUSTR__PORT", "1"));

        Assert.Equal(
            [
                ("mcp-actors.CLUSTR", "(environment variables MCP_ACTORS__CLUSTR…)"),
                ("mcp-actors.host.log-format", "(appsettings.json, McpActors:Host:LogFormat)"),
                ("mcp-actors.pool.CallTimout", "(appsettings.json, McpActors:Pool:CallTimout)"),
                ("mcp-actors.pool.max-in-flight", "(environment variable MCP_ACTORS__POOL__MAX_IN_FLIGHT)"),
                ("mcp-actors.pool.max-queue", "(worker.conf, line 1)"),
            ],
            problems.Select(problem => (problem.Path, problem.Message[problem.Message.LastIndexOf('(')..]))
                .OrderBy(problem => problem.Path, StringComparer.Ordinal));
    }

    [Fact]
    public void Two_variables_for_one_key_are_refused()
    {
        var problem = Assert.Single(Problems("mcp-actors.pool { }",
            ("mcp_actors__pool__calltimeout", "1s"), ("MCP_ACTORS__POOL__CALLTIMEOUT", "2s")));

        Assert.Contains("is set twice: MCP_ACTORS__POOL__CALLTIMEOUT and mcp_actors__pool__calltimeout", problem.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Two_spellings_of_one_variable_are_refused() =>
        Assert.Contains(
            "is written in more than one spelling (CALLTIMEOUT, CALL_TIMEOUT)",
            Assert.Single(Problems("mcp-actors.pool { }",
                ("MCP_ACTORS__POOL__CALLTIMEOUT", "1s"), ("MCP_ACTORS__POOL__CALL_TIMEOUT", "1s"))).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("MCP_ACTORS__POOL", "mcp-actors.pool", "must be a block")]
    [InlineData("MCP_ACTORS__POOL__CALL_TIMEOUT__X", "mcp-actors.pool.call-timeout", "must be a text")]
    [InlineData("MCP_ACTORS__POOL__IDEMPOTENT_TOOLS", "mcp-actors.pool.idempotent-tools", "must be a list")]
    public void A_value_of_the_wrong_shape_below_the_file_is_reported(string variable, string path, string message)
    {
        var problem = Assert.Single(Problems(
            "mcp-actors.pool { servers.a.uri = \"memory://a\", call-timeout = 1s, idempotent-tools = [a] }", (variable, "x")));

        Assert.Equal(path, problem.Path);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Contains("environment variable", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_of_the_wrong_shape_below_the_file_is_left_out()
    {
        var read = Read("mcp-actors.pool.servers.a.uri = \"memory://a\"", ("MCP_ACTORS__POOL__SERVERS__a", "x"));

        Assert.Equal(
            "must be a block, { … } (environment variable MCP_ACTORS__POOL__SERVERS__a)", Assert.Single(read.Pool!.Servers).Misconfigured);
        Assert.Equal("mcp-actors.pool.servers.a", Assert.Single(read.OfServers).Path);
    }

    [Fact]
    public void A_header_from_a_variable_may_override_a_literal_one() =>
        Assert.Equal(
            ["X-Key"],
            Read("mcp-actors.pool.servers.a { uri = \"https://a.example/mcp\", headers.X-Key = { env = PATH } }",
                ("MCP_ACTORS__POOL__SERVERS__a__HEADERS__X-Key", "literal")).Pool!.Servers[0].Headers.Keys);

    [Fact]
    public void A_section_of_appsettings_that_is_no_block_is_refused()
    {
        AppSettings("""{ "McpActors": "x" }""");

        Assert.Contains("must be a block", Assert.Single(Problems("mcp-actors.pool { }")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_keys_do_not_reach_the_worker()
    {
        AppSettings(
            """{ "Host": { "AllowedHosts": ["evil"] }, "AllowedHosts": "*", "mcp-actors": { "Host": { "AllowedHosts": ["evil"] } } }""");

        var host = Read(
            "mcp-actors.pool { }",
            ("McpActors__Host__AllowedHosts__0", "evil"), ("MCP_ACTORS_HOST__ALLOWED_HOSTS__0", "evil"),
                ("ASPNETCORE_MCP_ACTORS__HOST__ALLOWED_HOSTS__0", "evil")).Host;

        Assert.Empty(host.AllowedHosts);
        Assert.Null(host.AccessToken);
    }

    [Fact]
    public void An_appsettings_file_that_cannot_be_read_is_reported()
    {
        AppSettings("{ ");

        Assert.EndsWith("appsettings.json", Assert.Single(Problems("mcp-actors.pool { }")).Path, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_is_watched_only_when_it_has_settings_of_the_worker()
    {
        AppSettings("""{ "Serilog": { } }""");
        Assert.DoesNotContain(Read("mcp-actors.pool { }").Files, file => file.EndsWith("appsettings.json", StringComparison.Ordinal));

        AppSettings("""{ "McpActors": { "Pool": { "MaxQueue": 1 } } }""");
        Assert.Contains(Read("mcp-actors.pool { }").Files, file => file.EndsWith("appsettings.json", StringComparison.Ordinal));
    }

    private void AppSettings(string json) => File.WriteAllText(Path.Combine(_folder.Path, "appsettings.json"), json);

    private WorkerConfiguration Read(string? hocon, params (string Name, string Value)[] variables)
    {
        var file = hocon is null ? null : Path.Combine(_folder.Path, "worker.conf");
        if (file is not null)
            File.WriteAllText(file, hocon);
        return WorkerConfiguration.Read(file,
            new SettingsSources(variables.ToDictionary(variable => variable.Name, variable => variable.Value), _folder.Path));
    }

    private IReadOnlyList<SettingsProblem> Problems(string hocon, params (string Name, string Value)[] variables) =>
        Assert.Throws<InvalidSettingsException>(() => Read(hocon, variables)).Problems;
}
