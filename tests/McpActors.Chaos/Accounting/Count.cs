using McpActors.Chaos.Driving;
using McpActors.Chaos.Faults;

namespace McpActors.Chaos.Accounting;

/// <summary>Compares the callers' results with the ledgers.</summary>
internal sealed class Count
{
    /// <summary>
    /// A server counts as available during a call only if it was available for this time before and after it as well, because the status
    /// lags behind the server.
    /// </summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(500);

    private const int MostExamples = 10;

    private readonly IReadOnlyDictionary<long, int> _executions;
    private readonly Health _health;
    private readonly List<string> _examples = [];

    public Count(IReadOnlyList<CallRecord> calls, IReadOnlyDictionary<long, int> executions, Health health)
    {
        (_executions, _health) = (executions, health);
        foreach (var call in calls)
        {
            Add(Total, call);
            var name = call.Fault?.ToString().ToLowerInvariant() ?? "none";
            if (!ByFault.TryGetValue(name, out var tally))
                ByFault.Add(name, tally = new Tally());
            Add(tally, call);
        }
    }

    public Tally Total { get; } = new();

    public SortedDictionary<string, Tally> ByFault { get; } = new(StringComparer.Ordinal);

    /// <summary>Some of the calls in columns that must be 0.</summary>
    public IReadOnlyList<string> Examples => _examples;

    private void Add(Tally tally, CallRecord call)
    {
        var ran = _executions.GetValueOrDefault(call.Number);
        tally.Calls++;
        if (!call.Safe && ran > 1)
            tally.RanTwice += Violation(tally, call, $"ran {ran} times");
        var late = call.Took - Load.Timeout;
        tally.WorstLateMs = Math.Max(tally.WorstLateMs, late.TotalMilliseconds);
        if (!call.Replied)
            tally.Unanswered += Violation(tally, call, "had no reply");
        else if (call.Succeeded)
            AddAnswered(tally, call, ran);
        else
            AddFailed(tally, call, ran);
    }

    private void AddAnswered(Tally tally, CallRecord call, int ran)
    {
        tally.Answered++;
        if (call.Attempts > 1)
            tally.Saved++;
        if (ran == 0)
            tally.Invented += Violation(tally, call, "was answered and never ran");
    }

    private void AddFailed(Tally tally, CallRecord call, int ran)
    {
        // An error of the server leaves open whether the call ran, too.
        var isUnknown = call.Error is PoolErrorKind.OutcomeUnknown or PoolErrorKind.ServerError;
        if (isUnknown && ran > 0)
            tally.UnknownRun++;
        else if (isUnknown)
            tally.UnknownNotRun++;
        else if (!call.Safe && ran > 0)
            tally.Denied += Violation(tally, call, "ran, although the reply said that it cannot have");
        else
            tally.OtherwiseFailed++;
        var slack = (long)(Slack.TotalSeconds * TimeProvider.System.TimestampFrequency);
        if (call.Safe && _health.AnyStood(call.From - slack, call.To + slack))
            tally.SafeFailed += Violation(tally, call, "failed although a server was available");
    }

    private int Violation(Tally tally, CallRecord call, string what)
    {
        if (tally == Total && _examples.Count < MostExamples)
            _examples.Add($"{what}: {call}");
        return 1;
    }
}
