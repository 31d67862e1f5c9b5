using McpActors.Chaos.Accounting;

namespace McpActors.Chaos.Cluster;

/// <summary>Compares the callers' results with the ledgers, as <see cref="Count"/> does for one pool.</summary>
internal sealed class NodeCount
{
    private const int MostExamples = 10;

    private readonly IReadOnlyDictionary<long, int> _executions;
    private readonly List<string> _examples = [];

    public NodeCount(IReadOnlyList<NodeCall> calls, IReadOnlyDictionary<long, int> executions)
    {
        _executions = executions;
        foreach (var call in calls)
        {
            Add(Total, call);
            var name = call.Fault?.Name() ?? "none";
            if (!ByFault.TryGetValue(name, out var tally))
                ByFault.Add(name, tally = new Tally());
            Add(tally, call);
        }
    }

    public Tally Total { get; } = new();

    public SortedDictionary<string, Tally> ByFault { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Examples => _examples;

    private void Add(Tally tally, NodeCall call)
    {
        var ran = _executions.GetValueOrDefault(call.Number);
        tally.Calls++;
        if (!call.Safe && ran > 1)
            tally.RanTwice += Violation(tally, call, $"ran {ran} times");
        if (call.Kind is null)
        {
            tally.Answered++;
            if (call.Tries > 1)
                tally.Saved++;
            if (ran == 0)
                tally.Invented += Violation(tally, call, "was answered and never ran");
            return;
        }
        if (call.Kind == nameof(PoolErrorKind.OutcomeUnknown) && ran > 0)
            tally.UnknownRun++;
        else if (call.Kind == nameof(PoolErrorKind.OutcomeUnknown))
            tally.UnknownNotRun++;
        else if (!call.Safe && ran > 0)
            tally.Denied += Violation(tally, call, "ran, although the reply said that it cannot have");
        else
            tally.OtherwiseFailed++;
        // A one-node server is out of reach from the end of its node until another node has it. In all other cases a server was available.
        if (call.Safe && (!call.Alone || call.Fault is null || call.Fault.Value.IsGraceful()))
            tally.SafeFailed += Violation(tally, call, "failed although a server was available");
        // When a node leaves in order, even an unsafe call is not at risk.
        if (!call.Safe && call.Kind == nameof(PoolErrorKind.OutcomeUnknown) && (call.Fault is null || call.Fault.Value.IsGraceful()))
            tally.Unanswered += Violation(tally, call, "was lost although nothing died");
    }

    private int Violation(Tally tally, NodeCall call, string what)
    {
        if (tally == Total && _examples.Count < MostExamples)
            _examples.Add($"{what}: {call}");
        return 1;
    }
}
