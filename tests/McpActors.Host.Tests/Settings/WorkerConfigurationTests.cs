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
    public void The_block_of_Akka_is_carried_to_it()
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
    public void What_is_wrong_with_any_block_is_told_together()
    {
        using var file = new TempFile("""
            mcp-actors {
              pool { call-timout = 1s }
              host { allowed-host = [] }
              cluster { prot = 1, seed-nodes = ["127.0.0.1:8110"] }
              clutser { }
            }
            """);

        Assert.Equal(
            ["mcp-actors.cluster.prot", "mcp-actors.clutser", "mcp-actors.host.allowed-host", "mcp-actors.pool.call-timout"],
            Problems(file).Select(problem => problem.Path).Order());
    }

    [Fact]
    public void A_node_needs_somebody_to_join()
    {
        using var file = new TempFile("mcp-actors { pool { }, cluster { } }");

        Assert.Equal("mcp-actors.cluster.seed-nodes", Assert.Single(Problems(file)).Path);
    }

    [Fact]
    public void What_the_cluster_has_a_key_for_is_not_written_at_Akka()
    {
        using var file = new TempFile("""
            mcp-actors { pool { }, cluster { seed-nodes = ["127.0.0.1:8110"] } }
            akka.remote.dot-netty.tcp.port = 8111
            """);

        var problem = Assert.Single(Problems(file));

        Assert.Equal("akka.remote.dot-netty.tcp.port", problem.Path);
        Assert.Contains("mcp-actors.cluster.port", problem.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<SettingsProblem> Problems(TempFile file) =>
        Assert.Throws<InvalidSettingsException>(() => WorkerConfiguration.Read(file.Name)).Problems;
}
