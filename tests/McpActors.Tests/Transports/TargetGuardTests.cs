using System.Net;
using System.Net.Sockets;
using McpActors.Configuration;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Transports;

public sealed class TargetGuardTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("::1")]
    [InlineData("93.184.216.34")]
    public void Other_addresses_are_allowed(string address)
    {
        Assert.False(TargetGuard.IsForbidden(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("http://169.254.169.254/mcp")]
    [InlineData("ws://169.254.169.254/mcp")]
    public async Task A_guarded_server_is_not_connected_to_a_metadata_address(string uri)
    {
        await using var host = await PoolHost.StartAsync(new PoolSettings
        {
            Servers = [new ServerSettings { Name = "s", Uri = new Uri(uri), GuardTarget = true }],
        });

        var status = await host.UntilAsync("s", ServerStatus.Error);

        Assert.Contains("cloud metadata address", status.Servers[0].LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guarded_server_elsewhere_is_reached()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = TargetGuard.ConnectAsync });
        using var patience = new CancellationTokenSource(PoolHost.Patience);
        var request = client.GetAsync($"http://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/", patience.Token);

        using var accepted = await listener.AcceptTcpClientAsync(patience.Token);

        Assert.True(accepted.Connected);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
    }
}
