using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using McpActors.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>Failures of the network before, during and after the send of a call, on real sockets.</summary>
public sealed class NetworkTests
{
    private static PoolSettings ShortConnect { get; } = BadAndGood.Patient with { ConnectTimeout = TimeSpan.FromSeconds(1) };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_finds_the_port_closed_was_not_sent_and_moves_on(bool connectionForEachRequest)
    {
        await using var server = await ScriptedHttpServer.StartAsync(closesConnections: connectionForEachRequest);
        await using var pool = await BadAndGood.StartAsync(server.Settings);
        await server.CloseAsync();

        Assert.Equal("bad:NotSent good:Succeeded => good", (await pool.CallAsync()).Story);
    }

    [Fact]
    public async Task A_call_that_finds_only_closed_ports_reports_that_nothing_ran()
    {
        await using var server = await ScriptedHttpServer.StartAsync(closesConnections: true);
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);
        await server.CloseAsync();

        Assert.Equal("bad:NotSent => AllServersFailed", (await pool.CallAsync()).Story);
    }

    [Theory]
    [InlineData(false, "bad:Lost => OutcomeUnknown")]
    [InlineData(true, "bad:Lost good:Succeeded => good")]
    public async Task A_reset_before_the_request_was_read_looks_to_the_client_like_one_after_it(bool safe, string story)
    {
        await using var server = await ScriptedHttpServer.StartAsync(closesConnections: true);
        await using var pool = await BadAndGood.StartAsync(server.Settings);
        server.ResetNewConnections();

        Assert.Equal(story, (await pool.CallAsync(safe: safe)).Story);
        Assert.Equal(0, server.Calls);
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_leaves_the_server_in_error_and_the_others_serving()
    {
        var nowhere = new ServerSettings { Name = "bad", Uri = new Uri("http://no-such-host.invalid/mcp") };

        await AssertNeverServesAsync(nowhere);
    }

    [Theory]
    [InlineData("https")]
    [InlineData("wss")]
    public async Task The_error_names_a_port_that_does_not_speak_TLS(string scheme)
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        var uri = new UriBuilder(server.Settings.Uri!) { Scheme = scheme }.Uri;

        Assert.Equal(
            $"{uri.Authority} does not speak TLS; use http:// or ws://", await ErrorOfAsync(server.Settings with { Uri = uri }));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("ws")]
    public async Task A_closed_port_is_named_once(string scheme)
    {
        var error = await ErrorOfAsync(new ServerSettings { Name = "bad", Uri = new Uri($"{scheme}://127.0.0.1:1/mcp") });

        Assert.EndsWith("no connection to port 1 of 127.0.0.1 (Connection refused)", error, StringComparison.Ordinal);
    }

    private static async Task<string> ErrorOfAsync(ServerSettings bad)
    {
        await using var pool = await BadAndGood.StartAsync(bad, ShortConnect, alone: true, waitForBad: false);
        await pool.Host.UntilAsync(status => status.Servers[0].Status == ServerStatus.Error);
        return (await pool.BadAsync()).LastError!;
    }

    [Fact]
    public async Task A_port_that_does_not_speak_TLS_leaves_the_server_in_error_and_the_others_serving()
    {
        await using var server = await ScriptedHttpServer.StartAsync();

        await AssertNeverServesAsync(server.Settings with { Uri = new UriBuilder(server.Settings.Uri!) { Scheme = "https" }.Uri });
        Assert.Equal(0, server.Initialized);
    }

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_is_not_trusted()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        using var certificate = SelfSigned();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        await using var app = builder.Build();
        var requests = 0;
        app.Use((RequestDelegate _) => _ =>
        {
            Interlocked.Increment(ref requests);
            return Task.CompletedTask;
        });
        await app.StartAsync();

        await AssertNeverServesAsync(new ServerSettings { Name = "bad", Uri = new Uri(app.Urls.Single() + "/mcp") });
        Assert.Equal(0, requests);
    }

    [Fact]
    public async Task A_port_that_accepts_and_stays_silent_fails_to_connect_in_time_and_the_others_serve_meanwhile()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;

        await AssertNeverServesAsync(new ServerSettings { Name = "bad", Uri = new Uri($"http://127.0.0.1:{port}/mcp") });
    }

    [Fact]
    public async Task An_initialize_that_hangs_fails_in_time_and_the_others_serve_meanwhile()
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        server.Before = async (context, message) =>
        {
            if ((string?)message["method"] != "initialize")
                return false;
            await Scripts.Never(context, message);
            return true;
        };

        await AssertNeverServesAsync(server.Settings);
    }

    /// <summary>The server comes into error, with a reconnect scheduled; calls are served, and a call pinned to it fails at once.</summary>
    private static async Task AssertNeverServesAsync(ServerSettings bad)
    {
        await using var pool = await BadAndGood.StartAsync(bad, ShortConnect, waitForBad: false);
        Assert.Equal("good:Succeeded => good", (await pool.CallAsync()).Story);

        await pool.Host.UntilAsync(status =>
            status.Servers.Single(server => server.Name == "bad") is { Status: ServerStatus.Error, NextReconnect: not null });

        var pinned = await pool.CallAsync(server: "bad");
        Assert.Equal(" => NoServerAvailable", pinned.Story);
        Assert.Equal("bad", Assert.Single(pinned.Error!.Servers).Server);
        Assert.Equal("good:Succeeded => good", (await pool.CallAsync()).Story);
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create();
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
