using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Clustering.Nodes;

public sealed class LoneNodeTests
{
    [Fact]
    public async Task A_pool_in_no_cluster_is_one_node_that_holds_every_connection()
    {
        var memory = new MemoryServers();
        memory.Add("a");
        memory.Add("b").Refuse();
        await using var host = await PoolHost.StartAsync(PoolHost.Settings("a", "b"), memory);
        await host.UntilAsync("a", ServerStatus.Connected);
        await host.UntilAsync("b", ServerStatus.Error);

        var node = Assert.Single((await host.Pool.GetClusterStatusAsync()).Nodes);

        Assert.Equal(
            (NodeInfo.Local, true, NodeState.Up, true, true, 2, 1, 1),
            (node.Address, node.Self, node.State, node.Reachable, node.Known, node.Total, node.Connected, node.Holds));
        Assert.Equal(
            [("a", ServerStatus.Connected, NodeInfo.Local), ("b", ServerStatus.Error, NodeInfo.Local)],
            node.Servers.Select(server => (server.Name, server.Status, server.HeldBy)));
        Assert.Empty((await host.Pool.GetClusterStatusAsync([])).Nodes.Single().Servers);
    }
}
