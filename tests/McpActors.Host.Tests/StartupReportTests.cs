using McpActors.Host.Presentation;
using McpActors.Host.Tests.Api;
using Microsoft.Extensions.Time.Testing;

namespace McpActors.Host.Tests;

public class StartupReportTests
{
    private static readonly ServerInfo Server =
        new() { Name = "files", Endpoint = "npx", Group = "default", Priority = 999, Status = ServerStatus.Connected };

    [Fact]
    public void Is_a_table_of_the_servers_and_the_address()
    {
        ServerInfo[] servers =
        [
            Server,
            Server with { Name = "search-server", Group = "search", Priority = 1,
                Status = ServerStatus.Error, LastError = "refused\nby peer" },
        ];

        Assert.Equal(
            $"""
             McpActors {ProgramVersion.Text}: two servers

             NAME           ENDPOINT  GROUP    PRIORITY  STATUS
             files          npx       default  999       Connected
             search-server  npx       search   1         Error: refused by peer

             Dashboard  http://127.0.0.1:5000/
             HTTP API   http://127.0.0.1:5000

             """,
            StartupReport.Write(new PoolStatus(servers, DateTimeOffset.UnixEpoch), ["http://127.0.0.1:5000"], "two servers"),
            ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Stays_short_with_many_servers()
    {
        var servers = Enumerable.Range(0, 500).Select(i => Server with { Name = $"s{i}" }).ToArray();

        var report = StartupReport.Write(new PoolStatus(servers, DateTimeOffset.UnixEpoch), [], "many");

        Assert.Contains("… and 450 more", report, StringComparison.Ordinal);
        Assert.DoesNotContain("s50 ", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Does_not_wait_once_every_server_was_tried()
    {
        var pool = new FakePool { OnStatus = () => Status(ServerStatus.Connected, ServerStatus.Error) };

        var status = await StartupReport
            .FirstAttemptsAsync(pool, new FakeTimeProvider(), CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(2, status!.Servers.Count);
    }

    [Fact]
    public async Task Waits_at_most_three_seconds_for_a_server_that_is_slow()
    {
        var clock = new FakeTimeProvider();
        var looked = new SemaphoreSlim(0);
        var pool = new FakePool { OnStatus = () => { looked.Release(); return Status(ServerStatus.Connected, ServerStatus.Connecting); } };

        var waiting = StartupReport.FirstAttemptsAsync(pool, clock, CancellationToken.None);
        Assert.True(await looked.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.False(waiting.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(3));

        var status = await waiting.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(ServerStatus.Connecting, status!.Servers[1].Status);
    }

    [Fact]
    public async Task Does_not_fail_when_the_pool_does_not_answer()
    {
        var pool = new FakePool { OnStatus = () => throw new TimeoutException("The pool is busy.") };

        var status = await StartupReport.FirstAttemptsAsync(pool, new FakeTimeProvider(), CancellationToken.None);

        Assert.Null(status);
        Assert.Contains("GET /api/status", StartupReport.Write(status, ["http://127.0.0.1:5000"], "many"), StringComparison.Ordinal);
    }

    private static PoolStatus Status(params ServerStatus[] states) =>
        new([.. states.Select(state => Server with { Status = state })], DateTimeOffset.UnixEpoch);
}
