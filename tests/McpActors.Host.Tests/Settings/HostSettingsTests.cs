using McpActors.Configuration;
using McpActors.Gateway;
using McpActors.Host.Settings;
using McpActors.Host.Tests.Processes;

namespace McpActors.Host.Tests.Settings;

public class HostSettingsTests
{
    [Fact]
    public void Without_a_file_all_settings_are_the_defaults()
    {
        var settings = WorkerConfiguration.Read(null).Host;

        Assert.Equal(1000, settings.RequestsPerSecond);
        Assert.Equal(["*"], settings.AllowedTargets);
        Assert.Empty(settings.AllowedHosts);
    }

    [Fact]
    public void Every_key_is_read()
    {
        using var token = new TempFile("a token that is long enough\n");
        using var file = new TempFile($$"""
            mcp-actors {
              pool { }
              host {
                access-token-file = "{{token.Name}}"
                allowed-hosts = ["pool.example"]
                allowed-targets = ["10.0.0.0/8", "*.internal"]
                public-url = ["https://pool.example", "https://example.com/pool"]
                trusted-proxies = ["10.0.0.5", "fd00::/8", "unix"]
                max-added-servers = 7
                requests-per-second = off
                shutdown-delay = 5s
                mcp {
                  enabled = off, names = prefixed, separator = ".", prefer = [a, b], aliases { find = "a/search" }
                  page-size = 5, list-wait = 3s
                }
              }
            }
            """);

        var settings = WorkerConfiguration.Read(file.Name).Host;

        Assert.Equal("a token that is long enough", settings.AccessToken!.Resolve());
        Assert.Equal(["pool.example"], settings.AllowedHosts);
        Assert.Equal(["10.0.0.0/8", "*.internal"], settings.AllowedTargets);
        Assert.Equal([new Uri("https://pool.example"), new Uri("https://example.com/pool")], settings.PublicUrls);
        Assert.Equal(["10.0.0.5", "fd00::/8", "unix"], settings.TrustedProxies);
        Assert.Equal(7, settings.MaxAddedServers);
        Assert.Equal(0, settings.RequestsPerSecond);
        Assert.Equal(TimeSpan.FromSeconds(5), settings.ShutdownDelay);
        Assert.False(settings.Mcp.Enabled);
        var gateway = settings.Mcp.Gateway;
        Assert.Equal((GatewayNaming.Prefixed, "."), (gateway.Names, gateway.Separator));
        Assert.Equal((5, TimeSpan.FromSeconds(3)), (gateway.PageSize, gateway.ListWait));
        Assert.Equal(["a", "b"], gateway.Prefer);
        Assert.Equal("a/search", gateway.Aliases["find"]);
    }

    [Fact]
    public void All_problems_are_reported_together_with_their_lines()
    {
        using var token = new TempFile("short");
        using var file = new TempFile($$"""
            mcp-actors { pool { }, host {
              access-token-file = "{{token.Name}}"
              allowed-hosts = pool
              requests-per-second = -3
              shutdown-delay = 5
              acess-token-env = x
              log-format = jsn
              required-groups = [serch]
            } }
            """);

        var problems = Problems(file);

        Assert.Equal(
            [
                ("access-token-file", 2), ("acess-token-env", 6), ("allowed-hosts", 3), ("log-format", 7), ("requests-per-second", 4),
                    ("required-groups[0]", 8),
                ("shutdown-delay", 5),
            ],
            problems.Select(problem => (problem.Path["mcp-actors.host.".Length..], LineOf(problem))).Order());
        Assert.DoesNotContain("short\"", string.Join(' ', problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("acess-token-env = x", "did you mean `access-token-env`?")]
    [InlineData("log-format = jsn", "`jsn` is not valid; expected text or json; did you mean `json`?")]
    [InlineData("shutdown-delay = 5", "`5` is not valid; expected a duration with its unit")]
    [InlineData("shutdown-delay = 1h", "at most 10min")]
    [InlineData("mcp.names = prefix", "prefixed")]
    [InlineData("mcp.separator = \"/\"", "use 1 to 8 letters")]
    [InlineData("mcp.page-size = 0", "use 1 to 10000")]
    [InlineData("mcp.list-wait = 2min", "use 0 to 60 s")]
    [InlineData("mcp.aliases { find = search }", "write the offered name, and group/name of the entry")]
    [InlineData("mcp.enabeld = on", "did you mean `enabled`?")]
    [InlineData("shutdown-delay = -1s", "zero or more")]
    [InlineData("requests-per-second = 0", "from 1 to 1000000")]
    [InlineData("required-groups = [serch]", "did you mean `search`?")]
    [InlineData("allowed-hosts = pool", "must be a list")]
    [InlineData("max-added-servers = -1", "from 0 to 100000")]
    [InlineData("public-url = pool.example", "`pool.example` is not valid; expected an address such as \"https://pool.example\"")]
    [InlineData("public-url = [\"https://a.example/?x\"]", "`https://a.example/?x` is not valid")]
    [InlineData("trusted-proxies = [proxy.example]", "`proxy.example` is not valid; expected an address such as 10.0.0.5")]
    [InlineData("access-token-env = A, access-token-file = b", "keep one of the two")]
    [InlineData("access-token-file = \"a\\u0000b\"", "is not a path")]
    public void A_problem_names_the_expected_value(string host, string message)
    {
        using var file = new TempFile($$"""
            mcp-actors { pool.servers.a { uri = "memory://a", group = search }, host { {{host}} } }
            """);

        Assert.Contains(message, Assert.Single(Problems(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("[1]")]
    [InlineData("\"x\"")]
    public void Something_else_than_a_block_is_a_problem(string value)
    {
        using var file = new TempFile($"mcp-actors {{ pool {{ }}, host = {value} }}");

        var problem = Assert.Single(Problems(file));

        Assert.Equal("mcp-actors.host", problem.Path);
        Assert.Contains("must be a block", problem.Message, StringComparison.Ordinal);
    }

    private static int LineOf(SettingsProblem problem) => int.Parse(problem.Message[(problem.Message.LastIndexOf(' ') + 1)..].TrimEnd(')'));

    private static IReadOnlyList<SettingsProblem> Problems(TempFile file) =>
        Assert.Throws<InvalidSettingsException>(() => WorkerConfiguration.Read(file.Name)).Problems;
}
