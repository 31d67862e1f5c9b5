using McpActors.Configuration;
using McpActors.Host.Settings;
using McpActors.Host.Tests.Processes;

namespace McpActors.Host.Tests.Settings;

public class WorkerConfigurationTests
{
    [Fact]
    public void The_example_of_a_node_can_be_used()
    {
        var cluster = WorkerConfiguration.Read(Repository.At("hocon", "cluster.conf")).Cluster;

        Assert.Equal(("127.0.0.1", 8110), (cluster!.Hostname, cluster.Port));
        Assert.Equal(["127.0.0.1:8110", "127.0.0.1:8111"], cluster.SeedNodes);
    }

    [Fact]
    public void The_block_akka_is_handed_to_Akka()
    {
        using var file = new TempFile("""
            mcp-actors.pool { }
            akka.remote.dot-netty.tcp { enable-ssl = true, ssl.certificate.path = "a/b.pfx" }
            akka.cluster.seed-node-timeout = 3s
            """);

        var akka = WorkerConfiguration.Read(file.Name).Akka;

        Assert.True(akka.GetBoolean("akka.remote.dot-netty.tcp.enable-ssl"));
        Assert.Equal("a/b.pfx", akka.GetString("akka.remote.dot-netty.tcp.ssl.certificate.path"));
        Assert.Equal(TimeSpan.FromSeconds(3), akka.GetTimeSpan("akka.cluster.seed-node-timeout"));
    }

    [Fact]
    public void Problems_of_all_blocks_are_reported_together()
    {
        using var file = new TempFile("""
            mcp-actors {
              pool { call-timout = 1s }
              host { allowed-host = [] }
              cluster { prot = 1, seed-nodes = ["127.0.0.1:8110"] }
              clutser { }
              required-groups = [a]
            }
            mcp-actor.pool { }
            akka = 5
            """);

        Assert.Equal(
            [
                "akka", "mcp-actor", "mcp-actors.cluster.prot", "mcp-actors.clutser", "mcp-actors.host.allowed-host",
                    "mcp-actors.pool.call-timout",
                "mcp-actors.required-groups",
            ],
            Problems(file).Select(problem => problem.Path).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("mcp-actors { pool { }, clutser { } }", "mcp-actors.clutser", "did you mean `cluster`?")]
    [InlineData("mcp-actors { pool { }, allowed-hosts = [a] }", "mcp-actors.allowed-hosts", "move it to mcp-actors.host.allowed-hosts")]
    [InlineData("mcp-actors.pool { }\nmcp-actor.host { }", "mcp-actor", "did you mean `mcp-actors`?")]
    public void A_misplaced_or_misspelled_block_is_reported(string hocon, string path, string message)
    {
        using var file = new TempFile(hocon);

        var problem = Assert.Single(Problems(file));

        Assert.Equal(path, problem.Path);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_needs_a_seed_node()
    {
        using var file = new TempFile("mcp-actors { pool { }, cluster { } }");

        Assert.Equal("mcp-actors.cluster.seed-nodes", Assert.Single(Problems(file)).Path);
    }

    [Fact]
    public void A_key_of_the_cluster_is_refused_in_the_block_akka()
    {
        using var file = new TempFile("""
            mcp-actors { pool { }, cluster { seed-nodes = ["127.0.0.1:8110"] } }
            akka.remote.dot-netty.tcp.port = 8111
            """);

        var problem = Assert.Single(Problems(file));

        Assert.Equal("akka.remote.dot-netty.tcp.port", problem.Path);
        Assert.Contains("mcp-actors.cluster.port", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_certificate_of_a_node_is_read()
    {
        using var file = new TempFile("""
            mcp-actors { pool { }, cluster { seed-nodes = ["127.0.0.1:8110"] } }
            akka.remote.dot-netty.tcp { enable-ssl = true, ssl.certificate { path = "/nowhere/node.pfx", password = x } }
            """);

        var problem = Assert.Single(Problems(file));

        Assert.Equal("akka.remote.dot-netty.tcp.ssl.certificate", problem.Path);
        Assert.Equal($"there is no such file: {Path.GetFullPath("/nowhere/node.pfx")}", problem.Message);
    }

    private static IReadOnlyList<SettingsProblem> Problems(TempFile file) =>
        Assert.Throws<InvalidSettingsException>(() => WorkerConfiguration.Read(file.Name)).Problems;
}
