namespace McpActors.Connections;

/// <summary>
/// Limits how many connections are opened side by side. Servers whose last attempt failed go behind the others: servers that are down for
/// long never delay one that has just been lost or added. Thread-safe.
/// </summary>
/// <param name="places">How many connections are opened at a time (<c>connect-concurrency</c>).</param>
internal sealed class ConnectTurns(int places)
{
    /// <summary>A slow server leaves its place to the next one after this time, so that servers that hang never delay the others.</summary>
    public static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(2);

    /// <summary>With more servers than fit into this time, turns are shorter.</summary>
    private static readonly TimeSpan ShortTurns = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _first = [];
    private readonly Queue<TaskCompletionSource> _later = [];
    private int _taken;

    /// <summary>The time after which the turn that begins now ends, whether or not the connection is open.</summary>
    public TimeSpan Turn
    {
        get
        {
            lock (_gate)
                return TurnWhile(_first.Count + _later.Count, places);
        }
    }

    /// <summary>The time of a turn while this many servers wait.</summary>
    public static TimeSpan TurnWhile(int waiting, int places) => TimeSpan.FromTicks(
        Math.Min(LongestTurn.Ticks, (long)(ShortTurns.Ticks * ((double)places / (waiting + 1)))));

    /// <summary>Waits for a place.</summary>
    /// <param name="hasFailed">The last attempt to connect to this server failed.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task EnterAsync(bool hasFailed, CancellationToken cancellation)
    {
        TaskCompletionSource turn;
        lock (_gate)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_taken < places)
            {
                _taken++;
                return;
            }
            turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
            (hasFailed ? _later : _first).Enqueue(turn);
        }
        await using var registration = cancellation.Register(() => turn.TrySetCanceled(cancellation)).ConfigureAwait(false);
        await turn.Task.ConfigureAwait(false);
    }

    /// <summary>Gives the place to the next server that waits.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            while (_first.TryDequeue(out var next) || _later.TryDequeue(out next))
            {
                // One that was given up takes no place.
                if (next.TrySetResult())
                    return;
            }
            _taken--;
        }
    }
}
