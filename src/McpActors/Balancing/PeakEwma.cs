using System.Runtime.CompilerServices;

namespace McpActors.Balancing;

/// <summary>
/// The server with the least product of latency and attempts in flight, for its weight. The latency follows a peak at once and decays from
/// it over ten seconds, so that a server that becomes slow is avoided from its first slow answer on. Compares all servers up to 16, above
/// that two different ones drawn at random.
/// <para>When to use it: servers of very different speed or distance, and calls of similar length.</para>
/// <para>Weakness: it attributes the cost of a call to its server. Where calls differ much in length, latencies are noise, and
/// <c>least-connections</c> is better.</para>
/// <para>Cost: the number of servers up to 16, the logarithm of it above.</para>
/// </summary>
/// <remarks>
/// An unknown server counts as fast as the others: without any latency it would be flooded, with a high one starved. A failure counts as a
/// call that took the whole <c>call-timeout</c>, in the average and not as a peak: a server that always fails gets a call a minute, and a
/// server that rarely fails keeps its share. Other early ends without success can raise the latency but never lower it, so failing fast
/// attracts no calls.
/// </remarks>
internal sealed class PeakEwma : ILoadBalancingStrategy
{
    private const double FadingSeconds = 10;

    // Latencies below this count as equal, so that attempts in flight decide.
    private const double LeastSeconds = 1e-6;

    private const double TypicalShare = 0.02;

    private readonly Random _random;
    private readonly TimeProvider _clock;
    private readonly double _timeoutSeconds;
    private readonly AttemptLoad _load;
    private readonly Func<Candidate, double> _cost;
    private readonly ConditionalWeakTable<Candidate, Latency> _latencies = [];
    private DateTimeOffset _now;
    private double? _typicalSeconds;

    public PeakEwma(StrategyContext context)
    {
        _random = context.Random;
        _clock = context.Clock;
        _timeoutSeconds = context.CallTimeout.TotalSeconds;
        // The latency reflects failures. The load must only not be lower for them, or a failing server would be the idle one among busy
        // ones.
        _load = new AttemptLoad(context.Clock, failureInSuccesses: 1);
        _cost = server => Math.Max(LatencyOf(server), LeastSeconds) * _load.Of(server);
    }

    public Candidate Choose(CandidateSet candidates, string? affinityKey)
    {
        _now = _clock.GetUtcNow();
        return Cheapest.Of(candidates, _cost, _random);
    }

    public void Ended(Candidate candidate, AttemptOutcome outcome, TimeSpan elapsed)
    {
        _load.Ended(candidate, outcome, elapsed);
        _now = _clock.GetUtcNow();
        var seconds = elapsed.TotalSeconds;
        var average = outcome.IsFailure() ? Math.Max(seconds, _timeoutSeconds) : seconds;
        if (!_latencies.TryGetValue(candidate, out var latency))
            _latencies.Add(candidate, latency = new Latency(_typicalSeconds ?? Math.Max(average, LeastSeconds), _now));
        var keep = latency.KeepAt(_now);
        var faded = latency.Seconds * keep;
        if (outcome == AttemptOutcome.Succeeded)
        {
            latency.Set(Math.Max(seconds, faded + ((1 - keep) * average)), _now);
            _typicalSeconds = _typicalSeconds is { } typical ? typical + (TypicalShare * (latency.Seconds - typical)) : latency.Seconds;
        }
        else if (outcome.IsFailure() || seconds > faded)
        {
            latency.Set(Math.Max(seconds, faded + ((1 - keep) * average)), _now);
        }
    }

    private double LatencyOf(Candidate server) =>
        _latencies.TryGetValue(server, out var latency) ? latency.Seconds * latency.KeepAt(_now) : _typicalSeconds ?? LeastSeconds;

    private sealed class Latency(double seconds, DateTimeOffset at)
    {
        public double Seconds { get; private set; } = seconds;

        /// <summary>The share that has not decayed yet.</summary>
        public double KeepAt(DateTimeOffset now) => Math.Exp(-Math.Max(0, (now - at).TotalSeconds) / FadingSeconds);

        public void Set(double value, DateTimeOffset now) => (Seconds, at) = (value, now);
    }
}
