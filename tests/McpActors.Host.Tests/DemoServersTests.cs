using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using McpActors.Configuration;
using McpActors.Host.Demo;
using McpActors.Host.Listening;
using McpActors.Transports;
using Microsoft.Extensions.Time.Testing;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Host.Tests;

public sealed class DemoServersTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch);
    private DemoServers _demo = null!;

    public async Task InitializeAsync() => _demo = await DemoServers.StartAsync(firstPort: 0, _clock);

    public async Task DisposeAsync() => await _demo.DisposeAsync();

    [Fact]
    public void Are_three_in_order_of_priority_on_loopback_with_a_token_each()
    {
        var servers = _demo.Pool.Servers;

        Assert.Equal(["primary-server", "secondary-server", "backup-server"], servers.Select(s => s.Name));
        Assert.Equal([1, 2, 3], servers.Select(s => s.Priority));
        Assert.All(servers, s => Assert.Equal(("ws", "127.0.0.1"), (s.Uri!.Scheme, s.Uri.Host)));
        Assert.Equal(3, servers.Select(s => s.Token!.Resolve()).Distinct().Count());
    }

    [Theory]
    [InlineData(0, "primary", "getTime", """{"utc":"1970-01-01T00:00:00+00:00"}""")]
    [InlineData(1, "secondary", "countWords", """{"words":2,"characters":9}""")]
    public async Task Each_answers_getData_and_a_tool_of_its_own(int index, string source, string tool, string expected)
    {
        await using var client = await ConnectAsync(_demo.Pool.Servers[index]);

        var data = await client.CallToolAsync("getData");
        var own = await client.CallToolAsync(
            tool, tool == "countWords" ? new Dictionary<string, object?> { ["text"] = "two words" } : null);

        Assert.Equal($$"""{"source":"{{source}}"}""", Assert.IsType<TextContentBlock>(data.Content.Single()).Text);
        Assert.Equal($$"""{"source":"{{source}}"}""", JsonSerializer.Serialize(data.StructuredContent));
        Assert.Equal(expected, own.StructuredContent?.GetRawText().Replace("\\u002B", "+", StringComparison.Ordinal));
        var tools = (await client.ListToolsAsync()).Select(t => t.Name);
        Assert.Superset(new HashSet<string> { "getData", "countDown", tool }, tools.ToHashSet());
    }

    [Fact]
    public async Task A_missing_argument_is_named()
    {
        await using var client = await ConnectAsync(_demo.Pool.Servers[1]);

        var result = await client.CallToolAsync("countWords");

        Assert.True(result.IsError);
        Assert.Contains("the argument `text` is missing", ((TextContentBlock)result.Content[0]).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_backups_own_tool_is_marked_as_not_read_only()
    {
        await using var client = await ConnectAsync(_demo.Pool.Servers[2]);

        var hints = (await client.ListToolsAsync()).ToDictionary(t => t.Name, t => t.ProtocolTool.Annotations?.ReadOnlyHint);

        Assert.Equal(new Dictionary<string, bool?> { ["getData"] = true, ["countDown"] = true, ["takeTicket"] = false }, hints);
    }

    [Fact]
    public async Task Refuse_clients_without_their_token()
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(WebSocketTransport.SubProtocol);
        socket.Options.SetRequestHeader("Authorization", "Bearer secondary-token");
        socket.Options.CollectHttpResponseDetails = true;

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(_demo.Pool.Servers[0].Uri!, CancellationToken.None));

        Assert.Equal(HttpStatusCode.Unauthorized, socket.HttpStatusCode);
    }

    [Fact]
    public async Task Report_the_address_that_is_in_use()
    {
        var port = _demo.Pool.Servers[1].Uri!.Port;

        var error = await Assert.ThrowsAsync<CannotListenException>(() => DemoServers.StartAsync(port, _clock));

        Assert.Contains($"http://127.0.0.1:{port}", error.Message, StringComparison.Ordinal);
        Assert.Contains("--demo-port", error.Message, StringComparison.Ordinal);
    }

    private static async Task<McpClient> ConnectAsync(ServerSettings server)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(WebSocketTransport.SubProtocol);
        socket.Options.SetRequestHeader("Authorization", $"Bearer {server.Token!.Resolve()}");
        await socket.ConnectAsync(server.Uri!, CancellationToken.None);
        return await McpClient.CreateAsync(new Connected(new WebSocketTransport(socket)));
    }

    private sealed class Connected(ITransport transport) : IClientTransport
    {
        public string Name => "demo";

        public Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default) => Task.FromResult(transport);
    }
}
