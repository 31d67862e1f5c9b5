using System.Collections.Concurrent;
using System.Text.Json;
using McpActors.Configuration;
using McpActors.Tests.Clustering;
using Xunit;

namespace McpActors.Tests.Interop;

/// <summary>server-everything as a child process of one node, called from another.</summary>
[Collection(InteropGroup.Name)]
public sealed class ClusterInteropTests(InteropServers servers)
{
    [SkippableFact]
    public async Task Progress_reaches_a_caller_on_another_node_and_extends_its_deadline()
    {
        await using var cluster = new TestCluster(
            new PoolSettings { Servers = [await servers.GetAsync(InteropServer.Stdio, "everything")] });
        var nodes = new[] { await cluster.AddAsync(), await cluster.AddAsync() };
        foreach (var node in nodes)
            await node.ConnectedAsync("everything");
        var holder = (await nodes[0].ServerAsync("everything"))!.Node;
        var other = nodes.Single(node => $"{node.Address.Host}:{node.Address.Port}" != holder);
        var seen = new ConcurrentQueue<CallProgress>();

        var executed = await other.Pool.CallToolAsync(
            "trigger-long-running-operation",
            JsonSerializer.SerializeToElement(new { duration = 6, steps = 10 }),
            new CallOptions { Timeout = TimeSpan.FromSeconds(3), MaxTimeout = PoolHost.Patience, Progress = new Reports(seen) });

        Assert.Contains("completed", executed.Text(), StringComparison.OrdinalIgnoreCase);
        Assert.All(seen, report => Assert.Equal(("everything", 10d), (report.Server, report.Total!.Value)));
        // The last report and the answer are read concurrently; a report after the answer is discarded.
        Assert.Equal(Enumerable.Range(1, 9).Select(step => (double)step), seen.Select(report => report.Progress).Take(9));
    }

    private sealed class Reports(ConcurrentQueue<CallProgress> seen) : IProgress<CallProgress>
    {
        public void Report(CallProgress value) => seen.Enqueue(value);
    }
}
