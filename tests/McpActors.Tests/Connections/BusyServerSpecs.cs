using Akka.Actor;
using McpActors.Connections;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Connections;

/// <summary>Servers that do one thing at a time answer no probe while they run a call.</summary>
public sealed class BusyServerSpecs : ServerConnectionSpec
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MemoryServer _server;
    private readonly IActorRef _connection;

    public BusyServerSpecs()
    {
        _server = Memory.Add("s").Tool("work", async (_, _) =>
        {
            await _release.Task;
            return "done";
        });
        _server.ProtocolVersion = "2025-11-25";
        // Everything but the tool waits for the tool.
        foreach (var method in new[] { "ping", "tools/list" })
        {
            _server.Method(method, async (_, _) =>
            {
                if (_server!.Received("work") > 0)
                    await _release.Task;
                return method == "ping" ? new { } : new { tools = new[] { new { name = "work", inputSchema = new { type = "object" } } } };
            });
        }
        _connection = Start(pool: Pool with { Probe = Pool.Probe with { Timeout = TimeSpan.FromMilliseconds(100) } });
    }

    [Fact]
    public async Task A_busy_server_is_slow_until_its_call_has_ended()
    {
        await ConnectedAsync();
        _connection.Tell(Attempt(1, "work"));
        await UntilAsync(() => _server.Received("work") == 1);

        await PassUntilAsync(() => _server.Received("ping") >= 5);
        var slow = await ReportAsync(r => r.IsSlow);
        Assert.Equal((ServerStatus.Connected, 1), (slow.Status, _server.Connections));
        _release.SetResult();

        // In any order, and without another probe.
        var (ended, quick) = ((AttemptResult?)null, (ConnectionReport?)null);
        await Circuit.FishForMessageAsync<object>(
            message =>
            {
                ended = (message as AttemptEnded)?.Result ?? ended;
                quick = message as ConnectionReport ?? quick;
                return ended is not null && quick is not null;
            },
            PoolHost.Patience);
        Assert.Equal(
            (AttemptOutcome.Succeeded, ServerStatus.Connected, false, 0), (ended!.Outcome, quick!.Status, quick.IsSlow, quick.Restarts));
    }

    [Fact]
    public async Task A_server_that_answers_no_probe_is_closed_once_its_calls_are_past_their_deadlines()
    {
        await ConnectedAsync();
        var deadline = Now + (Pool.Probe.Interval * 5);
        _connection.Tell(Attempt(1, "work") with { Deadline = deadline });
        await UntilAsync(() => _server.Received("work") == 1);

        await PassUntilAsync(() => _server.Connections == 0);

        Assert.InRange(Now, deadline, DateTimeOffset.MaxValue);
        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(1)).Outcome);
        var failed = await ReportAsync(r => r.Status == ServerStatus.Error);
        Assert.Contains("probes in a row failed", failed.Reason, StringComparison.Ordinal);
        _release.SetResult();
    }

    [Fact]
    public async Task The_end_of_the_transport_ends_a_busy_server_at_once()
    {
        await ConnectedAsync();
        _connection.Tell(Attempt(1, "work"));
        await UntilAsync(() => _server.Received("work") == 1);
        await PassUntilAsync(() => _server.Received("ping") >= 2);
        await ReportAsync(r => r.IsSlow);

        _server.Disconnect();

        Assert.False((await ReportAsync(r => r.Status == ServerStatus.Error)).IsSlow);
        _release.SetResult();
    }
}
