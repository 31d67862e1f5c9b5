using McpActors.Chaos.Faults;
using McpActors.Pool;

namespace McpActors.Chaos.Driving;

/// <summary>Executes the schedule, and watches which servers are in service.</summary>
internal sealed class FaultInjector(IMcpPool pool, IReadOnlyList<LedgerProcess> servers, Health health, Pauses pauses)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(25);

    /// <summary>The time within which a command must show in the status.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _pausing = new(1, 1);
    private readonly int[] _counts = new int[Enum.GetValues<FaultKind>().Length];

    /// <summary>The number of faults of each kind.</summary>
    public int Count(FaultKind kind) => Volatile.Read(ref _counts[(int)kind]);

    /// <summary>Reports the pool's status to <see cref="Health"/> until cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(Look);
        try
        {
            do
            {
                var asked = TimeProvider.System.GetTimestamp();
                foreach (var info in (await pool.GetStatusAsync(cancellationToken)).Servers)
                {
                    var inService = info is
                    {
                        Status: ServerStatus.Connected, Circuit: CircuitState.Closed, Draining: false, Tools: not null,
                    };
                    health.Saw(
                        servers.TakeWhile(server => server.Name != info.Name).Count(),
                        inService
                            ? null
                            : $"{info.Status}, circuit {info.Circuit}{(info.Draining ? ", draining" : "")}, last error: {info.LastError}",
                        asked);
                }
            }
            while (await tick.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The run is over.
        }
    }

    /// <summary>Ends when the last fault is over.</summary>
    public async Task RunAsync(IReadOnlyList<Fault> schedule)
    {
        var start = TimeProvider.System.GetTimestamp();
        var running = new List<Task>();
        foreach (var fault in schedule)
        {
            // After a pause the schedule goes on where it was.
            if (fault.At - pauses.RunningTime(start, TimeProvider.System.GetTimestamp()) is var wait && wait > TimeSpan.Zero)
                await PassAsync(wait);
            Interlocked.Increment(ref _counts[(int)fault.Kind]);
            running.Add(InflictAsync(fault));
        }
        await Task.WhenAll(running);
    }

    private async Task InflictAsync(Fault fault)
    {
        using var _ = health.Begin(fault.Kind, fault.Kind == FaultKind.Pause ? Health.NoServer : fault.Server);
        var server = servers[fault.Server];
        switch (fault.Kind)
        {
            case FaultKind.Kill or FaultKind.Outage:
                await server.KillAsync();
                await PassAsync(fault.Lasts);
                await server.StartAsync();
                break;
            case FaultKind.Flap:
                for (var i = 0; i < 3; i++)
                {
                    await server.KillAsync();
                    await PassAsync(fault.Lasts / 8);
                    await server.StartAsync();
                    await PassAsync(fault.Lasts / 4);
                }
                break;
            case FaultKind.Stop:
                await server.PauseAsync(fault.Lasts);
                break;
            case FaultKind.Pause:
                await _pausing.WaitAsync();
                try
                {
                    using (pauses.Begin())
                        await LedgerProcess.PauseAsync(Environment.ProcessId, fault.Lasts);
                }
                finally
                {
                    _pausing.Release();
                }
                break;
            case FaultKind.Hang or FaultKind.Slow or FaultKind.Errors:
                // The command for the server: fault, duration, delay.
                await server.TellAsync(FormattableString.Invariant(
                    $"{fault.Kind.ToString().ToLowerInvariant()} {fault.Lasts.TotalMilliseconds:0} {fault.Delay.TotalMilliseconds:0}"));
                await PassAsync(fault.Lasts);
                break;
            case FaultKind.Reset:
                for (var i = 0; i < 5; i++)
                {
                    await server.TellAsync("reset");
                    await PassAsync(fault.Lasts / 5);
                }
                break;
            case FaultKind.Drain:
                await CommandAsync(new DrainServer(server.Name), new ConnectServer(server.Name), fault.Lasts);
                break;
            case FaultKind.Disconnect:
                await CommandAsync(new DisconnectServer(server.Name), new ConnectServer(server.Name), fault.Lasts);
                break;
            case FaultKind.Isolate:
                await CommandAsync(new IsolateServer(server.Name), new ResetCircuit(server.Name), fault.Lasts);
                break;
            case FaultKind.Reconnect:
                await pool.CommandAsync(new ReconnectServer(server.Name));
                await PassAsync(fault.Lasts / 4);
                break;
            case FaultKind.Replace:
                var settings = server.Settings;
                await CommandAsync(new UpdateServer(settings with { Priority = 998, Weight = 2 }), new UpdateServer(settings), fault.Lasts);
                break;
        }
    }

    private async Task CommandAsync(PoolCommand harm, PoolCommand repair, TimeSpan lasts)
    {
        // A refusal means that another fault has left the server in a different state; this fault then does nothing.
        await pool.CommandAsync(harm);
        await PassAsync(lasts);
        await pool.CommandAsync(repair);
        await PassAsync(Settling);
    }

    private static Task PassAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);
}
