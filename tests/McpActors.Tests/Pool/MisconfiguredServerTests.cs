using McpActors.Configuration;
using McpActors.Tests.Configuration;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>A running pool with a server that is misconfigured.</summary>
public sealed class MisconfiguredServerTests : IDisposable
{
    private const string Bad = "Misconfigured: url: is not a known key; did you mean `uri`? (pool.conf, line 1)";

    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_others_connect_and_its_status_says_what_is_wrong()
    {
        var memory = new MemoryServers();
        memory.Add("good").Tool("echo", () => "hello");
        await using var host = await PoolHost.StartAsync(Settings("good.uri = \"memory://good\", bad.url = \"memory://bad\""), memory);

        var status = await host.UntilAsync(
            status => status.Servers is [{ Status: ServerStatus.Connected }, { Status: ServerStatus.Error }]);

        Assert.Equal((Bad, null), (status.Servers[1].LastError, status.Servers[1].NextReconnect));
    }

    [Fact]
    public async Task A_changed_file_is_taken_with_all_but_the_wrong_server()
    {
        var memory = new MemoryServers();
        memory.Add("good");
        memory.Add("new");
        await using var host = await PoolHost.StartAsync(Settings("good.uri = \"memory://good\""), memory);

        await host.Pool.CommandAsync(new ApplyConfiguration(
            Settings("good.uri = \"memory://good\", bad.url = \"memory://bad\", new.uri = \"memory://new\"")));
        var status = await host.UntilAsync(status => status.Servers is
            [{ Status: ServerStatus.Connected }, { Status: ServerStatus.Error }, { Status: ServerStatus.Connected }]);
        Assert.Equal(("bad", Bad), (status.Servers[1].Name, status.Servers[1].LastError));

        memory.Add("bad");
        await host.Pool.CommandAsync(new ApplyConfiguration(
            Settings("good.uri = \"memory://good\", bad.uri = \"memory://bad\", new.uri = \"memory://new\"")));
        await host.UntilAsync(status => status.Servers.Count == 3 && status.Servers.All(server => server.Status == ServerStatus.Connected));
    }

    [Fact]
    public async Task A_changed_file_is_taken_with_a_server_that_lacks_a_secret()
    {
        var memory = new MemoryServers();
        memory.Add("good");
        await using var host = await PoolHost.StartAsync(Settings(""), memory);

        await host.Pool.CommandAsync(new ApplyConfiguration(Settings("""
            good.uri = "memory://good", bad { uri = "http://127.0.0.1:1", auth { type = token, token-env = MCPACTORS_NOT_SET } }
            """)));

        var status = await host.UntilAsync(
            status => status.Servers is [{ Status: ServerStatus.Connected }, { Status: ServerStatus.Error }]);
        Assert.Equal("Misconfigured: environment variable MCPACTORS_NOT_SET is not set or empty", status.Servers[1].LastError);
        Assert.NotNull(status.Servers[1].NextReconnect);
    }

    private PoolSettings Settings(string servers) =>
        ConfigurationFile.Read(_folder.Write("pool.conf", $"mcp-actors.pool.servers {{ {servers.Trim()} }}")).Settings!;
}
