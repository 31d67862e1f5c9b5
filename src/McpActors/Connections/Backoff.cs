using McpActors.Configuration;

namespace McpActors.Connections;

/// <summary>
/// Waits that grow: first × factor^n ± jitter, with the jitter inside the cap (gRPC connection backoff, with a lower cap). Pure.
/// </summary>
/// <param name="first">The first wait, before jitter.</param>
/// <param name="longest">The longest wait, jitter included.</param>
/// <param name="factor">Growth from one wait to the next; 1 or more.</param>
/// <param name="jitter">Jitter as a share of the wait; 0 to 1.</param>
/// <param name="random">The source of jitter.</param>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, double factor, double jitter, Random random)
{
    public Backoff(ReconnectSettings settings, Random random)
        : this(settings.MinBackoff, settings.MaxBackoff, settings.Factor, settings.Jitter, random)
    {
    }

    /// <summary>The wait after <paramref name="failures"/> earlier failures in a row, counted from 0.</summary>
    public TimeSpan After(int failures)
    {
        // The growth is finite, because zero times infinity is not a number.
        var growth = Math.Min(double.MaxValue, Math.Pow(factor, failures));
        var wait = Math.Min(longest.TotalMilliseconds, first.TotalMilliseconds * growth);
        var jittered = wait * (1 + (jitter * ((random.NextDouble() * 2) - 1)));
        return TimeSpan.FromMilliseconds(Math.Min(longest.TotalMilliseconds, jittered));
    }
}
