using McpActors.Configuration;
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

    [Theory]
    [InlineData("""{ "mcpServers": { "a": { "command": "\ud800" } } }""")]
    [InlineData("""{ "mcpServers": { "a": { "command": "x", "args": ["\udc00"] } } }""")]
    [InlineData("""{ "mcpServers": { "a": { "command": "x", "env": { "\ud800": "1" } } } }""")]
    [InlineData("""{ "mcpServers": { "a": { "command": "x", "env": { "A": "\ud800x" } } } }""")]
    [InlineData("""{ "mcpServers": { "a": { "command": "x", "cwd": "\ud800" } } }""")]
    [InlineData("""{ "mcpServers": { "a": { "url": "http://\ud800" } } }""")]
    [InlineData("""{ "mcpServers": { "a": { "type": "\ud800", "url": "http://a" } } }""")]
    public void Half_a_surrogate_pair_is_a_problem(string json)
    {
        _folder.Write("mcp.json", json);

        var problem = _folder.Problems("mcp-actors.pool { import = [\"mcp.json\"] }")[0];

        Assert.Equal("mcp-actors.pool.servers.a", problem.Path);
        Assert.Contains("half of a surrogate pair", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_with_half_of_a_surrogate_pair_is_made_usable()
    {
        _folder.Write("mcp.json", """{ "mcpServers": { "a\ud800": { "command": "x" } } }""");

        var server = Assert.Single(_folder.Read("mcp-actors.pool { import = [\"mcp.json\"] }").Servers);

        Assert.Equal(("a-ud800", "a\\ud800"), (server.Name, server.DisplayName));
    }

    [Theory]
    [InlineData("""{ "\ud800": 1, "mcpServers": { "a": { "command": "x" } } }""")]
    [InlineData("""{ "mcpServers": { "a": { "command": "x" } }, "inputs": [ { "\ud800": 1, "id": "i", "default": "d" } ] }""")]
    [InlineData("""{ "servers": [ { "\ud800": 1, "name": "a", "command": "x" } ] }""")]
    public void A_key_with_half_of_a_surrogate_pair_does_not_hide_the_servers(string json)
    {
        var file = _folder.Write("mcp.json", json);

        foreach (var read in (ConfigurationFile[])[
            ConfigurationFile.Read(file), ConfigurationFile.Read(_folder.Write("pool.conf", "mcp-actors.pool.import = [\"mcp.json\"]"))])
        {
            Assert.Equal(["a"], read.Settings!.Servers.Select(server => server.Name));
        }
    }

    [Theory]
    [InlineData("{\n  \"mcpServers\": {\n    \"a\": { \"command\": \"x\" \"args\": [] }\n  }\n}", "line 3")]
    [InlineData("// mine\n{ \"servers\": { \"a\": { \"command\": \"x\" } }", "line 2")]
    public void A_mistake_in_the_file_of_a_client_is_one_of_JSON(string json, string line)
    {
        var problem = Assert.Single(ConfigurationFile.Read(_folder.Write("mcp.json", json)).Problems);

        Assert.Contains($"mcp.json is not valid JSON in {line}", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_texts_that_all_placeholders_multiply_to_are_bounded()
    {
        var arg = string.Concat(Enumerable.Repeat("${A}", 900));
        var entries = Enumerable.Range(0, 30).Select(i =>
            $$"""  "s{{i}}": { "command": "x", "args": ["{{arg}}"], "env": { "A": "{{new string('a', 500)}}" } } """);
        var file = _folder.Write("mcp.json", $$"""{ "mcpServers": { {{string.Join(',', entries)}} } }""");

        var read = ConfigurationFile.Read(file);

        Assert.Equal(30, read.Settings!.Servers.Count);
        Assert.Null(read.Settings.Servers[0].Misconfigured);
        Assert.Contains("placeholders", read.Settings.Servers[^1].Misconfigured, StringComparison.Ordinal);
        Assert.True(read.Settings.Servers.Sum(server => server.Args.Sum(written => written.Length)) < 17_000_000);
    }

    [Fact]
    public void A_HOCON_file_may_end_as_JSON_files_do()
    {
        var file = _folder.Write("pool.json", "{ mcp-actors.pool.servers.a.uri = \"ws://a\" }");

        Assert.Equal(["a"], ConfigurationFile.Read(file).Settings!.Servers.Select(server => server.Name));
    }

    [Fact]
    public void A_folder_with_a_NUL_is_a_problem_of_its_key()
    {
        _folder.Write("mcp.json", """{ "mcpServers": { "a": { "command": "x", "cwd": "a\u0000b" } } }""");

        Assert.Equal("mcp-actors.pool.servers.a.cwd", _folder.Problem("mcp-actors.pool { import = [\"mcp.json\"] }").Path);
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
    [InlineData("{ \"mcpServers\": { \"a\": { } } }", "servers.a", "neither url nor command")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"command\": \"x\", \"url\": \"http://a\" } } }", "servers.a", "both url and command")]
    [InlineData("{ \"context_servers\": { \"a\": { \"source\": \"extension\" } } }", "servers.a", "an extension of its client")]
    [InlineData("{ \"mcpServers\": { \"a\": 5 } }", "servers.a", "must be an object")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"command\": [] } } }", "servers.a.command", "has no program")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"command\": \"x\", \"args\": [null] } } }", "servers.a.args[0]", "must be a text")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"command\": \"x\", \"env\": { \"X\": null } } } }", "servers.a.env.X", "must be a text")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"command\": \"${input:x}\" } } }", "servers.a.command", "would ask a person")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"command\": \"x\", \"envFile\": \"none.env\" } } }",
        "servers.a.envFile", "there is no file")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"url\": \"http://a\", \"headers\": { \"K\": \"${MCPACTORS_TEST_NOT_SET}\" } } } }",
        "servers.a.headers.K", "MCPACTORS_TEST_NOT_SET is not set")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"command\": \"x\", \"args\": \"y\" } } }", "servers.a.args", "must be a list")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"url\": \"here\" } } }", "servers.a.uri", "its url is not an absolute address")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"url\": \"http://a\", \"type\": \"carrier-pigeon\" } } }", "servers.a.type",
        "`carrier-pigeon` is not supported")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"url\": \"${MCPACTORS_TEST_NOT_SET}\" } } }", "servers.a.url",
        "MCPACTORS_TEST_NOT_SET is not set")]
    [InlineData("{ \"mcpServers\": { \"a\": { \"command\": \"x\" }, \"a\": { \"command\": \"y\" } } }", "servers.a", "written twice")]
    [InlineData("{ \"mcpServers\": { \"own\": { \"command\": \"x\" } } }", "servers.own", "is also in mcp.json")]
    [InlineData("{ \"a\": 5 }", "import[0]", "has no servers at its top")]
    [InlineData("[]", "import[0]", "mcpServers, servers, mcp.servers, mcp, context_servers, mcp_servers and extensions")]
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

    [Theory]
    [InlineData("{ \"My Server\": { \"command\": \"x\" } }", "servers.My-Server", "its name there, \"My Server\"")]
    [InlineData("{ \"a\": { \"command\": \"x\", \"args\": [\"${MCPACTORS_TEST_NOT_SET}\"] } }", "servers.a.args[0]",
        "environment variable MCPACTORS_TEST_NOT_SET is not set or empty; it is handed on as it is written")]
    [InlineData("{ \"a\": { \"command\": \"x\", \"env\": { \"K\": \"${input:k}\" } } }", "servers.a.env.K", "would ask a person")]
    [InlineData("{ \"a\": { \"command\": \"x\", \"args\": [\"${f}\"] } }", "servers.a.args[0]", "environment variable f")]
    [InlineData("{ \"a\": { \"command\": \"x -y\" } }", "servers.a.command", "a whole command line")]
    [InlineData("{ \"a\": { \"command\": \"x\", \"timeout\": 600 } }",
        "servers.a.timeout",
        "its `timeout` of 600 s has no effect: calls end after `call-timeout`, 30 s. Raise it, or set `timeout` of a route")]
    [InlineData("{ \"a\": { \"command\": \"x\", \"disabledTools\": [\"t\"] } }", "servers.a.disabledTools", "all tools of the server")]
    [InlineData("{ \"a\": { \"command\": \"x\", \"sandboxEnabled\": true } }", "servers.a.sandboxEnabled", "the rights of the pool")]
    [InlineData("{ \"a\": { \"url\": \"http://a\", \"oauth\": { \"scopes\": [] } } }", "servers.a.oauth", "does not log in")]
    [InlineData("{ \"a\": { \"url\": \"http://a\", \"startup_timeout_sec\": 9 } }", "servers.a.startup_timeout_sec", "connect-timeout")]
    [InlineData("{ \"a\": { \"command\": \"x\", \"startup_timeout_sec\": true } }", "servers.a.startup_timeout_sec", "is no time")]
    [InlineData("{ \"a\": { \"command\": \"x\", \"headers\": { \"A\": \"b\" } } }", "servers.a.headers", "no effect on a program")]
    [InlineData("{ \"a\": { \"command\": \"x\", \"wotsit\": 1 } }", "servers.a.wotsit", "is not known")]
    [InlineData("{ \"a\": { \"command\": \"x\", \"proxy\": \"http://p\" } }", "servers.a.proxy", "no effect on a program")]
    [InlineData("{ \"a\": { \"command\": \"x\", \"bearer_token_env_var\": \"T\" } }", "servers.a.bearer_token_env_var",
        "no effect on a program")]
    [InlineData("{ \"a\": { \"command\": \"x\", \"env_http_headers\": { \"A\": \"B\" } } }", "servers.a.env_http_headers",
        "no effect on a program")]
    [InlineData("{ \"a\": { \"type\": \"stdio\", \"command\": \"x\", \"url\": \"http://a\" } }", "servers.a.url", "no effect on a program")]
    [InlineData("{ \"a\": { \"type\": \"http\", \"command\": \"x\", \"url\": \"http://a\" } }", "servers.a.command",
        "no effect on a server with an address")]
    [InlineData("{ \"a\": { \"url\": \"http://a\", \"cwd\": \"/srv\" } }", "servers.a.cwd", "no effect on a server with an address")]
    public void Keys_with_no_or_another_effect_are_noted(string servers, string key, string note)
    {
        _folder.Write("mcp.json", $"{{ \"mcpServers\": {servers} }}");

        var found = Assert.Single(_folder.Notes("mcp-actors.pool { import = [\"mcp.json\"] }"));

        Assert.Equal($"mcp-actors.pool.{key}", found.Path);
        Assert.Contains(note, found.Message, StringComparison.Ordinal);
        Assert.EndsWith("(mcp.json)", found.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"startup_timeout_sec\": 20", 20)]
    [InlineData("\"startup_timeout_ms\": 15000", 15)]
    [InlineData("\"startupTimeout\": \"2m\"", 120)]
    [InlineData("\"initTimeout\": 60000", 60)]
    public void The_time_that_a_program_may_take_to_start_is_its_start_timeout(string entry, int seconds)
    {
        _folder.Write("mcp.json", $$"""{ "mcpServers": { "a": { "command": "x", {{entry}} } } }""");

        var server = _folder.Read("mcp-actors.pool.import = [\"mcp.json\"]").Servers[0];

        Assert.Equal(TimeSpan.FromSeconds(seconds), server.StartTimeout);
    }

    [Fact]
    public void The_first_of_several_keys_for_the_same_counts_wherever_it_is_written()
    {
        _folder.Write("mcp.json", """
            { "mcpServers": { "a": { "command": "x", "envs": { "A": "3", "B": "3", "C": "3" }, "environment": { "A": "2", "B": "2" },
              "env": { "A": "1" } },
              "b": { "command": "y", "command": "z" } } }
            """);

        var servers = _folder.Read("mcp-actors.pool.import = [\"mcp.json\"]").Servers;

        Assert.Equal(["1", "2", "3"], "ABC".Select(name => servers[0].Environment[$"{name}"].Resolve()));
        Assert.Equal("z", servers[1].Command);
    }

    [Fact]
    public void Blanks_in_the_value_of_a_placeholder_do_not_split_a_command_line()
    {
        _folder.Write("mcp.json", """
            { "mcpServers": { "a": { "command": "${P}/run ${Q:-x y} z", "env": { "P": "/my programs" } } } }
            """);

        var server = Assert.Single(_folder.Read("mcp-actors.pool.import = [\"mcp.json\"]").Servers);

        Assert.Equal(("/my programs/run", "x y|z"), (server.Command, string.Join('|', server.Args)));
    }

    [Fact]
    public void Names_of_headers_are_the_same_in_any_case()
    {
        _folder.Write("mcp.json", """
            { "mcpServers": { "a": { "url": "http://a", "headers": { "X-Key": "a" }, "env_http_headers": { "x-key": "PATH" } } } }
            """);

        var server = Assert.Single(_folder.Read("mcp-actors.pool.import = [\"mcp.json\"]").Servers);

        Assert.Equal(Secret.FromEnvironment("PATH"), Assert.Single(server.Headers).Value);
    }

    [Fact]
    public void The_content_of_a_file_in_an_argument_or_address_is_not_shown()
    {
        _folder.Write("word", "correct horse\n");
        _folder.Write("mcp.json", """
            { "mcpServers": { "a": { "command": "x", "args": ["--phrase", "${file:word}"] },
              "b": { "url": "http://b/{file:word}" } } }
            """);

        var servers = _folder.Read("mcp-actors.pool.import = [\"mcp.json\"]").Servers;

        Assert.Equal("correct horse", servers[0].Args[1]);
        Assert.All(servers, server => Assert.Equal("no *** here", Redactor.For(server).Redact("no correct horse here")));
    }

    [Fact]
    public void Keys_for_the_client_alone_are_not_noted()
    {
        _folder.Write("mcp.json", """
            { "mcpServers": { "a": { "command": "x", "autoApprove": ["t"], "alwaysAllow": [], "trust": true, "description": "d",
              "icon": "i",
              "timeout": 20, "disabled": false, "tools": ["*"], "includeTools": [], "headers": {}, "$comment": "c", "x-mine": 1 } } }
            """);

        Assert.Empty(_folder.Notes("mcp-actors.pool { import = [\"mcp.json\"] }"));
    }

    [Fact]
    public void A_block_may_have_the_name_that_people_know()
    {
        _folder.Write("mcp.json", """{ "mcpServers": { "My Server": { "command": "x" } } }""");

        var server = Assert.Single(_folder.Read("""
            mcp-actors.pool { import = ["mcp.json"], servers { "My Server" { group = tools } } }
            """).Servers);

        Assert.Equal(("My-Server", "My Server", "tools"), (server.Name, server.DisplayName, server.Group));
    }

    [Fact]
    public void A_server_that_is_switched_off_needs_neither_its_block_nor_its_routes_changed()
    {
        _folder.Write("mcp.json", """{ "mcpServers": { "github": { "command": "x", "enabled": "no" }, "files": { "command": "y" } } }""");

        var settings = _folder.Read("""
            mcp-actors.pool { import = ["mcp.json"], servers { github { group = code } }, routes = [{ match = "x*", server = github }] }
            """);

        Assert.Equal("files", Assert.Single(settings.Servers).Name);
        Assert.Empty(SettingsValidator.Validate(settings, PoolConfiguration.BuiltInStrategies));
    }

    [Theory]
    [InlineData("routes = [{ match = x, server = nobody }]", "routes[0].server")]
    [InlineData("routes = [{ match = x, group = nowhere }]", "routes[0].group")]
    [InlineData("default-route = nowhere", "default-route")]
    public void A_server_that_is_switched_off_hides_no_other_mistake(string wrong, string path)
    {
        _folder.Write("mcp.json",
            """{ "mcpServers": { "My Server": { "command": "x", "disabled": true }, "files": { "command": "y" } } }""");
        const string right = """
            servers { "My Server" { group = code } }, groups { default { } }
            """;

        Assert.Empty(SettingsValidator.Validate(
            _folder.Read($$"""
                mcp-actors.pool { import = ["mcp.json"], {{right}}
                  routes = [{ match = a, server = My-Server }, { match = b, server = "My Server" }, { match = c, group = code }] }
                """),
            PoolConfiguration.BuiltInStrategies));
        Assert.Equal(
            $"mcp-actors.pool.{path}",
            _folder.Problem($"mcp-actors.pool {{ import = [\"mcp.json\"], {right} {wrong} }}").Path);
    }

    [Theory]
    [InlineData("mcp.json", "{ \"mcpServers\": { \"a\": { \"command\": \"x\" } } }")]
    [InlineData("settings.json", "{ /* c */ \"mcp\": { \"servers\": { \"a\": { \"command\": \"x\", }, } }, }")]
    [InlineData("pool.json", "{ \"mcp-actors\": { \"pool\": { \"servers\": { \"a\": { \"command\": \"x\" } } } } }")]
    public void The_file_of_a_client_may_be_given_in_place_of_a_configuration(string name, string text)
    {
        var file = _folder.Write(name, text);

        var server = Assert.Single(PoolConfiguration.ReadFile(file).Servers);

        Assert.Equal(("a", "x"), (server.Name, server.Command));
        Assert.Contains(file, ConfigurationFile.Read(file).Files);
    }

    [Theory]
    [InlineData("sse", HttpTransport.Sse)]
    [InlineData("SSE", HttpTransport.Sse)]
    [InlineData("http", HttpTransport.Auto)]
    [InlineData("streamable-http", HttpTransport.Auto)]
    public void A_type_that_leaves_no_choice_is_the_transport(string type, HttpTransport transport)
    {
        _folder.Write("mcp.json", $$"""{ "servers": { "a": { "type": "{{type}}", "url": "http://a", "proxy": "http://proxy:1" } } }""");

        var server = Assert.Single(_folder.Read("mcp-actors.pool.import = [\"mcp.json\"]").Servers);

        Assert.Equal((transport, "http://proxy:1"), (server.Transport, server.Proxy!.Resolve()));
    }
}
