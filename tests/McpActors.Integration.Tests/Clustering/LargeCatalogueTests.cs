using McpActors.Configuration;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>The catalogue of a server with one connection does not fit into a message between the nodes.</summary>
public sealed class LargeCatalogueTests : IAsyncLifetime
{
    private readonly TestCluster _cluster = new(new PoolSettings
    {
        Servers = [new ServerSettings { Name = "one", Uri = new Uri("memory://one"), Placement = ServerPlacement.OneNode }],
    });

    public async Task InitializeAsync()
    {
        _cluster.Memory.Add("one").Tool("work", () => "done", new MemoryToolOptions { Description = new string('x', 100_000) });
        for (var i = 0; i < 2; i++)
            await _cluster.AddAsync(settings: cluster => cluster with { MaximumFrameSize = 64 * 1024 });
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Other_nodes_use_the_server_and_say_why_they_do_not_know_its_tools()
    {
        await Eventually.TrueAsync(
            async () => await RemarkAsync(0) is not null || await RemarkAsync(1) is not null, "one of the nodes refuses the catalogue");
        var other = await RemarkAsync(0) is null ? 1 : 0;

        var info = (await _cluster[other].ServerAsync("one"))!;
        Assert.Equal((ServerStatus.Connected, null), (info.Status, info.Tools));
        Assert.Contains("maximum-frame-size", Assert.Single(info.Remarks), StringComparison.Ordinal);
        Assert.Null(info.LastError);
        Assert.Equal(1, (await _cluster[1 - other].ServerAsync("one"))!.Tools);
        Assert.Equal("one", (await _cluster[other].Pool.CallToolAsync("work")).Server);
    }

    private async Task<string?> RemarkAsync(int node) => (await _cluster[node].ServerAsync("one"))?.Remarks.FirstOrDefault(remark =>
        remark.Contains("frame", StringComparison.Ordinal));
}
