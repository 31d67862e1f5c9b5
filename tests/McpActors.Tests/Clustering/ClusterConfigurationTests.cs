using Akka.Hosting;
using McpActors.Clustering;
using McpActors.Configuration;
using McpActors.Configuration.Hocon;
using McpActors.Tests.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace McpActors.Tests.Clustering;

public sealed class ClusterConfigurationTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Defaults_in_the_file_and_in_code_are_the_same()
    {
        AssertSame(new McpClusterSettings(), ClusterConfiguration.Read(PoolConfiguration.Reference));
        AssertSame(new McpClusterSettings(), Read("mcp-actors.cluster { }"));
    }

    [Fact]
    public void Every_key_that_is_read_is_in_the_reference_and_in_the_guide()
    {
        var findings = new Findings();
        ClusterConfiguration.ReadKeys(new Section(new ObjectNode(null), KeyPath.Cluster, findings));
        var keys = ((ObjectNode)AkkaTree.Read(PoolConfiguration.Reference, ["mcp-actors", "cluster"], [])!).Items.Keys;
        var guide = File.ReadAllText(Tests.Configuration.Repository.File("docs/configuration.md"));

        Assert.Equal(findings.Asked.Order(), keys.Select(key => $"{KeyPath.Cluster}.{key}").Order());
        Assert.All(keys, key => Assert.Contains($"`{key}`", guide, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_key_is_read() => AssertSame(
        new McpClusterSettings
        {
            Hostname = "0.0.0.0",
            PublicHostname = "pool-1.example",
            Port = 8111,
            SeedNodes = ["pool-1.example:8111", "10.0.0.2:8110"],
            MaximumFrameSize = 1024 * 1024,
            StableAfter = TimeSpan.FromSeconds(7),
            MinMembers = 2,
            PrivateNetwork = true,
            SharedCommands = true,
            OutsideCommands = true,
        },
        Read("""
            mcp-actors.cluster {
              hostname = "0.0.0.0", public-hostname = pool-1.example, port = 8111, seed-nodes = ["pool-1.example:8111", "10.0.0.2:8110"]
              maximum-frame-size = 1 MiB, stable-after = 7s, min-members = 2
              private-network = on, shared-commands = on, outside-commands = on
            }
            """));

    [Fact]
    public void Without_the_block_there_is_no_node()
    {
        Assert.Null(Read("mcp-actors.pool { }"));
        Assert.Null(Read("mcp-actors.pool { }", ("PORT", "8111")));
        Assert.Null(ClusterConfiguration.ReadFile(null, _ => null));
    }

    [Fact]
    public void The_environment_goes_before_the_file()
    {
        var settings = Read(
            """mcp-actors.cluster { hostname = "10.0.0.1", port = 8110, seed-nodes = ["10.0.0.1:8110"], stable-after = 7s }""",
            ("HOSTNAME", "0.0.0.0"), ("PUBLIC_HOSTNAME", "pool-2"), ("PORT", "8112"), ("SEED_NODES", "pool-1:8110, pool-2:8112,"));

        AssertSame(
            new McpClusterSettings
            {
                Hostname = "0.0.0.0",
                PublicHostname = "pool-2",
                Port = 8112,
                SeedNodes = ["pool-1:8110", "pool-2:8112"],
                StableAfter = TimeSpan.FromSeconds(7),
            },
            settings);
    }

    [Fact]
    public void Empty_environment_variables_are_ignored() => AssertSame(
        new McpClusterSettings { Hostname = "10.0.0.1", PublicHostname = "pool-1", Port = 8111, SeedNodes = ["10.0.0.1:8111"] },
        Read(
            """mcp-actors.cluster { hostname = "10.0.0.1", public-hostname = pool-1, port = 8111, seed-nodes = ["10.0.0.1:8111"] }""",
            ("HOSTNAME", ""), ("PUBLIC_HOSTNAME", ""), ("PORT", ""), ("SEED_NODES", "")));

    [Fact]
    public void An_empty_public_hostname_is_absent() =>
        Assert.Null(Read("""mcp-actors.cluster.public-hostname = "" """)!.PublicHostname);

    [Fact]
    public void Seed_nodes_of_the_environment_alone_make_a_node() =>
        Assert.Equal(["pool-1:8110"], ClusterConfiguration.ReadFile(null, Environment(("SEED_NODES", "pool-1:8110")))!.SeedNodes);

    [Fact]
    public void All_problems_are_reported_together_once_each_with_place_and_expected_value()
    {
        var problems = Problems(
            """
            mcp-actors {
              stable-after = 3s
              cluster {
                hostname = "no host", port = 70000, seed-nodes = ["10.0.0.1", "akka.tcp://mcp-actors@10.0.0.1:8110"]
                maximum-frame-size = 1 KiB
                stable-after = 30
                seednodes = []
              }
            }
            """,
            ("PUBLIC_HOSTNAME", "0.0.0.0"));

        Assert.Collection(
            problems.OrderBy(problem => problem.Path, StringComparer.Ordinal),
            p => AssertIs(p, "mcp-actors.cluster.hostname", "`no host`", "line 4"),
            p => AssertIs(p, "mcp-actors.cluster.maximum-frame-size", "at least 64 KiB", "line 5"),
            p => AssertIs(p, "mcp-actors.cluster.port", "from 0 (any free one) to 65535", "line 4"),
            p => AssertIs(p, "mcp-actors.cluster.public-hostname", "`0.0.0.0`", "environment variable MCP_ACTORS_CLUSTER_PUBLIC_HOSTNAME"),
            p => AssertIs(p, "mcp-actors.cluster.seed-nodes[0]", "host:port", "line 4"),
            p => AssertIs(p, "mcp-actors.cluster.seed-nodes[1]", "host:port", "line 4"),
            p => AssertIs(p, "mcp-actors.cluster.seednodes", "did you mean `seed-nodes`?", "line 7"),
            p => AssertIs(p, "mcp-actors.cluster.stable-after", "such as 500ms, 30s", "line 6"),
            p => AssertIs(p, "mcp-actors.stable-after", "move it to mcp-actors.cluster.stable-after", "line 2"));
    }

    [Fact]
    public void A_wildcard_hostname_needs_a_public_hostname() =>
        AssertIs(
            Assert.Single(Problems("""mcp-actors.cluster.hostname = "0.0.0.0" """)),
            "mcp-actors.cluster.public-hostname", "is required when hostname is \"0.0.0.0\"", "line 1");

    [Fact]
    public void A_system_reads_the_block_of_its_own_configuration()
    {
        var builder = Builder(out var services);

        builder.AddHocon("mcp-actors.cluster { port = 8123 }", HoconAddMode.Prepend).WithMcpCluster();

        Assert.Equal(8123, builder.Configuration.Value.GetInt("akka.remote.dot-netty.tcp.port"));
        Assert.NotNull(services);
    }

    [Fact]
    public void A_system_without_the_block_is_refused() =>
        AssertIs(
            Assert.Throws<InvalidSettingsException>(() => Builder(out _).WithMcpCluster()).Problems[0],
            "mcp-actors.cluster", "Add this block with AddHocon before you call WithMcpCluster", "");

    private static AkkaConfigurationBuilder Builder(out ServiceCollection services)
    {
        services = new ServiceCollection();
        return new AkkaConfigurationBuilder(services, "test");
    }

    private static void AssertIs(SettingsProblem problem, string path, string message, string place)
    {
        Assert.Equal(path, problem.Path);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Contains(place, problem.Message, StringComparison.Ordinal);
    }

    // Lists have no equality of their own.
    private static void AssertSame(McpClusterSettings expected, McpClusterSettings? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.SeedNodes, actual.SeedNodes);
        Assert.Equal(expected, actual with { SeedNodes = expected.SeedNodes });
    }

    private static Func<string, string?> Environment(params (string Name, string Value)[] variables) =>
        name => variables
            .Where(variable => $"MCP_ACTORS_CLUSTER_{variable.Name}" == name)
            .Select(variable => variable.Value)
            .FirstOrDefault();

    private McpClusterSettings? Read(string hocon, params (string, string)[] environment) =>
        ClusterConfiguration.ReadFile(_folder.Write("cluster.conf", hocon), Environment(environment));

    private IReadOnlyList<SettingsProblem> Problems(string hocon, params (string, string)[] environment) =>
        Assert.Throws<InvalidSettingsException>(() => Read(hocon, environment)).Problems;
}
