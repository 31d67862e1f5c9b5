using McpActors.Clustering;
using Xunit;

namespace McpActors.Tests.Architecture;

/// <summary>The folders of the cluster's library depend on each other in one order.</summary>
public sealed class ClusterFolderTests
{
    [Fact]
    public void No_folder_uses_one_that_uses_it()
    {
        var graph = new FolderGraph(typeof(McpClusterHostingExtensions).Assembly, "McpActors.Clustering", "root");

        Assert.Contains(graph.Uses, use => (use.From, use.To) == ("root", "OneNode"));
        Assert.Empty(graph.InCycles.Select(use => $"{use.From} -> {use.To}: {use.Example}"));
    }
}
