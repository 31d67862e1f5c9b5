using System.Text;
using McpActors.Configuration;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace McpActors.Tests.Configuration;

/// <summary>A pool that is configured by an <c>IConfiguration</c>, such as <c>appsettings.json</c>.</summary>
public class ConfigurationSectionTests
{
    [Fact]
    public void Reads_every_kind_of_value_in_the_spelling_of_NET()
    {
        using var token = new Variable("s3cret");
        var settings = Read($$"""
            {
              "LoadBalancing": "random", "CallTimeout": "10s", "MaxQueue": 5, "TrustAnnotations": false, "MaxRequestSize": "1 MiB",
              "IdempotentTools": ["read_*", "list_*"],
              "Failover": { "Enabled": true, "MaxAttempts": 2 },
              "Groups": { "web": { "LoadBalancing": "peak-ewma" } },
              "Routes": [ { "Match": "read_*", "Group": "web", "Timeout": "2s" }, { "Match": "*", "Server": "files" } ],
              "Servers": {
                "search": {
                  "Uri": "https://search.example/mcp", "Group": "web", "Auth": { "Type": "token", "TokenEnv": "{{token.Name}}" },
                  "Headers": { "X-Tenant": "acme", "X-Key": { "Env": "{{token.Name}}" } }, "ProtocolVersion": "2025-06-18"
                },
                "files": { "Command": "npx", "Args": ["-y", "server"], "Env": { "LOG_LEVEL": "debug", "Empty": "" },
                           "Placement": "one-node" }
              }
            }
            """);

        Assert.Equal(("random", TimeSpan.FromSeconds(10), 5, 1_048_576),
            (settings.LoadBalancing, settings.CallTimeout, settings.MaxQueue, settings.MaxRequestSize));
        Assert.Equal(["read_*", "list_*"], settings.IdempotentTools);
        Assert.Equal((true, 2), (settings.Failover.Enabled, settings.Failover.MaxAttempts));
        Assert.Equal("peak-ewma", settings.Groups["web"].LoadBalancing);
        Assert.Equal([("read_*", "web", null), ("*", null, "files")],
            settings.Routes.Select(route => (route.Match, route.Group, route.Server)));
        Assert.Equal(["files", "search"], settings.Servers.Select(server => server.Name));

        var (files, search) = (settings.Servers[0], settings.Servers[1]);
        Assert.Equal(["s3cret", "acme", "s3cret"],
            [search.Token!.Resolve(), search.Headers["X-Tenant"].Resolve(), search.Headers["X-Key"].Resolve()]);
        Assert.Equal(["-y", "server"], files.Args);
        Assert.Equal([("Empty", ""), ("LOG_LEVEL", "debug")],
            files.Environment.Select(variable => (variable.Key, variable.Value.Resolve())));
        Assert.Equal((ServerPlacement.OneNode, false), (files.Placement, files.TrustAnnotations));
    }

    [Theory]
    [InlineData("LoadBalancing")]
    [InlineData("loadBalancing")]
    [InlineData("load-balancing")]
    [InlineData("LOAD_BALANCING")]
    [InlineData("LOADBALANCING")]
    public void A_key_may_be_in_any_spelling(string key) =>
        Assert.Equal("random", Read($$"""{ "{{key}}": "random" }""").LoadBalancing);

