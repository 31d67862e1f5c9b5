using Xunit;

namespace McpActors.Tests.Interop;

/// <summary>One pool in front of published servers, by each transport they have.</summary>
[Collection(InteropGroup.Name)]
public sealed class PublishedServerTests(PublishedPool servers) : IClassFixture<PublishedPool>
{
    public static TheoryData<string> Names => [.. PublishedServers.All("").Select(server => server.Name)];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public async Task Serves_a_call_of_its_own_tool(string name)
    {
        var host = servers.HostOf(name);
        var call = servers.Servers.Single(server => server.Name == name).Call;
        await host.UntilAsync(status => status.Server(name) is { Status: ServerStatus.Connected, Tools: not null });

        var answer = await host.Pool.CallToolAsync(call.Tool, call.Arguments, new CallOptions { Server = name });

        Assert.Contains(call.Answer, answer.Text, StringComparison.Ordinal);
    }
}
