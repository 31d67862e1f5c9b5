using McpActors.Configuration;
using McpActors.Tests.Transports;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>A result of 20 MiB, above the limit of 16 MiB, fails only its own call, over every transport.</summary>
public sealed class LargeResultTests
{
    private const int Size = 20 * 1024 * 1024;

    [Theory]
    [MemberData(nameof(NetworkEndpoint.Kinds), MemberType = typeof(NetworkEndpoint))]
    public async Task Over_the_network(string kind)
    {
        await using var endpoint = await NetworkEndpoint.StartAsync(kind);
        // The server of this library over WebSockets has a limit of its own, and does not send more.
        await AssertFailsAloneAsync(endpoint.Settings, kind == "ws" ? "was not sent: the limit of its WebSocket is 16777216 bytes" : null);
    }

    [Fact]
    public Task From_a_child_process() => AssertFailsAloneAsync(TestServerProcess.Settings());

    private static async Task AssertFailsAloneAsync(ServerSettings server, string? words = null)
    {
        await using var pool = await BadAndGood.StartAsync(server);

        var large = await pool.CallAsync("repeat", new { count = Size });
        var largeAndSafe = await pool.CallAsync("repeat", new { count = Size }, safe: true);
        var after = await pool.CallAsync("echo", new { text = "still here" });

        Assert.Equal("bad:ServerError => OutcomeUnknown", large.Story);
        Assert.Equal("bad:ServerError => Rejected", largeAndSafe.Story);
        const string message = "bad ran the call, but the server's response is larger than the limit of 16777216 bytes (max-result-size); "
            + "the rest of it was not read. Request less data, or raise the limit.";
        foreach (var error in new[] { large.Error!, largeAndSafe.Error! })
            Assert.Contains(words ?? message, error.Message, StringComparison.Ordinal);
        Assert.Equal("bad:Succeeded => bad", after.Story);
        Assert.Equal((0, 0L), ((await pool.BadAsync()).Restarts, (await pool.BadAsync()).Failures));
    }
}
