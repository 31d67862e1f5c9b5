using System.Text.Json;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>A server of 2026-07-28 that asks for input in the middle of a call.</summary>
public sealed class InputRequiredTests
{
    [Theory]
    [InlineData("""{"resultType":"input_required","requestState":"s","n":1.50}""")]
    [InlineData("""{"resultType":"input_required","inputRequests":{"name":{"method":"elicitation/create","params":{"message":"?"}}}}""")]
    public async Task The_result_reaches_the_caller_as_it_is_after_one_request(string json)
    {
        var memory = new MemoryServers();
        var server = memory.Add("a").Tool("ask", () => 1).Method("tools/call", _ => JsonElement.Parse(json));
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), memory);

        for (var i = 1; i <= 10; i++)
        {
            var reply = Assert.IsType<CallCompleted>(await host.Pool.SendAsync(new CallTool("ask")));
            AssertIs(json, reply);
            Assert.Equal(i, server.Received("ask"));
        }
        var info = (await host.Pool.GetStatusAsync()).Servers[0];
        Assert.Equal((0, CircuitState.Closed), (info.Failures, info.Circuit));
    }

    [Theory]
    [InlineData("""{"resultType":"complete","content":[]}""")]
    [InlineData("""{"resultType":5,"content":[]}""")]
    public async Task Any_other_result_stays_as_it_is(string json)
    {
        var memory = new MemoryServers();
        memory.Add("a").Tool("ask", () => 1).Method("tools/call", _ => JsonElement.Parse(json));
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), memory);

        var reply = Assert.IsType<CallCompleted>(await host.Pool.SendAsync(new CallTool("ask")));
        AssertIs(json, reply);
    }

    // The server in memory adds what it says of itself at the end.
    private static void AssertIs(string json, CallCompleted reply) =>
        Assert.StartsWith(json[..^1], reply.Result.GetRawText(), StringComparison.Ordinal);
}
