using System.Text.Json;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Interop;

/// <summary>The pool in front of MCP servers that other people wrote, each a process of its own.</summary>
[Collection(InteropGroup.Name)]
public sealed class PoolInteropTests(InteropServers servers)
{
    [SkippableTheory]
    [InlineData(InteropServer.Stdio, "2025-11-25")]
    [InlineData(InteropServer.StreamableHttp, "2025-11-25")]
    [InlineData(InteropServer.Sse, "2025-11-25")]
    [InlineData(InteropServer.WebSocket, "2025-11-25")]
    [InlineData(InteropServer.ModernProxy, "2026-07-28")]
    public async Task Connects_and_shows_the_negotiated_revision(InteropServer kind, string revision)
    {
        await using var host = await PoolHost.StartAsync(new PoolSettings { Servers = [await servers.GetAsync(kind, "everything")] });

        var server = (await host.AllConnectedAsync()).Servers[0];

        Assert.Equal((revision, "mcp-servers/everything"), (server.ProtocolVersion, server.ServerName));
    }

    // Each caller of a shared connection must get the answer to its own request; supergateway, for example, rewrites the ids.
    [SkippableTheory]
    [InlineData(InteropServer.Stdio)]
    [InlineData(InteropServer.StreamableHttp)]
    [InlineData(InteropServer.Sse)]
    [InlineData(InteropServer.WebSocket)]
    [InlineData(InteropServer.ModernProxy)]
    public async Task Answers_calls_side_by_side_each_with_its_own_result(InteropServer kind)
    {
        await using var host = await PoolHost.StartAsync(new PoolSettings { Servers = [await servers.GetAsync(kind, "everything")] });
        await host.AllConnectedAsync();
        var messages = Enumerable.Range(1, 20).Select(number => $"message {number}").ToList();

        var answers = await Task.WhenAll(messages.Select(message => host.Pool.EchoAsync(message)));

        Assert.Equal(messages.Select(message => $"Echo: {message}"), answers.Select(answer => answer.Text()));
    }

    [SkippableFact]
    public async Task Reads_a_file_through_the_filesystem_server()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.PathOf("greeting.txt");
        await File.WriteAllTextAsync(file, "hello from a file");
        await using var host = await PoolHost.StartAsync(
            new PoolSettings { Servers = [InteropServers.FilesystemOverStdio("files", directory.Path)] });
        await host.AllConnectedAsync();

        var answer = await host.Pool.CallToolAsync("read_text_file", JsonSerializer.SerializeToElement(new { path = file }));

        Assert.Equal("hello from a file", answer.Text());
    }

    [SkippableFact]
    public async Task Merges_the_tools_of_servers_of_all_kinds()
    {
        await using var host = await PoolHost.StartAsync(new PoolSettings
        {
            Servers =
            [
                await servers.GetAsync(InteropServer.Stdio, "stdio"),
                await servers.GetAsync(InteropServer.StreamableHttp, "http"),
                await servers.GetAsync(InteropServer.WebSocket, "ws"),
                await servers.GetAsync(InteropServer.ModernProxy, "modern"),
            ],
        });
        await host.AllConnectedAsync();
        var offered = await host.Pool.ExecuteAsync("tools/list", options: new CallOptions { Server = "http" });

        var tools = (await host.Pool.ListToolsAsync()).Tools;

        Assert.Equal(
            offered.Result.GetProperty("tools").EnumerateArray()
                .Select(tool => tool.GetProperty("name").GetString())
                .Order(StringComparer.Ordinal),
            tools.Select(tool => tool.Name));
        Assert.All(tools, tool => Assert.Equal(["stdio", "http", "ws", "modern"], tool.Servers));
    }

    [SkippableFact]
    public async Task Serves_from_three_transports_while_a_server_that_does_not_exist_waits_for_its_next_try()
    {
        await using var host = await PoolHost.StartAsync(new PoolSettings
        {
            Servers =
            [
                await servers.GetAsync(InteropServer.Stdio, "stdio"),
                await servers.GetAsync(InteropServer.StreamableHttp, "http"),
                await servers.GetAsync(InteropServer.WebSocket, "ws"),
                new ServerSettings { Name = "missing", Command = "an-mcp-server-that-does-not-exist" },
            ],
        });

        var status = await host.UntilAsync(status =>
            status.Servers.Count(server => server.Status == ServerStatus.Connected) == 3
                && status.Server("missing").NextReconnect is not null);

        Assert.Equal(ServerStatus.Error, status.Server("missing").Status);
        Assert.Contains("an-mcp-server-that-does-not-exist", status.Server("missing").LastError, StringComparison.Ordinal);
        Assert.True(status.Server("missing").NextReconnect > status.Server("missing").LastErrorAt);
        foreach (var name in (string[])["stdio", "http", "ws"])
        {
            var answer = await host.Pool.EchoAsync($"to {name}", new CallOptions { Server = name });
            Assert.Equal((name, $"Echo: to {name}"), (answer.Server, answer.Text()));
        }
    }
}
