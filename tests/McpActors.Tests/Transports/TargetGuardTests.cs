using System.Net;
using System.Net.Sockets;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Transports;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Transports;

public sealed class TargetGuardTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("::1")]
    [InlineData("93.184.216.34")]
    [InlineData("2606:2800:220:1:248:1893:25c8:1946")]
    [InlineData("fd12:3456:789a::1")]
    [InlineData("64:ff9b::5db8:d822")]
    [InlineData("2002:5db8:d822::1")]
    [InlineData("223.255.255.255")]
    [InlineData("1.0.0.0")]
    [InlineData("169.253.255.255")]
    [InlineData("169.255.0.0")]
    [InlineData("fec0::1")]
    public void Other_addresses_are_allowed(string address)
    {
        Assert.False(TargetGuard.IsForbidden(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("::")]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.170.2")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("192.0.0.192")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("255.255.255.255")]
    [InlineData("fe80::1")]
    [InlineData("febf::1")]
    [InlineData("ff02::1")]
    [InlineData("ff0e::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fd00:ec2::23")]
    [InlineData("fd20:ce::254")]
    [InlineData("fd00:c1::a9fe:a9fe")]
    public void Addresses_of_the_machine_and_its_cloud_are_forbidden(string address)
    {
        Assert.True(TargetGuard.IsForbidden(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("fd00:ec2::254%1")]
    [InlineData("fe80::1%2")]
    [InlineData("::%1")]
    public void A_scope_id_changes_nothing(string address)
    {
        Assert.True(TargetGuard.IsForbidden(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::169.254.169.254")]
    [InlineData("::ffff:0:169.254.169.254")]
    [InlineData("64:ff9b::169.254.169.254")]
    [InlineData("64:ff9b::192.0.0.192")]
    [InlineData("64:ff9b:1:a9fe:a9:fe00::")]
    [InlineData("64:ff9b:1:a9fe:a9:fe00:808:808")]
    [InlineData("64:ff9b:1::169.254.169.254")]
    [InlineData("64:ff9b:1:808:8:800:a9fe:a9fe")]
    [InlineData("2001:0:a9fe:a9fe::1")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("2002:6464:64c8::1")]
    public void A_forbidden_address_within_another_is_forbidden(string address)
    {
        Assert.True(TargetGuard.IsForbidden(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("http://169.254.169.254/mcp")]
    [InlineData("ws://169.254.169.254/mcp")]
    [InlineData("http://[fd00:ec2::254%251]/mcp")]
    [InlineData("ws://[64:ff9b::a9fe:a9fe]/mcp")]
    public async Task A_guarded_server_is_not_connected_to_a_metadata_address(string uri)
    {
        await using var host = await PoolHost.StartAsync(new PoolSettings
        {
            Servers = [new ServerSettings { Name = "s", Uri = new Uri(uri), GuardTarget = true }],
        });

        var status = await host.UntilAsync("s", ServerStatus.Error);

        Assert.Contains("cloud metadata address", status.Servers[0].LastError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("ws")]
    public async Task The_allowed_targets_hold_at_each_connection(string scheme)
    {
        await using var elsewhere = await RecordingServer.StartAsync();
        await using var host = await PoolHost.StartAsync(
            new PoolSettings
            {
                Servers =
                [
                    new ServerSettings { Name = "s", Uri = new Uri($"{scheme}://127.0.0.1:{elsewhere.Port}/mcp"), GuardTarget = true },
                ],
            },
            configure: options => options.AllowedTargets = ["10.0.0.0/8"]);

        var status = await host.UntilAsync("s", ServerStatus.Error);

        Assert.Contains("allowed-targets", status.Servers[0].LastError, StringComparison.Ordinal);
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task A_name_that_gets_another_address_is_not_followed_there()
    {
        await using var elsewhere = await RecordingServer.StartAsync();
        var address = IPAddress.Parse("10.0.0.1");
        var guard = new TargetGuard(new AllowedTargets(["10.0.0.0/8"]), (_, _) => Task.FromResult<IPAddress[]>([address]));
        var server = new ServerSettings { Name = "s", Uri = new Uri($"http://rebinds.example:{elsewhere.Port}/mcp"), GuardTarget = true };
        address = IPAddress.Loopback;

        var transport = new TransportFactory(new MemoryServers(), new PoolSettings(), null, guard: guard)
            .Create(server, new CurrentRedactor());
        await using var owned = (IAsyncDisposable)transport;
        await using var session = await transport.ConnectAsync();
        var error = await Assert.ThrowsAsync<HttpRequestException>(
            () => session.SendMessageAsync(new JsonRpcRequest { Id = new RequestId(1), Method = "ping" }).WaitAsync(Eventually.Guard));

        Assert.Contains("allowed-targets", FailureClassifier.Words(error), StringComparison.Ordinal);
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task Of_the_addresses_of_a_name_only_the_allowed_ones_are_permitted()
    {
        var allowed = IPAddress.Parse("10.0.0.1");
        IPAddress[] addresses = [IPAddress.Loopback, allowed, IPAddress.Parse("169.254.169.254")];
        var guard = new TargetGuard(new AllowedTargets(["10.0.0.0/8"]), (_, _) => Task.FromResult(addresses));

        Assert.Equal([allowed], await guard.PermittedAsync("three.example", CancellationToken.None));
    }

    [Fact]
    public async Task A_guarded_server_elsewhere_is_reached()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var race = new AddressRace(new TargetGuard(AllowedTargets.All).PermittedAsync, PoolHost.Patience, TimeProvider.System);
        using var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = race.ConnectAsync });
        using var patience = new CancellationTokenSource(PoolHost.Patience);
        var request = client.GetAsync($"http://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/", patience.Token);

        using var accepted = await listener.AcceptTcpClientAsync(patience.Token);

        Assert.True(accepted.Connected);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
    }
}
