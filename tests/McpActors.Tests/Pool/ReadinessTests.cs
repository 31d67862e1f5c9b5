using McpActors.Pool;
using McpActors.Transports;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>The wait for a pool that can serve.</summary>
public sealed class ReadinessTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("missing", "No server of group missing is connected after 20 s: the group has no servers. The pool's groups: default.")]
    [InlineData(null, "No server of the pool is connected after 20 s. a: Error, ")]
    public async Task A_wait_ends_with_its_time_limit_and_the_state_of_each_server(string? group, string message)
    {
        await using var host = await PoolHost.StartAsync(PoolHost.Settings("a"), new MemoryServers());
        await host.UntilAsync("a", ServerStatus.Error);
        var time = new FakeTimeProvider();

        var waiting = Readiness.WaitAsync(host.Pool, group, Limit, time, CancellationToken.None);
        time.Advance(Limit);

        var error = await Assert.ThrowsAsync<TimeoutException>(() => waiting.WaitAsync(PoolHost.Patience));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }
}
