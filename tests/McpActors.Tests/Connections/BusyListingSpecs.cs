using McpActors.Configuration;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Connections;

/// <summary>Servers that do one thing at a time answer no probe while they answer a list that the pool asked for.</summary>
public sealed class BusyListingSpecs : ServerConnectionSpec
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MemoryServer _server;

    public BusyListingSpecs()
    {
        _server = Memory.Add("s");
        _server.ProtocolVersion = "2025-11-25";
        foreach (var method in new[] { "ping", "tools/list" })
        {
            _server.Method(method, async (_, _) =>
            {
                await _release.Task;
                return method == "ping" ? new { } : new { tools = new[] { new { name = "work", inputSchema = new { type = "object" } } } };
            });
        }
    }

    [Fact]
    public async Task A_server_that_is_long_about_a_list_is_slow_until_it_has_answered()
    {
        Start(pool: WithListsWithin(TimeSpan.FromHours(1)));
        await ReportAsync(r => r.Status == ServerStatus.Connected);

        await PassUntilAsync(() => _server.Received("ping") >= 5);
        var slow = await ReportAsync(r => r.IsSlow);
        Assert.Equal((ServerStatus.Connected, 1), (slow.Status, _server.Connections));
        _release.SetResult();

        var listed = await ReportAsync(r => r is { Catalogue: not null, IsSlow: false });
        Assert.Equal((ServerStatus.Connected, 0), (listed.Status, listed.Restarts));
    }

    [Fact]
    public async Task A_list_that_is_not_answered_in_its_time_keeps_nothing_alive()
    {
        Start(pool: WithListsWithin(TimeSpan.FromMilliseconds(500)));
        await ReportAsync(r => r.Status == ServerStatus.Connected);

        await PassUntilAsync(() => _server.Connections == 0);

        var failed = await ReportAsync(r => r.Status == ServerStatus.Error);
        Assert.Contains("probes in a row failed", failed.Reason, StringComparison.Ordinal);
        _release.SetResult();
    }

    private PoolSettings WithListsWithin(TimeSpan limit) =>
        Pool with { Probe = Pool.Probe with { Timeout = TimeSpan.FromMilliseconds(100) }, ConnectTimeout = limit };
}
