using System.Collections.Frozen;
using Akka.Event;

namespace McpActors.Balancing;

/// <summary>
/// A strategy of a user, whose faults harm no call: when it throws, or chooses none of the candidates, the first candidate is chosen.
/// Writes its first fault to the log. Not thread-safe.
/// </summary>
internal sealed class GuardedStrategy : ILoadBalancingStrategy
{
    private readonly string _name;
    private readonly ILoggingAdapter _log;
    private readonly ILoadBalancingStrategy? _guarded;
    private bool _isLogged;

    private GuardedStrategy(string name, StrategyFactory factory, StrategyContext context, ILoggingAdapter log)
    {
        (_name, _log) = (name, log);
        try
        {
            _guarded = factory(context) ?? throw new InvalidOperationException("its factory returned null");
        }
        catch (Exception e)
        {
            Log(e, "could not be created");
        }
    }

    /// <summary>The same strategies, those guarded that are not of this library.</summary>
    public static IReadOnlyDictionary<string, StrategyFactory> Guard(
        IReadOnlyDictionary<string, StrategyFactory> strategies, ILoggingAdapter log) => strategies.ToFrozenDictionary(
            strategy => strategy.Key,
            strategy => Strategies.BuiltIn.Values.Contains(strategy.Value)
                ? strategy.Value
                : context => new GuardedStrategy(strategy.Key, strategy.Value, context, log),
            StringComparer.Ordinal);

    public Candidate Choose(CandidateSet candidates, string? affinityKey)
    {
        try
        {
            if (_guarded?.Choose(candidates, affinityKey) is { } chosen && candidates.IndexOf(chosen) >= 0)
                return chosen;
            Log(null, "chose none of the candidates");
        }
        catch (Exception e)
        {
            Log(e, "failed to choose");
        }
        return candidates.Servers[0];
    }

    public void Ended(Candidate candidate, AttemptOutcome outcome, TimeSpan elapsed)
    {
        try
        {
            _guarded?.Ended(candidate, outcome, elapsed);
        }
        catch (Exception e)
        {
            Log(e, "failed to take in the end of an attempt");
        }
    }

    private void Log(Exception? cause, string what)
    {
        if (_isLogged)
            return;
        _isLogged = true;
        _log.Error(
            cause is null ? null : Printable.Of(cause),
            "The strategy {Strategy} {What}; it falls back to the first candidate, and further faults are not logged",
            _name,
            what);
    }
}