    [Fact]
    public void Names_keep_their_spelling()
    {
        var settings = Read(
            """{ "Servers": { "a-b": { "Uri": "memory://1" }, "ab": { "Uri": "memory://2" }, "env": { "Uri": "memory://3" } } }""");

        Assert.Equal(["a-b", "ab", "env"], settings.Servers.Select(server => server.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Another_source_overrides_single_keys_and_entries_of_lists()
    {
        var configuration = new ConfigurationBuilder()
            .AddJsonStream(new MemoryStream("""
                { "McpPool": { "MaxQueue": 5,
                  "Servers": { "files": { "Command": "npx", "Args": ["-y", "server", "/data"], "Priority": 3 } } } }
                """u8.ToArray()))
            .AddInMemoryCollection([new("MCPPOOL:MAXQUEUE", "6"), new("McpPool:Servers:files:args:2", "/other")])
            .Build();

        var settings = PoolConfiguration.Read(configuration.GetSection("McpPool"));

        Assert.Equal(6, settings.MaxQueue);
        Assert.Equal((3, "/other"), (settings.Servers[0].Priority, settings.Servers[0].Args[2]));
    }

    [Fact]
    public void A_list_may_have_gaps() =>
        Assert.Equal(["a", "b"], PoolConfiguration.Read(InMemory(("IdempotentTools:10", "b"), ("IdempotentTools:2", "a"))).IdempotentTools);

    [Fact]
    public void An_empty_or_null_value_has_the_default()
    {
        var settings = Read("""
            {
              "Routes": [], "IdempotentTools": [], "Servers": {}, "Failover": {}, "LoadBalancing": null, "MaxQueue": null,
              "Groups": { "later": {} }, "DefaultRoute": "later"
            }
            """);

        Assert.Equal((0, 64, "round-robin"), (settings.Servers.Count, settings.MaxQueue, settings.LoadBalancing));
        Assert.Equal(["later"], settings.Groups.Keys);
    }

    [Theory]
    [InlineData("""{ "LoadBalncing": "random" }""", "McpPool:LoadBalncing", "did you mean `LoadBalancing`?")]
    [InlineData("""{ "CallTimout": "1s" }""", "McpPool:CallTimout", "did you mean `CallTimeout`?")]
    [InlineData("""{ "call-timout": "1s" }""", "McpPool:call-timout", "did you mean `call-timeout`?")]
    [InlineData("""{ "Strategy": "random" }""", "McpPool:Strategy", "did you mean `LoadBalancing`?")]
    [InlineData(
        """{ "Servers": { "x": { "Uri": "http://x", "Token": "t" } } }""", "McpPool:Servers:x:Token", "did you mean `Auth:Token`?")]
    [InlineData(
        """{ "Servers": { "x": { "Uri": "http://x", "TokenEnv": "T" } } }""", "McpPool:Servers:x:TokenEnv",
        "did you mean `Auth:TokenEnv`?")]
    [InlineData("""{ "CallTimeout": 30 }""", "McpPool:CallTimeout", "`30` is not valid; expected a duration with its unit")]
    [InlineData("""{ "CallTimeout": "" }""", "McpPool:CallTimeout", "is empty")]
    [InlineData("""{ "Failover": { "MaxAttempts": 0 } }""", "McpPool:Failover:MaxAttempts", "from 1 to 100")]
    [InlineData("""{ "Failover": true }""", "McpPool:Failover", "must be a block")]
    [InlineData("""{ "Routes": { "a": { "Match": "*" } } }""", "McpPool:Routes", "must be a list")]
    [InlineData("""{ "Routes": [ { "Match": "regex:(", "Group": "default" } ] }""", "McpPool:Routes:0:Match", "not a regular expression")]
    [InlineData("""{ "Routes": [ { "Match": "a", "Group": "web" } ] }""", "McpPool:Routes:0:Group", "no server is in a group `web`")]
    [InlineData("""{ "DefaultRoute": "web" }""", "McpPool:DefaultRoute", "no server is in a group `web`")]
    [InlineData("""{ "Servers": { "files": { } } }""", "McpPool:Servers:files", "neither uri nor command")]
    [InlineData("""{ "Servers": { "files": { "Uri": "localhost" } } }""", "McpPool:Servers:files:Uri", "not an absolute address")]
    [InlineData("""{ "Servers": { "my.files": { "Uri": "memory://a", "Weight": 0 } } }""", "McpPool:Servers:my.files:Weight",
        "from 1 to 1000")]
    [InlineData("""{ "Servers": { "files": { "Uri": "memory://a", "Args": ["x"] } } }""", "McpPool:Servers:files:Args",
        "started by command")]
    [InlineData("""{ "Servers": [ { "Uri": "memory://a" } ] }""", "McpPool:Servers", "must be a block")]
    [InlineData("""{ "Servers": { "files": { "Command": "npx", "Args": { "01": "b", "1": "c" } } } }""", "McpPool:Servers:files:Args",
        "must be a list")]
    [InlineData("""{ "Servers": { "files": { "Command": "npx", "Args": [null, "b"] } } }""", "McpPool:Servers:files:Args:0",
        "must be a text")]
    [InlineData("""{ "max-queue": 1, "MaxQueue": 2 }""", "McpPool:max-queue", "more than one spelling")]
    public void A_problem_is_reported_at_its_key(string json, string path, string message)
    {
        var problem = Assert.Single(Problems(json));

        Assert.Equal(path, problem.Path);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("()", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"x\"")]
    [InlineData("1")]
    public void A_section_that_is_no_block_is_refused(string json)
    {
        var problem = Assert.Single(Problems(json));

        Assert.Equal("McpPool", problem.Path);
        Assert.Contains("must be a block", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    public void Servers_may_be_empty(string json) => Assert.Empty(Read($$"""{ "MaxQueue": 1, "Servers": {{json}} }""").Servers);

    [Fact]
    public void All_problems_are_reported_together() =>
        Assert.Equal(
            ["McpPool:CallTimeout", "McpPool:DefaultRoute", "McpPool:LoadBalancing", "McpPool:Servers:a", "McpPool:Servers:b:Wieght"],
            Problems("""
                {
                  "CallTimeout": "soon", "DefaultRoute": "web", "LoadBalancing": "fastest",
                  "Servers": { "a": { "Priority": 1 }, "b": { "Uri": "memory://b", "Wieght": 2 } }
                }
                """).Select(problem => problem.Path).Order(StringComparer.Ordinal));

    [Fact]
    public void A_key_with_a_value_of_its_own_and_keys_below_it_is_refused()
    {
        var configuration = InMemory(("Servers:a", "memory://a"), ("Servers:a:Uri", "memory://a"));

        var problem = Assert.Single(Assert.Throws<InvalidSettingsException>(() => PoolConfiguration.Read(configuration)).Problems);

        Assert.Equal("Servers:a", problem.Path);
    }

    [Fact]
    public void A_section_that_does_not_exist_is_refused()
    {
        var problem = Assert.Single(Assert.Throws<InvalidSettingsException>(() =>
            PoolConfiguration.Read(InMemory(("Other", "1")).GetSection("McpPool"))).Problems);

        Assert.Equal("McpPool", problem.Path);
        Assert.Contains("does not exist in the configuration", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_problem_never_shows_a_secret()
    {
        var problems = Problems(
            """{ "Servers": { "a": { "Uri": "memory://a", "Auth": { "Token": "s3cret\nvalue", "Tokn": "s3cret" } } } }""");

        Assert.Equal(["McpPool:Servers:a:Auth:Tokn", "McpPool:Servers:a:Auth:Token"], problems.Select(problem => problem.Path));
        Assert.DoesNotContain("s3cret", string.Concat(problems), StringComparison.Ordinal);
    }

    private static PoolSettings Read(string json) => PoolConfiguration.Read(
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "McpPool": {{json}} }"""))).Build()
            .GetSection("McpPool"));

    private static IReadOnlyList<SettingsProblem> Problems(string json) =>
        Assert.Throws<InvalidSettingsException>(() => Read(json)).Problems;

    private static IConfigurationRoot InMemory(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(value => KeyValuePair.Create(value.Key, (string?)value.Value)))
            .Build();
}
