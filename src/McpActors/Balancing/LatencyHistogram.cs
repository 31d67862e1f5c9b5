using System.Numerics;

namespace McpActors.Balancing;

/// <summary>
/// Quantiles of recent latencies: counts in buckets an eighth of a power of two wide (so a quantile is right within 7 %), over the last one
/// to two half windows. Two kilobytes after the first record, nothing before: a pool may have 10 000 of these, and the smallest histograms
/// of libraries take ten times that. Not thread-safe.
/// </summary>
/// <param name="halfWindow">Half of the longest time that counts.</param>
internal sealed class LatencyHistogram(TimeSpan halfWindow)
{
    private const int BucketsPerPower = 8;
    private const int BucketBits = 3;

    // Up to 2^30 µs, about 18 minutes; longer latencies count as that.
    private const int Powers = 30;

    private int[]? _now;
    private int[]? _before;
    private int _countNow;
    private int _countBefore;
    private DateTimeOffset _turnsAt;

    /// <summary>The number of latencies in the window.</summary>
    public int CountAt(DateTimeOffset now)
    {
        Turn(now);
        return _countNow + _countBefore;
    }

    public void Record(TimeSpan elapsed, DateTimeOffset now)
    {
        Turn(now);
        _now ??= new int[BucketsPerPower * Powers];
        _now[BucketOf(elapsed)]++;
        _countNow++;
    }

    /// <summary>The latency that this share of records stays below; null when the window has no records.</summary>
    /// <param name="share">0 to 1.</param>
    /// <param name="now">The time.</param>
    public TimeSpan? Quantile(double share, DateTimeOffset now)
    {
        var count = CountAt(now);
        if (count == 0)
            return null;
        var wanted = Math.Max(1, (long)Math.Ceiling(share * count));
        long seen = 0;
        for (var bucket = 0; bucket < BucketsPerPower * Powers; bucket++)
        {
            seen += (_now?[bucket] ?? 0) + (_before?[bucket] ?? 0);
            if (seen >= wanted)
                return MiddleOf(bucket);
        }
        return null;
    }

    private void Turn(DateTimeOffset now)
    {
        if (now < _turnsAt)
            return;
        var missedOne = now >= _turnsAt + halfWindow;
        (_now, _before) = (_before, _now);
        (_countNow, _countBefore) = (0, missedOne ? 0 : _countNow);
        if (_now is not null)
            Array.Clear(_now);
        if (missedOne && _before is not null)
            Array.Clear(_before);
        _turnsAt = now + halfWindow;
    }

    // The power of two, and the three bits after the leading bit.
    private static int BucketOf(TimeSpan elapsed)
    {
        var microseconds = (ulong)Math.Max(1, elapsed.Ticks / TimeSpan.TicksPerMicrosecond);
        var power = BitOperations.Log2(microseconds);
        var fraction = power >= BucketBits ? microseconds >> (power - BucketBits) : microseconds << (BucketBits - power);
        return Math.Min((power * BucketsPerPower) + (int)(fraction & (BucketsPerPower - 1)), (BucketsPerPower * Powers) - 1);
    }

    private static TimeSpan MiddleOf(int bucket) =>
        TimeSpan.FromMicroseconds(Math.ScaleB(1 + (((bucket % BucketsPerPower) + 0.5) / BucketsPerPower), bucket / BucketsPerPower));
}
