using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>A WebSocket server whose token is replaced: only the opening of a connection carries it.</summary>
public sealed class RotatedTokenOfWebSocketTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _folder = new();
    private ScriptedWebSocketServer _server = null!;

    private ServerSettings Settings => _server.Settings with { Token = Secret.FromFile(_folder.PathOf("token")) };

    public async Task InitializeAsync()
    {
        _server = await ScriptedWebSocketServer.StartAsync((socket, request) => (string?)request["params"]!["arguments"]!["end"] == "yes"
            ? socket.CloseOutputAsync(System.Net.WebSockets.WebSocketCloseStatus.EndpointUnavailable, "expired", CancellationToken.None)
            : ScriptedWebSocketServer.SendAsync(socket, LegacyMcp.ToolResult(request, "hello").ToJsonString()));
        await RotateAsync("first-secret");
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_token_that_rotates_before_the_opening_is_read_again_after_a_401()
    {
        var redactor = new CurrentRedactor();
        var transport = new TransportFactory(new MemoryServers(), new PoolSettings(), logs: null).Create(Settings, redactor);
        await RotateAsync("second-secret");

        await using var session = await transport.ConnectAsync().WaitAsync(Eventually.Guard);

        Assert.Equal(1, _server.Refused);
        Assert.DoesNotContain("second-secret", redactor.Redact("the second-secret"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_has_not_changed_is_refused_once()
    {
        var transport = new TransportFactory(new MemoryServers(), new PoolSettings(), logs: null).Create(Settings, new CurrentRedactor());
        _server.Token = "second-secret";

        var error = await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(
            () => transport.ConnectAsync().WaitAsync(Eventually.Guard));

        Assert.Equal(1, _server.Refused);
        Assert.Equal(
            "the server refuses the credentials (HTTP 401); check the token in auth", FailureClassifier.Words(error));
    }

    [Fact]
    public async Task A_token_that_is_missing_is_asked_for()
    {
        var transport = new TransportFactory(new MemoryServers(), new PoolSettings(), logs: null)
            .Create(_server.Settings, new CurrentRedactor());

        var error = await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(
            () => transport.ConnectAsync().WaitAsync(Eventually.Guard));

        Assert.Equal(
            "the server refuses the credentials (HTTP 401); set auth { token-env = … }", FailureClassifier.Words(error));
    }

    [Fact]
    public async Task A_connection_that_ends_with_its_token_comes_back_with_the_new_one()
    {
        await using var pool = await BadAndGood.StartAsync(
            Settings, BadAndGood.Patient with { Reconnect = new() { MinBackoff = TimeSpan.FromMilliseconds(10) } }, alone: true);
        await RotateAsync("second-secret");

        await pool.CallAsync(arguments: new { end = "yes" });
        await pool.Host.UntilAsync(status => status.Servers[0] is { Status: ServerStatus.Connected, Restarts: 1 });

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync(arguments: new { end = "no" })).Story);
        Assert.Equal(0, _server.Refused);
    }

    private async Task RotateAsync(string token)
    {
        await File.WriteAllTextAsync(_folder.PathOf("token"), token);
        _server.Token = token;
    }
}
