using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Connections;

/// <summary>A server that changes what it offers while it is connected; the timer of five minutes never comes into it.</summary>
public sealed class ListChangedTests
{
    private readonly MemoryServers _memory = new();

    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task A_tool_that_comes_or_goes_is_known_at_once(string protocolVersion)
    {
        var server = _memory.Add("a").Tool("first", () => 1);
        server.ProtocolVersion = protocolVersion;
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);

        server.Tool("second", () => 2);
        await host.UntilAsync(status => status.Servers[0].Tools == 2);
        await host.Pool.CallToolAsync("second");

        server.RemoveTool("first");
        await host.UntilAsync(status => status.Servers[0].Tools == 1);
    }

    [Fact]
    public async Task A_server_without_subscriptions_is_asked_for_them_once()
    {
        var server = _memory.Add("a").Tool("first", () => 1).Method("subscriptions/listen", _ => MemoryAnswer.Error(-32601, "not here"));
        await using var host = await PoolHost.StartConnectedAsync(
            PoolHost.Settings("a") with { CatalogueRefresh = TimeSpan.FromMilliseconds(20) }, _memory);

        await host.UntilAsync(_ => server.Received("tools/list") >= 4);

        Assert.Equal((1, ServerStatus.Connected), (server.Received("subscriptions/listen"), (await host.Pool.GetStatusAsync()).Servers[0].Status));
    }
}
