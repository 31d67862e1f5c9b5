using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Configuration;

public sealed class SettingsValidatorTests
{
    private static readonly ServerSettings Good = new() { Name = "a", Uri = new Uri("memory://a") };

    [Fact]
    public void Defaults_are_valid() => Assert.Empty(Validate(new PoolSettings()));

    [Fact]
    public void A_server_is_enough() => Assert.Empty(Validate(new PoolSettings { Servers = [Good] }));

    [Fact]
    public void Settings_made_in_code_keep_the_same_rules_as_files()
    {
        var problems = Validate(new PoolSettings
        {
            Servers = [Good, Good, Good with { Name = "b", Command = "x" },
                Good with { Name = "c", Token = Secret.FromEnvironment("MCPACTORS_TEST_NOT_SET") }],
            Routes = [new RouteSettings { Match = "regex:(", Group = "none" }],
            LoadBalancing = "",
            CallTimeout = TimeSpan.Zero,
            MaxOpenShare = double.NaN,
            Circuit = new CircuitSettings { Window = TimeSpan.FromTicks(5) },
        });

        Assert.Equal(
            ["call-timeout", "circuit.window", "load-balancing", "max-open-share", "routes[0].group", "routes[0].match", "servers.a",
                "servers.b", "servers.c.auth.token-env"],
            problems.Select(p => p.Path["mcp-actors.pool.".Length..]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_relative_address_is_refused() =>
        Assert.Contains("not an absolute address",
            Assert.Single(SettingsValidator.Validate(Good with { Uri = new Uri("mcp", UriKind.Relative) })).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("uri = \"https://a\", transport = sse, proxy = none", null)]
    [InlineData("uri = \"wss://a\", proxy = \"socks5://proxy:1080\"", null)]
    [InlineData("uri = \"https://a\", proxy { env = PATH }", "proxy.env: is not a proxy")]
    [InlineData("uri = \"https://a\", proxy = off", "proxy: is not a proxy")]
    [InlineData("uri = \"https://a\", transport = http", "transport: ")]
    [InlineData("uri = \"wss://a\", transport = sse", "transport: has no effect on a server at wss://")]
    [InlineData("uri = \"memory://a\", proxy = none", "proxy: has no effect on a server at memory://")]
    [InlineData("command = a, transport = sse", "transport: has no effect on a server that is started by command")]
    [InlineData("command = a, proxy = none", "proxy: has no effect on a server that is started by command")]
    public void Transport_and_proxy_fit_the_address(string server, string? problem)
    {
        using var folder = new ConfigurationFolder();

        var text = $"mcp-actors.pool.servers.a {{ {server} }}";

        if (problem is null)
        {
            Assert.Single(folder.Read(text).Servers);
            return;
        }
        var found = folder.Problem(text);
        Assert.StartsWith(problem, $"{found.Path["mcp-actors.pool.servers.a.".Length..]}: {found.Message}", StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_that_is_declared_may_be_routed_to_before_it_has_a_server() =>
        Assert.Empty(Validate(new PoolSettings
        {
            Servers = [Good],
            Groups = new Dictionary<string, GroupSettings> { ["later"] = new() },
            Routes = [new RouteSettings { Match = "*", Group = "later" }],
        }));

    private static IReadOnlyList<SettingsProblem> Validate(PoolSettings settings) =>
        SettingsValidator.Validate(settings, PoolConfiguration.BuiltInStrategies);
}
