using System.Numerics;

namespace McpActors.Benchmarks.Measuring;

/// <summary>
/// Counts latencies in nanoseconds, exact to one part in 64. Recording allocates nothing, so it does not affect the measurement.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int StepBits = 6;
    private const int Steps = 1 << StepBits;

    private readonly int[] _counts = new int[Steps * 40];
    private long _total;

    public void Record(long nanoseconds)
    {
        _counts[IndexOf(nanoseconds)]++;
        _total++;
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        _total += other._total;
    }

    /// <summary>The latency in microseconds that this share of the calls stayed within.</summary>
    public double Microseconds(double share)
    {
        var wanted = (long)Math.Ceiling(share * _total);
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted && seen > 0)
                return MiddleOf(i) / 1000.0;
        }
        return 0;
    }

    private static int IndexOf(long value)
    {
        if (value < Steps)
            return (int)Math.Max(0, value);
        var exponent = BitOperations.Log2((ulong)value) - StepBits;
        return ((exponent + 1) << StepBits) + (int)((value >> exponent) & (Steps - 1));
    }

    private static long MiddleOf(int index)
    {
        if (index < Steps)
            return index;
        var exponent = (index >> StepBits) - 1;
        return (((long)Steps + (index & (Steps - 1))) << exponent) + ((1L << exponent) / 2);
    }
}
