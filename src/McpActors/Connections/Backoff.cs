using McpActors.Configuration;

namespace McpActors.Connections;

/// <summary>
/// The wait before the next connection attempt: first × factor^n ± jitter, the jitter inside the cap (gRPC connection backoff, with a lower cap).
/// </summary>
internal sealed class Backoff(ReconnectSettings settings, Random random)
{
    /// <summary>The wait after <paramref name="failures"/> failed attempts in a row, counted from 0.</summary>
    public TimeSpan After(int failures)
    {
        var max = settings.MaxBackoff.TotalMilliseconds;
        var wait = Math.Min(max, settings.MinBackoff.TotalMilliseconds * Math.Pow(settings.Factor, failures));
        var jittered = wait * (1 + (settings.Jitter * ((random.NextDouble() * 2) - 1)));
        return TimeSpan.FromMilliseconds(Math.Min(max, jittered));
    }
}
