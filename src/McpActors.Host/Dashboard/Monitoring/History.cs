namespace McpActors.Host.Dashboard.Monitoring;

/// <summary>The figures of one time step.</summary>
/// <param name="CallsPerSecond">Attempts that ended, per second.</param>
/// <param name="FailuresPerSecond">Of these, the failures of servers.</param>
/// <param name="P50">The median latency; null while no attempt ended.</param>
/// <param name="P99">The 99th percentile of the latency; null while no attempt ended.</param>
public readonly record struct HistoryPoint(double CallsPerSecond, double FailuresPerSecond, TimeSpan? P50, TimeSpan? P99);

/// <summary>The last 15 minutes of one server or of all, in steps of five seconds, in a ring of fixed size. Not thread-safe.</summary>
internal sealed class History
{
    /// <summary>The length of one step.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    /// <summary>The number of steps, without the current one.</summary>
    public const int Steps = 180;

    private const int RateSteps = 2;
    private const int ErrorSteps = 12;

    private readonly Bucket[] _ring = new Bucket[Steps + 1];
    private long _current = long.MinValue;

    /// <summary>Adds the attempts that ended since the last call.</summary>
    /// <param name="at">Now; not before the last call.</param>
    /// <param name="calls">Attempts that ended.</param>
    /// <param name="failures">Of these, the failures of servers.</param>
    /// <param name="p50">The median latency now, if known.</param>
    /// <param name="p99">The 99th percentile now, if known.</param>
    public void Add(DateTimeOffset at, long calls, long failures, TimeSpan? p50, TimeSpan? p99)
    {
        MoveTo(at);
        ref var bucket = ref At(_current);
        bucket.Calls += calls;
        bucket.Failures += failures;
        bucket.P50 = p50 ?? bucket.P50;
        bucket.P99 = p99 ?? bucket.P99;
    }

    /// <summary>The complete steps, the oldest first; always <see cref="Steps"/> of them.</summary>
    public HistoryPoint[] Points(DateTimeOffset now)
    {
        var points = new HistoryPoint[Steps];
        var newest = Number(now) - 1;
        for (var i = 0; i < Steps; i++)
        {
            var bucket = Read(newest - Steps + 1 + i);
            points[i] = new(bucket.Calls / Step.TotalSeconds, bucket.Failures / Step.TotalSeconds, bucket.P50, bucket.P99);
        }

        return points;
    }

    /// <summary>Attempts per second over the last ten seconds and the current step.</summary>
    public double CallsPerSecond(DateTimeOffset now)
    {
        var inCurrent = now.UtcTicks % Step.Ticks / (double)TimeSpan.TicksPerSecond;
        return Sum(now, RateSteps).Calls / ((RateSteps * Step.TotalSeconds) + inCurrent);
    }

    /// <summary>The share of the last minute's attempts that failed, 0 to 1; null while none ended in it.</summary>
    public double? ErrorRate(DateTimeOffset now)
    {
        var (calls, failures) = Sum(now, ErrorSteps);
        return calls == 0 ? null : (double)failures / calls;
    }

    private (long Calls, long Failures) Sum(DateTimeOffset now, int steps)
    {
        var (calls, failures, current) = (0L, 0L, Number(now));
        for (var number = current - steps; number <= current; number++)
        {
            var bucket = Read(number);
            calls += bucket.Calls;
            failures += bucket.Failures;
        }

        return (calls, failures);
    }

    private void MoveTo(DateTimeOffset at)
    {
        var number = Number(at);
        // A clock that was set back must not overwrite the newer steps.
        if (number <= _current)
            return;
        for (var skipped = Math.Max(_current + 1, number - Steps); skipped <= number; skipped++)
            At(skipped) = default;
        _current = number;
    }

    private Bucket Read(long number) =>
        number <= _current && number >= _current - Steps && _current != long.MinValue ? At(number) : default;

    private ref Bucket At(long number) => ref _ring[number % _ring.Length];

    private static long Number(DateTimeOffset at) => at.UtcTicks / Step.Ticks;

    private struct Bucket
    {
        public long Calls;
        public long Failures;
        public TimeSpan? P50;
        public TimeSpan? P99;
    }
}
