namespace McpActors.Chaos.Faults;

/// <summary>The pauses of the driver's own process, in which neither the pool nor its callers can do anything. Thread-safe.</summary>
internal sealed class Pauses
{
    private readonly Lock _gate = new();
    private readonly List<(long From, long To)> _past = [];
    private long? _from;

    /// <summary>Call before the process is stopped; dispose the result when it goes on.</summary>
    public IDisposable Begin()
    {
        lock (_gate)
            _from = TimeProvider.System.GetTimestamp();
        return new Ending(this);
    }

    /// <summary>The time between two timestamps in which the process could run.</summary>
    public TimeSpan RunningTime(long from, long to)
    {
        lock (_gate)
        {
            var stopped = _past.Append((From: _from ?? long.MaxValue, To: long.MaxValue))
                .Sum(pause => Math.Max(0, Math.Min(to, pause.To) - Math.Max(from, pause.From)));
            return TimeProvider.System.GetElapsedTime(0, to - from - stopped);
        }
    }

    private sealed class Ending(Pauses pauses) : IDisposable
    {
        public void Dispose()
        {
            lock (pauses._gate)
            {
                pauses._past.Add((pauses._from!.Value, TimeProvider.System.GetTimestamp()));
                pauses._from = null;
            }
        }
    }
}
