using McpActors.Configuration;
using McpActors.Configuration.Hocon;
using Xunit;

namespace McpActors.Tests.Configuration;

/// <summary>Mistakes that HOCON accepts silently, or that Akka's parser reports without a line.</summary>
public sealed class HoconTrapTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mcp-actors.pool {\n servers { a { priority = 1 }\n", "line 3", "`{` of line 2 is never closed")]
    [InlineData("mcp-actors.pool { }\n}", "line 2", "closes nothing")]
    [InlineData("mcp-actors.pool {\n routes = [\n", "line 3", "`[` of line 2 is never closed")]
    [InlineData("mcp-actors.pool {\n routes = [ { match = a }\n }", "line 3", "inside the `[` of line 2")]
    [InlineData("mcp-actors.pool {\n servers.a.uri = \"memory://a\n}", "line 2", "not closed on its line")]
    [InlineData("mcp-actors.pool {\n servers.a.cwd = \"C:\\data\"\n}", "line 2", "backslash must be written twice")]
    [InlineData("mcp-actors.pool {\n max-queue 5\n}", "line 2", "after the key `max-queue`")]
    [InlineData("mcp-actors.pool { a = ${b\n}", "line 1", "`${` is not closed")]
    [InlineData("include pool2.conf", "line 1", "include \"other.conf\"")]
    public void A_text_without_a_clear_structure_is_refused_with_its_line(string hocon, string line, string message)
    {
        var problem = _folder.Problem(hocon);

        Assert.Equal($"pool.conf, {line}", problem.Path);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("servers.a.uri = ws://localhost:3000", "servers.a.uri", "\"ws://…\"")]
    [InlineData("servers { a { uri = wss://localhost:3000, priority = 1 } }", "servers.a.uri", "\"wss://…\"")]
    [InlineData("servers.a { command = x, args = [https://host] }", "servers.a.args[0]", "\"https://…\"")]
    [InlineData("routes = [{ match = read_*, group = default }]", "routes[0].match", "the character `*` must be in double quotes")]
    [InlineData("call-timeout =\nmax-queue = 5", "call-timeout", "has no value")]
    [InlineData("call-timeout = # 5s\nmax-queue = 5", "call-timeout", "has no value")]
    [InlineData("call-timeout = //5s", "call-timeout", "has no value")]
    [InlineData("max-queue = 5\nmax-queue += 6", "max-queue", "separate them")]
    [InlineData("servers = [] { }", "servers", "separate them")]
    [InlineData("call-timeout = ${MCPACTORS_TEST_NOT_SET}", "call-timeout", "no environment variable MCPACTORS_TEST_NOT_SET")]
    [InlineData("call-timeout = ${?MCPACTORS_TEST_NOT_SET}", "call-timeout", "is not set")]
    [InlineData("call-timeout = ${mcp-actors.pool.call-timeout}", "call-timeout", "leads back to itself")]
    public void A_value_that_cannot_be_intended_is_refused(string pool, string key, string message)
    {
        var problem = _folder.Problem($"mcp-actors.pool {{\n{pool}\n}}");

        Assert.Equal($"mcp-actors.pool.{key}", problem.Path);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("${")]
    [InlineData("${?")]
    public void An_empty_variable_counts_as_unset(string begin)
    {
        using var variable = new Variable("");

        var problem = _folder.Problem($"mcp-actors.pool.call-timeout = {begin}{variable.Name}}}");

        Assert.Equal("mcp-actors.pool.call-timeout", problem.Path);
        Assert.Contains($"`{begin}{variable.Name}}}` is not set", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_written_twice_is_refused_with_both_lines()
    {
        var problem = _folder.Problem("""
            mcp-actors.pool {
              servers {
                files { uri = "memory://a" }
              }
              servers.files { uri = "memory://b", priority = 2 }
            }
            """);

        Assert.Equal("mcp-actors.pool.servers.files", problem.Path);
        Assert.Contains("(pool.conf, line 3 and pool.conf, line 5)", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_written_twice_is_refused_with_both_lines()
    {
        var problem = _folder.Problem("mcp-actors.pool {\ncall-timeout = 1s\ncall-timeout = 2s\n}");

        Assert.Contains("line 2 and pool.conf, line 3", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named_with_its_path()
    {
        var path = Path.Combine(_folder.Path, "none.conf");
        var problem = Assert.Single(Assert.Throws<InvalidSettingsException>(() => PoolConfiguration.ReadFile(path)).Problems);

        Assert.Equal((path, "there is no such file"), (problem.Path, problem.Message));
    }

    [Fact]
    public void A_directory_is_refused() =>
        Assert.Contains("directory",
            Assert.Single(Assert.Throws<InvalidSettingsException>(() => PoolConfiguration.ReadFile(_folder.Path)).Problems).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_missing_include_is_reported_with_the_line_that_includes_it()
    {
        var problem = _folder.Problem("mcp-actors.pool { }\ninclude \"other.conf\"");

        Assert.Equal("pool.conf, line 2", problem.Path);
        Assert.Contains("other.conf, but there is no such file", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_include_each_other_are_refused()
    {
        _folder.Write("b.conf", "include \"pool.conf\"");

        Assert.Contains("break the circle", _folder.Problem("include \"b.conf\"\nmcp-actors.pool { }").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Line_ends_and_blanks_of_all_kinds_are_read_the_same() =>
        Assert.Equal(
            (5, TimeSpan.FromMinutes(3)),
            _folder.Read("\uFEFFmcp-actors.pool {\r\n\tmax-queue\u00A0= 5 \r\n  call-timeout =\t3\u00A0min\r\n}\r\n") is var s
                ? (s.MaxQueue, s.CallTimeout)
                : default);

    [Fact]
    public void A_text_with_a_part_missing_is_read_or_refused_with_a_reason()
    {
        var whole = File.ReadAllText(Repository.File("hocon/examples/pool.conf"));
        for (var i = 0; i < whole.Length; i++)
        {
            Try(whole[..i]);
            Try(whole.Remove(i, 1));
            Try(whole.Insert(i, "]"));
        }

        static void Try(string hocon)
        {
            var problems = new List<SettingsProblem>();
            var text = new HoconText(hocon, "a.conf", problems);
            new HoconParser(text, problems, [], null).ReadInto(new ObjectNode(null), "");

            Assert.True(!text.Unreadable || problems.Count > 0, hocon);
            Assert.All(problems, p => Assert.False(string.IsNullOrWhiteSpace(p.Path) || string.IsNullOrWhiteSpace(p.Message)));
        }
    }

    [Theory]
    [InlineData("command = \"${NAME}/x\"", "command", "`${NAME}`")]
    [InlineData("command = x, cwd = \"${NAME}\"", "cwd", "`${NAME}`")]
    [InlineData("command = x, args = [a, \"--key=${NAME}-x\"]", "args[1]", "`${NAME}`")]
    [InlineData("command = x, env { KEY = \"s3cret${?NAME}\" }", "env.KEY", "`${?NAME}`")]
    [InlineData("uri = \"http://localhost\", headers { X-Key = \"${NAME}\" }", "headers.X-Key", "`${NAME}`")]
    public void A_placeholder_in_double_quotes_stays_with_a_note(string server, string key, string placeholder)
    {
        var note = Assert.Single(_folder.Notes($"mcp-actors.pool.servers.a {{ {server} }}"));

        Assert.Equal($"mcp-actors.pool.servers.a.{key}", note.Path);
        Assert.Contains($"{placeholder} is handed on as it is written, because it is in", note.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", note.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("command = sh, args = [-c, \"echo $HOME {x} $(date)\"]")]
    [InlineData("command = ${NAME}/x, args = [\"${unclosed\"]\nNAME = y")]
    public void Without_a_placeholder_there_is_no_note(string server) =>
        Assert.Empty(_folder.Notes($"NAME = z\nmcp-actors.pool.servers.a {{ {server.Split('\n')[0]} }}"));
}
