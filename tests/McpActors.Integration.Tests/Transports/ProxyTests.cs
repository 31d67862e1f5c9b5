using System.Net;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Transports;

/// <summary>A proxy of the whole process: it resolves names itself, so no check of addresses would hold behind it.</summary>
[Collection(Alone.Name)]
public sealed class ProxyTests
{
    [Theory]
    [InlineData("http", true)]
    [InlineData("http", false)]
    [InlineData("ws", true)]
    [InlineData("ws", false)]
    public async Task A_server_that_was_added_through_the_network_is_connected_without_it(string scheme, bool guarded)
    {
        await using var proxy = await RecordingServer.StartAsync();
        var usual = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new WebProxy($"http://127.0.0.1:{proxy.Port}");
        try
        {
            await using var host = await PoolHost.StartAsync(new PoolSettings
            {
                Servers =
                [
                    new ServerSettings { Name = "s", Uri = new Uri($"{scheme}://only-the-proxy-knows.invalid/mcp"), GuardTarget = guarded },
                ],
            });
            await host.UntilAsync("s", ServerStatus.Error);
        }
        finally
        {
            HttpClient.DefaultProxy = usual;
        }

        Assert.Equal(guarded, proxy.Requests.IsEmpty);
    }
}
