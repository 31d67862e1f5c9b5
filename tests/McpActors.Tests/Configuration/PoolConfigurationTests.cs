using Akka.Configuration;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Configuration;

public sealed class PoolConfigurationTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reads_a_server_that_listens()
    {
        using var token = new Variable("s3cret");
        using var key = new Variable("k3y");
        var server = Assert.Single(_folder.Read($$"""
            mcp-actors.pool.servers.search {
              uri = "https://search.example/mcp?v=1", auth { type = token, token-env = {{token.Name}} }
              group = web, priority = 2, weight = 3
              headers { X-Tenant = acme, X-Key { env = {{key.Name}} } }
              max-in-flight = 8, max-queue = 0, trust-annotations = off, protocol-version = 2025-06-18
            }
            """).Servers);

        Assert.Equal("search", server.Name);
        Assert.Equal(new Uri("https://search.example/mcp?v=1"), server.Uri);
        Assert.Equal("s3cret", server.Token?.Resolve());
        Assert.Equal(["acme", "k3y"], [server.Headers["X-Tenant"].Resolve(), server.Headers["X-Key"].Resolve()]);
        Assert.Equal(("web", 2, 3, 8, 0), (server.Group, server.Priority, server.Weight, server.MaxInFlight, server.MaxQueue));
        Assert.False(server.TrustAnnotations);
        Assert.Equal("2025-06-18", server.ProtocolVersion);
    }

    [Fact]
    public void Reads_a_server_that_is_started()
    {
        using var key = new Variable("k3y");
        var server = Assert.Single(_folder.Read($$"""
            mcp-actors.pool.servers.files {
              command = npx, args = ["-y", "@modelcontextprotocol/server-filesystem", /data], cwd = work
              env { LEVEL = debug, EMPTY = "", KEY = { env = {{key.Name}} } }
              inherit-environment = on
            }
            """).Servers);

        Assert.Equal("npx", server.Command);
        Assert.Equal(["-y", "@modelcontextprotocol/server-filesystem", "/data"], server.Args);
        Assert.Equal(Path.Combine(_folder.Path, "work"), server.WorkingDirectory);
        Assert.Equal(["debug", "", "k3y"], server.Environment.Values.Select(v => v.Resolve()));
        Assert.True(server.InheritEnvironment);
    }

    [Fact]
    public void Keeps_servers_and_routes_in_the_order_they_are_written_in()
    {
        var settings = _folder.Read("""
            mcp-actors.pool {
              servers { zulu { uri = "memory://z" }, alpha { uri = "memory://a" }, mike { uri = "memory://m" } }
              servers.bravo.uri = "memory://b"
              servers.zulu.priority = 1
              routes = [ { match = "z*", server = zulu }, { match = "*", group = default } ]
            }
            """);

        Assert.Equal(["zulu", "alpha", "mike", "bravo"], settings.Servers.Select(s => s.Name));
        Assert.Equal(["z*", "*"], settings.Routes.Select(r => r.Match));
    }

    [Fact]
    public void Keeps_the_order_of_a_configuration_that_Akka_has_parsed_and_laid_over_the_defaults()
    {
        var names = string.Join('\n', Enumerable.Range(0, 50).Reverse().Select(i => $"s{i} {{ uri = \"memory://s{i}\" }}"));
        var settings = PoolConfiguration.Read(
            ConfigurationFactory.ParseString($"mcp-actors.pool.servers {{ {names} }}").WithFallback(PoolConfiguration.Reference));

        Assert.Equal(Enumerable.Range(0, 50).Reverse().Select(i => $"s{i}"), settings.Servers.Select(s => s.Name));
    }

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("30s", 30_000)]
    [InlineData("5 min", 300_000)]
    [InlineData("1.5 seconds", 1_500)]
    [InlineData("2h", 7_200_000)]
    [InlineData("\"1 day\"", 86_400_000)]
    public void Reads_durations(string written, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), _folder.Read($"mcp-actors.pool.call-timeout = {written}").CallTimeout);

    [Theory]
    [InlineData("65536", 65_536)]
    [InlineData("4 MiB", 4_194_304)]
    [InlineData("512k", 524_288)]
    [InlineData("2MB", 2_000_000)]
    public void Reads_sizes(string written, long bytes) =>
        Assert.Equal(bytes, _folder.Read($"mcp-actors.pool.max-request-size = {written}").MaxRequestSize);

    [Fact]
    public void A_setting_that_is_off_is_read_as_absent()
    {
        var settings = _folder.Read(
            "mcp-actors.pool { attempt-timeout = auto, slow-start = off, max-open-share = off, panic-threshold = 0.5 }");

        Assert.Equal((null, TimeSpan.Zero, null, 0.5),
            (settings.AttemptTimeout, settings.SlowStart, settings.MaxOpenShare, settings.PanicThreshold));
    }

    [Fact]
    public void A_file_may_include_another_and_override_it()
    {
        _folder.Write("shared/base.conf", "mcp-actors.pool { call-timeout = 10s, max-queue = 3, servers { a { uri = \"memory://a\" } } }");
        var settings = _folder.Read("""
            include "shared/base.conf"
            mcp-actors.pool { call-timeout = 20s, servers { a { priority = 5 } } }
            """);

        Assert.Equal((TimeSpan.FromSeconds(20), 3), (settings.CallTimeout, settings.MaxQueue));
        Assert.Equal(("memory://a/", 5), (settings.Servers[0].Uri?.ToString(), settings.Servers[0].Priority));
    }

    [Fact]
    public void A_substitution_takes_a_key_or_an_environment_variable()
    {
        using var address = new Variable("ws://localhost:4000");
        var settings = _folder.Read($$"""
            common { group = web, weight = 5 }
            mcp-actors.pool.servers {
              a = ${common} { uri = ${{{address.Name}}}, weight = 2 }
              b = ${common}
              b { uri = "ws://"${host}":5000/mcp" }
              c { uri = "memory://c", priority = 4, priority = ${?MCPACTORS_TEST_NOT_SET} }
            }
            host = example.org
            """);

        Assert.Equal(["ws://localhost:4000/", "ws://example.org:5000/mcp", "memory://c/"], settings.Servers.Select(s => s.Uri!.ToString()));
        Assert.Equal([2, 5, 1], settings.Servers.Select(s => s.Weight));
        Assert.Equal(4, settings.Servers[2].Priority);
    }

    [Fact]
    public void A_file_without_line_breaks_or_in_JSON_is_read_the_same()
    {
        var json = _folder.Read("""{ "mcp-actors": { "pool": { "servers": { "a": { "uri": "ws://h:1/p", "auth": { "token": "t" } } },"""
            + """ "idempotent-tools": ["x", "y",] } } }""");

        Assert.Equal("ws://h:1/p", json.Servers[0].Uri?.ToString());
        Assert.Equal(["x", "y"], json.IdempotentTools);
    }

    [Fact]
    public void A_loaded_file_hands_its_other_sections_to_Akka()
    {
        var config = PoolConfiguration.LoadFile(_folder.Write("host.conf",
            "akka { loglevel = DEBUG, actor.debug { unhandled = on }, list = [a, b], none = [] }"));

        Assert.Equal("DEBUG", config.GetString("akka.loglevel"));
        Assert.True(config.GetBoolean("akka.actor.debug.unhandled"));
        Assert.Equal(["a", "b"], config.GetStringList("akka.list"));
        Assert.Empty(config.GetStringList("akka.none"));
    }
}
