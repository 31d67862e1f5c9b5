using Akka.Configuration;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Configuration;

public sealed class ConfigurationProblemTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("call-timout = 3s", "call-timout", "did you mean `call-timeout`?")]
    [InlineData("failover.max-atempts = 3", "failover.max-atempts", "did you mean `max-attempts`?")]
    [InlineData("servers.a { uri = \"memory://a\", wieght = 2 }", "servers.a.wieght", "did you mean `weight`?")]
    [InlineData("servers.a { uri = \"http://a\", token-file = x }", "servers.a.token-file", "did you mean `auth.token-file`?")]
    [InlineData("servers.a { ur = \"memory://a\" }", "servers.a.ur", "did you mean `uri`?")]
    [InlineData("xyzzy = 1", "xyzzy", "known here: attempt-timeout, ")]
    [InlineData("servers { my.server { uri = \"memory://a\" } }", "servers.my.server", "\"my.server\"")]
    [InlineData("load-balancing = round-robbin", "load-balancing", "did you mean `round-robin`?")]
    [InlineData("groups.g.load-balancing = fastest", "groups.g.load-balancing",
        "Known: consistent-hash, consistent-hash-bounded, least-connections")]
    [InlineData("routes = [{ match = a, group = default, load-balancing = randm }]", "routes[0].load-balancing", "did you mean `random`?")]
    [InlineData("routes = [{ match = \"regex:(\", group = default }]", "routes[0].match", "not a regular expression")]
    [InlineData("routes = [{ match = \"\", group = default }]", "routes[0].match", "is empty")]
    [InlineData("routes = [{ group = default }]", "routes[0].match", "is empty")]
    [InlineData("routes = [{ match = \"[a]\", group = default }]", "routes[0].match", "regex:")]
    [InlineData("routes = [{ match = a, group = serach }], servers.a { uri = \"memory://a\", group = search }", "routes[0].group",
        "did you mean `search`?")]
    [InlineData("routes = [{ match = a, server = b }], servers.a.uri = \"memory://a\"", "routes[0].server", "there is no server `b`")]
    [InlineData("routes = [{ match = a }]", "routes[0]", "leads nowhere")]
    [InlineData("routes = [{ match = a, group = default, server = a }], servers.a.uri = \"memory://a\"", "routes[0]", "keep one")]
    [InlineData("routes = { match = a }", "routes", "must be a list")]
    [InlineData("routes = [{ match = a, group = default, strategy = random }]", "routes[0].strategy", "did you mean `load-balancing`?")]
    [InlineData("routes = [{ match = a, group = default, xyzzy = 1 }]", "routes[0].xyzzy",
        "known here: failover, group, hedge, load-balancing")]
    [InlineData("servers.a { command = x, working-directory = y }", "servers.a.working-directory", "did you mean `cwd`?")]
    [InlineData("servers.a { command = x, cwd = \"a\\u0000b\" }", "servers.a.cwd", "is not a path")]
    [InlineData("servers.a { uri = \"https://a\", auth.token-file = \"a\\u0000b\" }", "servers.a.auth.token-file", "is not a path")]
    [InlineData("routes = [a]", "routes[0]", "must be a block")]
    [InlineData("idempotent-tools = [\"ok\", \"regex:[\"]", "idempotent-tools[1]", "not a regular expression")]
    [InlineData("default-route = other", "default-route", "no server is in a group `other`")]
    [InlineData("call-timeout = -3s", "call-timeout", "negative")]
    [InlineData("call-timeout = 0s", "call-timeout", "more than zero")]
    [InlineData("call-timeout = 30", "call-timeout", "with its unit")]
    [InlineData("call-timeout = soon", "call-timeout", "`soon` is not valid")]
    [InlineData("call-timeout = 100 days", "call-timeout", "at most 24d")]
    [InlineData("drain-timeout = -1s", "drain-timeout", "zero or more")]
    [InlineData("ping-interval = 0", "ping-interval", "more than zero")]
    [InlineData("circuit.open-for = 2 min", "circuit.open-for", "more than max-open-for")]
    [InlineData("circuit.failure-ratio = 0", "circuit.failure-ratio", "above 0")]
    [InlineData("circuit.failure-ratio = 50%", "circuit.failure-ratio", "such as 0.2")]
    [InlineData("reconnect.factor = 0.5", "reconnect.factor", "from 1 to 100")]
    [InlineData("retry-budget.ratio = 1.5", "retry-budget.ratio", "from 0 to 1")]
    [InlineData("failover.max-attempts = 0", "failover.max-attempts", "from 1 to 100")]
    [InlineData("failover.max-attempts = 2.5", "failover.max-attempts", "whole number")]
    [InlineData("failover.max-attempts = 25e-1", "failover.max-attempts", "whole number")]
    [InlineData("failover.max-attempts = 1e3", "failover.max-attempts", "from 1 to 100")]
    [InlineData("failover.max-attempts = 1e10", "failover.max-attempts", "whole number")]
    [InlineData("failover.enabled = maybe", "failover.enabled", "on or off")]
    [InlineData("failover = on", "failover", "must be a block")]
    [InlineData("max-in-flight = 0", "max-in-flight", "from 1 to 1000000")]
    [InlineData("max-result-size = 4 GiB", "max-result-size", "out of range")]
    [InlineData("max-result-size = big", "max-result-size", "4 MiB")]
    [InlineData("servers.a { }", "servers.a", "neither uri nor command")]
    [InlineData("servers.a { uri = \"memory://a\", command = x }", "servers.a", "both uri and command")]
    [InlineData("servers.a = \"memory://a\"", "servers.a", "must be a block")]
    [InlineData("servers.a.uri = \"ftp://a\"", "servers.a.uri", "`ftp:` is not supported")]
    [InlineData("servers.a.uri = \"htps://a\"", "servers.a.uri", "did you mean `https`?")]
    [InlineData("servers.a.uri = \"localhost/mcp\"", "servers.a.uri", "not an absolute address")]
    [InlineData("servers.a.uri = \"localhost:3000\"", "servers.a.uri", "not an absolute address")]
    [InlineData("servers.a.uri = \"ws:\"", "servers.a.uri", "double quotes")]
    [InlineData("servers.a.uri = \"http://user:pa55@host/\"", "servers.a.uri", "user or password")]
    [InlineData("servers.a { uri = \"memory://a\", args = [x] }", "servers.a.args", "started by command")]
    [InlineData("servers.a { command = x, auth.token = t }", "servers.a.auth", "by env")]
    [InlineData("servers.a { command = \"\" }", "servers.a.command", "is empty")]
    [InlineData("servers.a { uri = \"memory://a\", priority = -1 }", "servers.a.priority", "from 0 to 1000000")]
    [InlineData("servers.a { uri = \"memory://a\", weight = 0 }", "servers.a.weight", "from 1 to 1000")]
    [InlineData("servers.a { uri = \"memory://a\", protocol-version = 2025-06-19 }", "servers.a.protocol-version",
        "did you mean `2025-06-18`?")]
    [InlineData("servers.\"a b\".uri = \"memory://a\"", "servers.\"a b\"", "cannot have the character ` `")]
    [InlineData("servers.\"\".uri = \"memory://a\"", "servers.\"\"", "1 to 128 characters")]
    [InlineData("servers.router.uri = \"memory://a\"", "servers.router", "pool's own router")]
    [InlineData("servers.\"..\".uri = \"memory://a\"", "servers.\"..\"", "cannot be ..")]
    [InlineData("servers.\"a\\u0000/b c\".uri = \"memory://a\"", "servers.\"a\0/b c\"", "cannot have the character U+0000")]
    [InlineData("servers.a { uri = \"memory://a\", group = \"x\\u0000\" }", "servers.a.group", "cannot have the character U+0000")]
    [InlineData("servers.a { uri = \"memory://a\", group = \"x/y\" }", "servers.a.group", "cannot have the character `/`")]
    public void A_problem_has_its_path_and_the_right_form(string pool, string key, string message)
    {
        var problem = _folder.Problem($"mcp-actors.pool {{\n{pool}\n}}");

        Assert.Equal($"mcp-actors.pool.{key}", problem.Path);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reports_everything_together()
    {
        var problems = _folder.Problems("""
            mcp-actors.pool {
              load-balancing = fastest
              call-timeout = -1s
              servers {
                a { uri = ws://localhost:3000 }
                b { uri = "ws://localhost:3001", auth { type = token, token = ${?MCPACTORS_TEST_NOT_SET} } }
                c { uri = "memory://c", wait = 3 }
                c { uri = "memory://d" }
              }
              routes = [{ match = "regex:[", group = nothing }]
            }
            """);

        Assert.Equal(
            ["call-timeout", "load-balancing", "routes[0].group", "routes[0].match", "servers.a.uri", "servers.b.auth.token", "servers.c",
                "servers.c.wait"],
            problems.Select(p => p.Path["mcp-actors.pool.".Length..]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Names_the_line()
    {
        var problem = _folder.Problem("# a comment\nmcp-actors.pool {\n  call-timeout = 1s\n\n  max-queue = -1\n}");

        Assert.EndsWith("(pool.conf, line 5)", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_beside_the_pool_is_reported_with_its_right_place()
    {
        var problem = _folder.Problem("mcp-actors { servers { a { uri = \"memory://a\" } }, pool { } }");

        Assert.Equal("mcp-actors.servers", problem.Path);
        Assert.Contains("move it to mcp-actors.pool.servers", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_misspelled_top_level_block_is_reported_beside_a_right_one()
    {
        var problem = _folder.Problem("mcp-actors.pool { }\nmcp-actor.pool { max-queue = 5 }");

        Assert.Equal("mcp-actor", problem.Path);
        Assert.Contains("did you mean `mcp-actors`? (pool.conf, line 2)", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_misspelled_group_is_reported_even_when_an_import_is_missing() =>
        Assert.Equal(
            ["import[0]", "routes[0].group"],
            _folder.Problems("""
                mcp-actors.pool {
                  import = ["none.json"]
                  servers.a { uri = "memory://a", group = search }
                  routes = [{ match = a, group = serach }, { match = b, group = imported }]
                }
                """).Select(problem => problem.Path["mcp-actors.pool.".Length..]));

    [Fact]
    public void An_mcp_json_in_place_of_a_file_is_refused_with_the_way_to_import_it() =>
        Assert.Contains("import = [\"pool.conf\"]", _folder.Problem("""{ "mcpServers": { } }""").Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("mcp-actors.pool { x = ${NOT_SET} }", true)]
    [InlineData("mcp-actors.pool { }\nakka.remote.password = ${NOT_SET}", false)]
    [InlineData("mcp-actors.pool { }\nakka { remote.password = ${?NOT_SET} }", false)]
    public void A_variable_that_is_not_set_gets_the_advice_that_fits_its_block(string hocon, bool isOfPool)
    {
        var problem = _folder.Problems(hocon).First(problem => problem.Message.Contains("NOT_SET", StringComparison.Ordinal));

        Assert.Contains("Set it", problem.Message, StringComparison.Ordinal);
        Assert.Equal(isOfPool, problem.Message.Contains("token-env = NOT_SET", StringComparison.Ordinal));
    }

    [Fact]
    public void A_substitution_that_Akka_left_empty_in_its_own_block_is_not_advised_to_be_a_token()
    {
        var config = ConfigurationFactory.ParseString("mcp-actors.pool { }\nakka.remote { password = ${?NOT_SET}\n }");

        var problem = Assert.Throws<InvalidSettingsException>(() => PoolConfiguration.Read(config)).Problems[0];

        Assert.Equal("akka.remote.password", problem.Path);
        Assert.DoesNotContain("token-env", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_a_pool_is_refused() =>
        Assert.Equal("mcp-actors.pool", _folder.Problem("akka.loglevel = DEBUG").Path);

    [Fact]
    public void The_program_may_add_strategies()
    {
        var file = _folder.Write("pool.conf", "mcp-actors.pool.load-balancing = mine");

        Assert.Equal("mine", PoolConfiguration.ReadFile(file, ["mine"]).LoadBalancing);
    }

    [Theory]
    [InlineData("mcp-actors.pool.servers.a { token = ${?NOT_SET}\n }", "servers.a.token")]
    [InlineData("mcp-actors.pool.servers.a { uri = \"memory://a\", auth = { token = ${?NOT_SET}\n } }", "servers.a.auth.token")]
    [InlineData("mcp-actors.pool.call-timeout = ${?NOT_SET}", "call-timeout")]
    public void A_substitution_that_Akka_left_empty_is_distinguished_from_an_empty_text(string hocon, string key)
    {
        var config = ConfigurationFactory.ParseString(hocon);
        var problems = Assert.Throws<InvalidSettingsException>(() => PoolConfiguration.Read(config)).Problems;

        var problem = Assert.Single(problems, p => p.Path == $"mcp-actors.pool.{key}");
        Assert.Contains("token-env = NOT_SET", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "mcp-actors.pool { servers.a { uri = \"memory://a\", "
            + "env = ${mcp-actors.pool.servers.a}, headers = ${mcp-actors.pool.servers.a}\n } }")]
    [InlineData("x = ${?NOT_SET}\n mcp-actors.pool { call-timeout = ${x}\n connect-timeout = ${x}\n }")]
    [InlineData("mcp-actors.pool.call-timeout = ${mcp-actors.pool.call-timeout}")]
    public void A_circle_in_Akkas_tree_is_a_problem(string hocon)
    {
        var config = ConfigurationFactory.ParseString(hocon);

        Assert.NotEmpty(Assert.Throws<InvalidSettingsException>(() => PoolConfiguration.Read(config)).Problems);
    }
}
