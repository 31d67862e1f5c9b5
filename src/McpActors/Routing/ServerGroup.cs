using McpActors.Routing.Balancing;

namespace McpActors.Routing;

/// <summary>The servers of one group, who of them can take which call, and the strategies that choose among them.</summary>
internal sealed class ServerGroup(
    string name, string strategy, IReadOnlyDictionary<string, StrategyFactory> factories, Random random, TimeProvider clock)
{
    // Tool names come from callers; the table must not grow with those they make up.
    private const int MostSets = 4096;

    private readonly SortedList<int, ServerEntry> _members = [];
    private readonly Dictionary<(string? Tool, bool Safe), CandidateSet?> _candidates = [];
    private readonly Dictionary<string, ILoadBalancingStrategy> _strategies = new(StringComparer.Ordinal);

    public string Name => name;

    /// <summary>The members, in configured order.</summary>
    public IList<ServerEntry> Members => _members.Values;

    public void Add(ServerEntry entry)
    {
        _members.Add(entry.Candidate.Ordinal, entry);
        Changed();
    }

    public void Remove(ServerEntry entry)
    {
        _members.Remove(entry.Candidate.Ordinal);
        Changed();
    }

    public void Changed() => _candidates.Clear();

    /// <summary>Who can take the call now; null when nobody can.</summary>
    /// <param name="tool">The tool that is called; null for other methods.</param>
    /// <param name="safe">Whether the call may be repeated, whatever the servers say of the tool.</param>
    public CandidateSet? Candidates(string? tool, bool safe)
    {
        if (_candidates.TryGetValue((tool, safe), out var known))
            return known;
        if (_candidates.Count >= MostSets)
            _candidates.Clear();
        return _candidates[(tool, safe)] = FindCandidates(tool, safe);
    }

    /// <summary>The server for the first attempt.</summary>
    public ServerEntry Choose(CandidateSet candidates, string? strategyName, string? affinityKey) =>
        EntryOf(Strategy(strategyName ?? strategy).Choose(candidates, affinityKey));

    /// <summary>The server for a further attempt: the best priority among those not tried, ties by the strategy; null when none is left.</summary>
    public ServerEntry? ChooseNext(
        string? tool, bool safe, bool onlyKnownToHaveTool, IReadOnlyList<ServerEntry> tried, string? strategyName, string? affinityKey)
    {
        if (Candidates(tool, safe) is not { } candidates)
            return null;
        var best = int.MaxValue;
        var left = new List<Candidate>();
        foreach (var candidate in candidates.Servers)
        {
            var entry = EntryOf(candidate);
            if (candidate.Priority > best || tried.Contains(entry) || (onlyKnownToHaveTool && entry.HasTool(tool!) != true))
                continue;
            if (candidate.Priority < best)
                left.Clear();
            best = candidate.Priority;
            left.Add(candidate);
        }
        return left.Count switch
        {
            0 => null,
            1 => EntryOf(left[0]),
            _ => Choose(new CandidateSet([.. left]), strategyName, affinityKey),
        };
    }

    public void Ended(ServerEntry entry, AttemptOutcome outcome, TimeSpan elapsed)
    {
        foreach (var used in _strategies.Values)
            used.Ended(entry.Candidate, outcome, elapsed);
    }

    private static ServerEntry EntryOf(Candidate candidate) => (ServerEntry)candidate.Owner;

    private ILoadBalancingStrategy Strategy(string strategyName)
    {
        if (!_strategies.TryGetValue(strategyName, out var used))
            _strategies.Add(strategyName, used = factories[strategyName](random, clock));
        return used;
    }

    private CandidateSet? FindCandidates(string? tool, bool safe)
    {
        var able = _members.Values.Where(entry => entry.IsAvailable && (tool is null || entry.HasTool(tool) != false)).ToList();
        // A server that has just connected says in a moment what it offers and marks; until then those go first of whom it is known, or a call
        // that is safe by their marks would be sent as one that is not.
        if (tool is not null && able.Exists(entry => entry.HasTool(tool) == true))
            able.RemoveAll(entry => entry.HasTool(tool) is null);
        // Only a call that may be repeated is risked as a trial while a server in good health could take it.
        if (!safe && able.Exists(entry => entry.Report.Circuit == CircuitState.Closed))
            able.RemoveAll(entry => entry.Report.Circuit != CircuitState.Closed && !(tool is not null && entry.MarksRepeatable(tool)));
        return able.Count == 0 ? null : new CandidateSet([.. able.Select(entry => entry.Candidate)]);
    }
}
