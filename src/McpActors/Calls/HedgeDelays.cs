using McpActors.Balancing;
using McpActors.Configuration;

namespace McpActors.Calls;

/// <summary>The wait before a call is hedged: a fixed time, or a quantile of recent latencies of calls of the same name. Pure.</summary>
internal sealed class HedgeDelays
{
    /// <summary>A quantile of fewer samples means nothing.</summary>
    private const int FewestSamples = 20;

    // Callers choose the names, so the table is bounded.
    private const int MostNames = 1000;

    private static readonly TimeSpan HalfWindow = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, LatencyHistogram> _latencies = new(StringComparer.Ordinal);

    /// <summary>The wait; null: the call is not hedged.</summary>
    public TimeSpan? For(Hedging hedge, string name, DateTimeOffset now)
    {
        if (hedge.After is { } after)
            return after;
        return hedge.Quantile is { } share && _latencies.TryGetValue(name, out var latency) && latency.CountAt(now) >= FewestSamples
            ? latency.Quantile(share, now)
            : null;
    }

    /// <summary>Records the time from the first attempt to the answer.</summary>
    public void Record(string name, TimeSpan elapsed, DateTimeOffset now)
    {
        if (!_latencies.TryGetValue(name, out var latency))
        {
            if (_latencies.Count >= MostNames)
                _latencies.Clear();
            _latencies.Add(name, latency = new LatencyHistogram(HalfWindow));
        }
        latency.Record(elapsed, now);
    }
}
