using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Connections;

/// <summary>A server that changes its tools while it is connected; the refresh timer of five minutes has no part in it.</summary>
public sealed class ListChangedTests
{
    private readonly MemoryServers _memory = new();

    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task A_tool_that_is_added_or_removed_is_known_at_once(string protocolVersion)
    {
        var server = _memory.Add("a").Tool("first", () => 1);
        server.ProtocolVersion = protocolVersion;
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);

        var early = await SubscribedAsync(host, server);

        server.Tool("second", () => 2);
        await host.UntilAsync(status => status.Servers[0].Tools == early + 2);
        await host.Pool.CallToolAsync("second");

        server.RemoveTool("first");
        await host.UntilAsync(status => status.Servers[0].Tools == early + 1);
    }

    [Fact]
    public async Task A_server_without_subscriptions_is_asked_for_them_once()
    {
        var server = _memory.Add("a").Tool("first", () => 1).Method("subscriptions/listen", _ => MemoryAnswer.Error(-32601, "not here"));
        await using var host = await PoolHost.StartConnectedAsync(
            PoolHost.Settings("a") with { CatalogueRefresh = TimeSpan.FromMilliseconds(20) }, _memory);

        // The server may answer the subscription later than the lists.
        await host.UntilAsync(_ => server.Received("tools/list") >= 4 && server.Received("subscriptions/listen") > 0);

        var status = (await host.Pool.GetStatusAsync()).Servers[0].Status;
        Assert.Equal((1, ServerStatus.Connected), (server.Received("subscriptions/listen"), status));
    }

    /// <summary>
    /// Adds tools until the pool lists one, and returns their number: the subscription runs beside the first reading, so the server may
    /// have answered the reading and not yet the subscription.
    /// </summary>
    private static async Task<int> SubscribedAsync(PoolHost host, MemoryServer server)
    {
        var (early, added) = (0, 0L);
        await host.UntilAsync(status =>
        {
            if (early > 0 && status.Servers[0].Tools == early + 1)
                return true;
            if (early == 0 || TimeProvider.System.GetElapsedTime(added) > TimeSpan.FromSeconds(5))
            {
                added = TimeProvider.System.GetTimestamp();
                server.Tool($"early-{++early}", () => 0);
            }
            return false;
        });
        return early;
    }
}
