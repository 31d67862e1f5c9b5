using System.Diagnostics;

namespace McpActors.Benchmarks.Measuring;

/// <summary>One of several ways to make the same call.</summary>
internal sealed record Variant(string Name, Func<Task> CallAsync);

/// <summary>One variant over all passes.</summary>
/// <param name="Variant">Its name.</param>
/// <param name="Medians">The median of each figure over all rounds.</param>
/// <param name="Ratio">Its calls a second by those of the first variant: the median of the ratios within each pass.</param>
/// <param name="MoreThanFirst">Its mean latency less that of the first variant in µs: the median of the differences within each
/// pass.</param>
internal sealed record VariantFigures(string Variant, Round Medians, double Ratio, double MoreThanFirst);

/// <summary>
/// Measures variants side by side on a busy machine: they alternate in short rounds, forwards and backwards, so that a disturbance affects
/// neighbours equally, and each variant is compared with the first one of the same pass only.
/// </summary>
internal sealed class Comparison(IReadOnlyList<Variant> variants)
{
    private const int WarmUpCallers = 64;
    private const int WarmUpCalls = 40_000;

    private static readonly TimeSpan WarmUpRound = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan LongestWarmUp = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RoundTime = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Calls each variant until the runtime has compiled everything to its final tier, which happens in the background in several steps.
    /// Counts calls, because time means little on a busy machine; bounded in time nevertheless.
    /// </summary>
    public async Task WarmUpAsync()
    {
        var spent = Stopwatch.StartNew();
        for (var calls = 0.0; calls < WarmUpCalls && spent.Elapsed < LongestWarmUp;)
        {
            var slowest = double.MaxValue;
            foreach (var variant in variants)
            {
                var round = await Load.RunAsync(variant.CallAsync, WarmUpCallers, WarmUpRound);
                slowest = Math.Min(slowest, round.PerSecond * WarmUpRound.TotalSeconds);
            }
            calls += slowest;
        }
    }

    public async Task<IReadOnlyList<VariantFigures>> MeasureAsync(int callers, int passes)
    {
        var rounds = variants.Select(_ => new Round[passes]).ToArray();
        for (var pass = 0; pass < passes; pass++)
        {
            for (var i = 0; i < variants.Count; i++)
            {
                var turn = pass % 2 == 0 ? i : variants.Count - 1 - i;
                rounds[turn][pass] = await Load.RunAsync(variants[turn].CallAsync, callers, RoundTime);
            }
        }
        return [.. variants.Select((variant, i) => Figures(variant.Name, callers, rounds[i], rounds[0]))];
    }

    private static VariantFigures Figures(string name, int callers, Round[] own, Round[] first) => new(
        name,
        new Round(
            Median(own.Select(round => round.PerSecond)),
            Median(own.Select(round => round.P50)),
            Median(own.Select(round => round.P99)),
            Median(own.Select(round => round.BytesPerCall)),
            Median(own.Select(round => round.CpuPerCall))),
        Median(own.Zip(first, (mine, other) => mine.PerSecond / other.PerSecond)),
        Median(own.Zip(first, (mine, other) => mine.MeanMicroseconds(callers) - other.MeanMicroseconds(callers))));

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
