using System.Runtime.CompilerServices;

namespace McpActors.Balancing;

/// <summary>
/// The load of a server as strategies see it that look at attempts in flight: what it would have with one more attempt, for its weight.
/// </summary>
/// <remarks>
/// A server that fails at once has nothing in flight and would draw all calls to itself. So an attempt that ended without success goes on counting
/// as load, fading away: a failure as much as several usual successes put on a server while they run; another end that says nothing of the server's
/// speed (a tool's error, a rejected request, a cancel) as much as is missing to one. All is measured in the time a success usually takes in this
/// group, so it is right for calls of milliseconds and of minutes.
/// </remarks>
/// <param name="clock">The time.</param>
/// <param name="failureInSuccesses">
/// How many usual successes a failure weighs. With one, a server that fails gets its fair share; the more, the less it gets, but the more do rare
/// failures of servers in good health disturb their balance. By simulation, 5: who always fails gets a quarter, and where a tenth fails everywhere
/// calls take a tenth longer than without failures.
/// </param>
internal sealed class AttemptLoad(TimeProvider clock, double failureInSuccesses = 5)
{
    // A fiftieth of each new success: the average forgets within some hundred calls.
    private const double SuccessShare = 0.02;

    // What a success is taken to last before there was one.
    private const double FirstGuessSeconds = 1;

    // After so many time constants nothing is left of what faded.
    private const double Forgotten = 20;

    private readonly ConditionalWeakTable<Candidate, Remainder> _remainders = [];
    private double? _usualSeconds;
    private DateTimeOffset _lastFailure = DateTimeOffset.MinValue;

    /// <summary>The load of a server with one more attempt.</summary>
    public double Of(Candidate server) => (InFlight(server) + 1) / server.Weight;

    /// <summary>Its attempts in flight, and what still counts as such.</summary>
    public double InFlight(Candidate server) => _lastFailure == DateTimeOffset.MinValue ? server.InFlight : server.InFlight + Remaining(server);

    public void Ended(Candidate server, AttemptOutcome outcome, TimeSpan elapsed)
    {
        if (outcome == AttemptOutcome.Succeeded)
        {
            _usualSeconds = _usualSeconds is { } usual ? usual + (SuccessShare * (elapsed.TotalSeconds - usual)) : elapsed.TotalSeconds;
            return;
        }
        // Spread over the time of several successes, a failure begins as one attempt in flight.
        var load = outcome.IsFailure() ? 1 : Math.Max(0, UsualSeconds - elapsed.TotalSeconds) / FadingSeconds;
        if (load > 0)
            Add(server, load);
    }

    private double UsualSeconds => _usualSeconds ?? FirstGuessSeconds;

    private double FadingSeconds => Math.Max(failureInSuccesses * UsualSeconds, 1e-6);

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

        public double At(DateTimeOffset now, double fadingSeconds) => Load * Math.Exp(-Math.Max(0, (now - Since).TotalSeconds) / fadingSeconds);
    }
}
