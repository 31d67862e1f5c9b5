using System.Runtime.CompilerServices;

namespace McpActors.Balancing;

/// <summary>
/// The load of a server for strategies that compare attempts in flight: the load with one more attempt, divided by the weight.
/// </summary>
/// <remarks>
/// A server that fails at once has nothing in flight and would attract every call. So an attempt that ended without success continues to
/// count as load, which fades: a failure counts as the load of several typical successes; another end that says nothing about the server's
/// speed (a tool's error, a rejected request, a cancel) counts as the rest of one typical success. The unit is the typical time of a
/// success in this group, so the rule suits calls of milliseconds and of minutes.
/// </remarks>
/// <param name="clock">The time.</param>
/// <param name="failureInSuccesses">
/// The number of typical successes that a failure counts as. With 1, a failing server gets its fair share; a higher number gives it less,
/// but lets rare failures of healthy servers disturb their balance. 5 by simulation: a server that always fails gets a quarter of its
/// share, and when a tenth of all calls fail on every server, calls take a tenth longer than without failures.
/// </param>
internal sealed class AttemptLoad(TimeProvider clock, double failureInSuccesses = 5)
{
    // The share of each new success in the moving average, which forgets old ones within some hundred calls.
    private const double SuccessShare = 0.02;

    // The typical time of a success before the first one.
    private const double FirstGuessSeconds = 1;

    // After this number of time constants a faded load is negligible.
    private const double Forgotten = 20;

    private readonly ConditionalWeakTable<Candidate, Remainder> _remainders = [];
    private double? _typicalSeconds;
    private DateTimeOffset _lastFailure = DateTimeOffset.MinValue;

    /// <summary>The load of a server with one more attempt, divided by its weight.</summary>
    public double Of(Candidate server) => (InFlight(server) + 1) / server.Weight;

    /// <summary>Its attempts in flight plus the load that has not faded yet.</summary>
    public double InFlight(Candidate server) =>
        _lastFailure == DateTimeOffset.MinValue ? server.InFlight : server.InFlight + Remaining(server);

    public void Ended(Candidate server, AttemptOutcome outcome, TimeSpan elapsed)
    {
        if (outcome == AttemptOutcome.Succeeded)
        {
            _typicalSeconds = _typicalSeconds is { } typical
                ? typical + (SuccessShare * (elapsed.TotalSeconds - typical))
                : elapsed.TotalSeconds;
            return;
        }
        // A failure begins as one attempt in flight and fades over the time of several successes.
        var load = outcome.IsFailure() ? 1 : Math.Max(0, TypicalSeconds - elapsed.TotalSeconds) / FadingSeconds;
        if (load > 0)
            Add(server, load);
    }

    private double TypicalSeconds => _typicalSeconds ?? FirstGuessSeconds;

    private double FadingSeconds => Math.Max(failureInSuccesses * TypicalSeconds, 1e-6);

    private void Add(Candidate server, double load)
    {
        var now = clock.GetUtcNow();
        var remainder = _remainders.GetOrCreateValue(server);
        remainder.Load = remainder.At(now, FadingSeconds) + load;
        remainder.Since = _lastFailure = now;
    }

    private double Remaining(Candidate server)
    {
        var now = clock.GetUtcNow();
        if ((now - _lastFailure).TotalSeconds > Forgotten * FadingSeconds)
        {
            _lastFailure = DateTimeOffset.MinValue;
            _remainders.Clear();
        }
        return _remainders.TryGetValue(server, out var remainder) ? remainder.At(now, FadingSeconds) : 0;
    }

    private sealed class Remainder
    {
        public double Load { get; set; }

        public DateTimeOffset Since { get; set; }

        public double At(DateTimeOffset now, double fadingSeconds) =>
            Load * Math.Exp(-Math.Max(0, (now - Since).TotalSeconds) / fadingSeconds);
    }
}
