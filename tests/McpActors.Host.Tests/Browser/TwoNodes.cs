using McpActors.Configuration;
using McpActors.Transports;

namespace McpActors.Host.Tests.Browser;

/// <summary>Two hosts of one cluster: each has a connection to the server <c>own</c>, the cluster has one to <c>shared</c>.</summary>
internal sealed class TwoNodes(DashboardHost first, DashboardHost second) : IAsyncDisposable
{
    public DashboardHost First => first;

    public DashboardHost Second => second;

    /// <summary>Starts them and waits until each shows all servers of the other.</summary>
    public static async Task<TwoNodes> StartAsync()
    {
        var servers = new MemoryServers();
        servers.Add("own");
        servers.Add("shared");
        var settings = new PoolSettings
        {
            Servers = [DashboardHost.Memory("own"), DashboardHost.Memory("shared") with { Placement = ServerPlacement.OneNode }],
        };
        var first = await DashboardHost.StartAsync(servers, settings, seeds: []);
        var nodes = new TwoNodes(first, await DashboardHost.StartAsync(servers, settings, seeds: [first.Node]));
        foreach (var host in new[] { nodes.First, nodes.Second })
        {
            await Eventually.TrueAsync(async () =>
                (await host.Pool.GetClusterStatusAsync([])).Nodes
                    .Count(node => node is { State: NodeState.Up, Known: true, Connected: 2 }) == 2);
        }
        return nodes;
    }

    public async ValueTask DisposeAsync()
    {
        await second.DisposeAsync();
        await first.DisposeAsync();
    }
}
