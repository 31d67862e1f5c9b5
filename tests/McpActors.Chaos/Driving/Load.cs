using System.Text.Json;
using McpActors.Chaos.Accounting;
using McpActors.Chaos.Faults;
using McpActors.Chaos.Servers;
using McpActors.Pool;

namespace McpActors.Chaos.Driving;

/// <summary>Many callers, each of which sends one numbered call after the other.</summary>
internal sealed class Load(IMcpPool pool, Health health, Pauses pauses, IReadOnlyList<LedgerProcess> servers)
{
    /// <summary>The whole time of a call.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);

    /// <summary>A call without a reply this long after its time limit counts as never answered.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    // A caller waits after a failure; otherwise most calls would fall into the seconds of an outage.
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    private static readonly CallOptions Options = new() { Timeout = Timeout };

    private long _lastNumber;

    /// <summary>Runs until cancelled; running calls then end.</summary>
    public async Task<IReadOnlyList<CallRecord>> RunAsync(int callers, CancellationToken end)
    {
        var records = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => CallAsync(end), CancellationToken.None)));
        return [.. records.SelectMany(calls => calls)];
    }

    private async Task<List<CallRecord>> CallAsync(CancellationToken end)
    {
        var records = new List<CallRecord>();
        while (!end.IsCancellationRequested)
        {
            var record = await CallAsync(Interlocked.Increment(ref _lastNumber));
            records.Add(record);
            if (!record.Succeeded)
                await Task.Delay(Breath, TimeProvider.System, CancellationToken.None);
        }
        return records;
    }

    private async Task<CallRecord> CallAsync(long number)
    {
        var tool = Tools.ForCall(number);
        var arguments = JsonSerializer.SerializeToElement(new Dictionary<string, long> { [Tools.Argument] = number });
        var from = TimeProvider.System.GetTimestamp();
        // Null, which the record shows, when no reply came.
        var reply = await InTime.ReplyAsync(pool.SendAsync(new CallTool(tool, arguments, Options), CancellationToken.None), pauses, from);
        var to = TimeProvider.System.GetTimestamp();
        var (attempts, error) = reply switch
        {
            CallCompleted executed => (executed.Attempts, (PoolErrorKind?)null),
            CallFailed failed => (failed.Attempts, failed.Error.Kind),
            _ => ([], null),
        };
        var atOnce = error is null && attempts.Count == 1;
        return new CallRecord(number, tool != Tools.Unsafe, from, to, FaultOf(attempts), attempts.Count, error, atOnce ? null : reply)
        {
            Took = pauses.RunningTime(from, to),
        };
    }

    /// <summary>The fault that a call counts under: one on the first server that failed the call, else the earliest fault.</summary>
    private FaultKind? FaultOf(IReadOnlyList<Attempt> attempts) =>
        attempts.FirstOrDefault(attempt => attempt.Outcome != AttemptOutcome.Succeeded) is { } failed
            ? health.CurrentOn(servers.TakeWhile(server => server.Name != failed.Server).Count())
            : health.Current;
}
