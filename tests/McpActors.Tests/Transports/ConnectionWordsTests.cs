using McpActors.Configuration;
using McpActors.Tests.Failures;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Transports;

/// <summary>What an error says about the connection that it came over.</summary>
public sealed class ConnectionWordsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_error_reports_that_a_reset_connection_was_reused(bool closesConnections)
    {
        await using var server = await ScriptedHttpServer.StartAsync(closesConnections: closesConnections);
        server.Call = Scripts.Reset;
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        var answer = await pool.CallAsync();

        Assert.Equal("bad:Lost => OutcomeUnknown", answer.Story);
        Assert.Equal(!closesConnections, answer.Error!.Message.Contains(
            "reset on a reused connection before any byte of an answer", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("ws")]
    public async Task An_error_names_the_proxy_without_its_password(string scheme)
    {
        await using var proxy = await ScriptedHttpServer.StartAsync();
        proxy.Before = async (context, message) =>
        {
            await Scripts.Body("text/plain", "forbidden here", 403)(context, message);
            return true;
        };
        var port = proxy.Settings.Uri!.Port;
        var server = new ServerSettings
        {
            Name = "s",
            Uri = new Uri($"{scheme}://elsewhere.test/mcp"),
            Proxy = Secret.FromLiteral($"http://user:the-password@127.0.0.1:{port}"),
        };
        await using var host = await PoolHost.StartAsync(new PoolSettings { Servers = [server] });

        var error = (await host.UntilAsync("s", ServerStatus.Error)).Servers[0].LastError;

        Assert.Contains($"through the proxy http://127.0.0.1:{port}", error, StringComparison.Ordinal);
        Assert.DoesNotContain("the-password", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Idle_connections_are_given_up_before_a_common_server_does_it()
    {
        var sockets = new Sockets(
            new ServerSettings { Name = "s" }, new PoolSettings(), new TargetGuard(AllowedTargets.All), TimeProvider.System);

        using var handler = sockets.CreateHandler();

        // uvicorn and Node close after 5 seconds; the runtime looks once a second.
        Assert.InRange(handler.PooledConnectionIdleTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
    }
}
