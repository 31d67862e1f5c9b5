using McpActors.Configuration;
using McpActors.Tests.Transports;
using McpActors.TestServer;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>
/// Names and URIs in any script reach real servers over every transport. Over HTTP they are in a header too, which takes only ASCII.
/// </summary>
public sealed class ForeignNamesTests
{
    [Theory]
    [MemberData(nameof(NetworkEndpoint.Kinds), MemberType = typeof(NetworkEndpoint))]
    public async Task Over_the_network(string kind)
    {
        await using var endpoint = await NetworkEndpoint.StartAsync(kind);
        await AssertReachesAsync(endpoint.Settings, null);
    }

    [Fact]
    public Task To_a_child_process() => AssertReachesAsync(TestServerProcess.Settings(), null);

    [Fact]
    public async Task To_a_server_in_memory()
    {
        var memory = new MemoryServers();
        memory.Add("contract").Tool(ContractServer.ForeignTool, () => ContractServer.ForeignTool)
            .Resource(ContractServer.ForeignResource, () => ContractServer.ForeignResource)
            .Prompt(ContractServer.ForeignPrompt, _ => ContractServer.ForeignPrompt);
        await AssertReachesAsync(new ServerSettings { Name = "contract", Uri = new Uri("memory://contract") }, memory);
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData(" padded ")]
    [InlineData("=?base64?bm90IHJlYWxseQ==?=")]
    public async Task Uris_that_a_header_cannot_hold_reach_the_server_as_they_are(string uri)
    {
        await using var endpoint = await NetworkEndpoint.StartAsync("modern");
        await using var host = await ConnectedAsync(endpoint.Settings, null);

        var reply = await host.Pool.SendAsync(new ReadResource(uri));

        Assert.Equal(uri, Assert.IsType<CallCompleted>(reply).Result.GetProperty("contents")[0].GetProperty("uri").GetString());
    }

    private static async Task AssertReachesAsync(ServerSettings server, MemoryServers? memory)
    {
        await using var host = await ConnectedAsync(server, memory);

        await AssertAnsweredAsync(host, ContractServer.ForeignTool, new CallTool(ContractServer.ForeignTool));
        await AssertAnsweredAsync(host, ContractServer.ForeignResource, new ReadResource(ContractServer.ForeignResource));
        await AssertAnsweredAsync(host, ContractServer.ForeignPrompt, new GetPrompt(ContractServer.ForeignPrompt));
        Assert.Equal(0, (await host.Pool.GetStatusAsync()).Servers.Single().Failures);
    }

    private static async Task AssertAnsweredAsync(PoolHost host, string expected, PoolCall call)
    {
        var reply = await host.Pool.SendAsync(call);
        var completed = reply as CallCompleted ?? throw new InvalidOperationException(((CallFailed)reply).Error.Message);
        Assert.Contains(expected, completed.Result.GetRawText(), StringComparison.Ordinal);
    }

    private static async Task<PoolHost> ConnectedAsync(ServerSettings server, MemoryServers? memory)
    {
        var host = await PoolHost.StartAsync(BadAndGood.Patient with { Servers = [server] }, memory);
        await host.UntilAsync(status => status.Servers.All(info => info is { Status: ServerStatus.Connected, Tools: not null }));
        return host;
    }
}
