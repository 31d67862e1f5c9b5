using McpActors.Configuration;
using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Calls;

/// <summary>The error of a call that no server of a large group can take.</summary>
public sealed class RefusalSpecs : RouterSpec
{
    [Fact]
    public async Task A_refusal_lists_sixteen_servers_however_many_there_are_and_follows_their_changes()
    {
        var servers = Enumerable.Range(0, 40).Select(i => new ServerSettings { Name = $"s{i:00}" }).ToArray();
        Start(servers);
        foreach (var server in servers)
            Report(server.Name, Connected with { Circuit = CircuitState.Open, OpenUntil = Now + TimeSpan.FromSeconds(5) });

        Call(new CallTool("t"));
        var error = await FailureAsync();
        Assert.Equal((PoolErrorKind.CircuitOpen, 16, TimeSpan.FromSeconds(5)), (error.Kind, error.Servers.Count, error.RetryAfter!.Value));
        Assert.Contains("and 35 more", error.Message, StringComparison.Ordinal);

        Report("s39", Connected with { Circuit = CircuitState.Open, OpenUntil = Now + TimeSpan.FromSeconds(2) });
        Call(new CallTool("t"));
        Assert.Equal(TimeSpan.FromSeconds(2), (await FailureAsync()).RetryAfter);
        Pass(TimeSpan.FromSeconds(3));
        Call(new CallTool("t"));
        Assert.Equal(TimeSpan.FromSeconds(2), (await FailureAsync()).RetryAfter);
        Report("s39", Connected);
        Call(new CallTool("t"));
        await Circuits["s39"].ExpectMsgAsync<StartAttempt>();
    }
}
