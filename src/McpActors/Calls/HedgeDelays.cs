using McpActors.Balancing;
using McpActors.Configuration;

namespace McpActors.Calls;

/// <summary>How long to wait before a call is hedged: a fixed time, or a quantile of how long calls of the same name took of late. Pure.</summary>
internal sealed class HedgeDelays
{
    /// <summary>Fewer say nothing of a quantile.</summary>
    private const int FewestSamples = 20;

    // Names come from callers; the table must not grow with those they make up.
    private const int MostNames = 1000;

    private static readonly TimeSpan HalfWindow = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, LatencyHistogram> _latencies = new(StringComparer.Ordinal);

    /// <summary>The wait; null: not to be hedged now.</summary>
    public TimeSpan? For(Hedging hedge, string name, DateTimeOffset now)
    {
        if (hedge.After is { } after)
            return after;
        return hedge.Quantile is { } share && _latencies.TryGetValue(name, out var latency) && latency.CountAt(now) >= FewestSamples
            ? latency.Quantile(share, now)
            : null;
    }

    /// <summary>Notes how long an answer took, from the first attempt on.</summary>
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
