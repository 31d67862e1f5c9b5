using System.Net;
using System.Net.Sockets;
using Akka.Hosting;
using McpActors.Clustering;
using McpActors.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>A node that other machines can reach needs TLS, or the word that they are trusted.</summary>
public sealed class OpenPortTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.9")]
    [InlineData("::1")]
    [InlineData("localhost")]
    public void On_this_machine_nothing_is_needed(string hostname) =>
        Assert.Null(OpenPort.ProblemOf(new McpClusterSettings { Hostname = hostname }, tls: false));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("10.0.0.1")]
    [InlineData("pool-1.example")]
    [InlineData("")]
    public void Beyond_it_tls_or_a_private_network_is_needed(string hostname)
    {
        var settings = new McpClusterSettings { Hostname = hostname, PublicHostname = "127.0.0.1" };

        var problem = OpenPort.ProblemOf(settings, tls: false);

        Assert.Equal("mcp-actors.cluster.hostname", problem?.Path);
        Assert.Contains("private-network = on", problem!.Message, StringComparison.Ordinal);
        Assert.Null(OpenPort.ProblemOf(settings, tls: true));
        Assert.Null(OpenPort.ProblemOf(settings with { PrivateNetwork = true }, tls: false));
    }

    [Theory]
    [InlineData("0.0.0.0", "")]
    [InlineData("127.0.0.1", "akka.remote.dot-netty.tcp.hostname = 0.0.0.0")]
    public async Task A_program_does_not_start_as_such_a_node(string hostname, string own)
    {
        // A node that opened its port before the check would fail at this listener.
        using var taken = new TcpListener(IPAddress.Any, 0);
        taken.Start();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        var settings = new McpClusterSettings
        {
            Hostname = hostname,
            PublicHostname = "127.0.0.1",
            Port = ((IPEndPoint)taken.LocalEndpoint).Port,
        };
        builder.Services.AddAkka("mcp-actors", akka => akka.AddHocon(own, HoconAddMode.Prepend).WithMcpCluster(settings));
        using var host = builder.Build();

        var error = await Record.ExceptionAsync(() => host.StartAsync());

        Assert.Contains("private-network", Assert.IsType<InvalidSettingsException>(error).Message, StringComparison.Ordinal);
    }
}
