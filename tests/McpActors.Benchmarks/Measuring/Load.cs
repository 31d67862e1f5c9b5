using System.Diagnostics;

namespace McpActors.Benchmarks.Measuring;

/// <summary>The figures of one round of calls.</summary>
/// <param name="PerSecond">Calls a second.</param>
/// <param name="P50">Median latency in µs.</param>
/// <param name="P99">99th percentile of the latency in µs.</param>
/// <param name="BytesPerCall">Bytes the whole process allocated for each call, servers included.</param>
/// <param name="CpuPerCall">Processor time the whole process used for each call in µs, servers included; the least disturbed by other
/// programs.</param>
internal readonly record struct Round(double PerSecond, double P50, double P99, double BytesPerCall, double CpuPerCall)
{
    /// <summary>Mean time between two calls of one caller, in µs.</summary>
    public double MeanMicroseconds(int callers) => callers * 1e6 / PerSecond;
}

/// <summary>Callers that each call, wait for the answer, and call again.</summary>
internal static class Load
{
    private static readonly double NanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    public static async Task<Round> RunAsync(Func<Task> call, int callers, TimeSpan duration)
    {
        var histograms = Enumerable.Range(0, callers).Select(_ => new LatencyHistogram()).ToArray();
        var cpu = Environment.CpuUsage.TotalTime;
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var start = Stopwatch.GetTimestamp();
        var end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var counts = await Task.WhenAll(histograms.Select(histogram => Task.Run(() => CallAsync(call, end, histogram))));
        var elapsed = Stopwatch.GetElapsedTime(start);
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        cpu = Environment.CpuUsage.TotalTime - cpu;

        var calls = counts.Sum();
        var all = new LatencyHistogram();
        foreach (var histogram in histograms)
            all.Add(histogram);
        return new Round(
            calls / elapsed.TotalSeconds,
            all.Microseconds(0.5),
            all.Microseconds(0.99),
            (double)bytes / calls,
            cpu.TotalMicroseconds / calls);
    }

    private static async Task<long> CallAsync(Func<Task> call, long end, LatencyHistogram histogram)
    {
        long count = 0;
        var before = Stopwatch.GetTimestamp();
        do
        {
            await call().ConfigureAwait(false);
            var after = Stopwatch.GetTimestamp();
            histogram.Record((long)((after - before) * NanosecondsPerTick));
            before = after;
            count++;
        }
        while (before < end);
        return count;
    }
}
