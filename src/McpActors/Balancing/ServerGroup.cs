using System.Collections.Immutable;

namespace McpActors.Balancing;

/// <summary>The servers of one group, who of them can take which call, and the strategies that choose among them.</summary>
/// <param name="name">Its name.</param>
/// <param name="factories">The strategies by name.</param>
/// <param name="context">What strategies may build on.</param>
internal sealed class ServerGroup(string name, IReadOnlyDictionary<string, StrategyFactory> factories, StrategyContext context)
{
    // Tool names come from callers; the table must not grow with those they make up.
    private const int MostSets = 4096;

    private readonly SortedList<int, ServerEntry> _members = [];
    private readonly Dictionary<(string? Tool, bool Safe), CandidateSet?> _candidates = [];
    private readonly HashSet<CandidateSet> _sets = new(CandidateSet.SameServers);
    private readonly Dictionary<string, ILoadBalancingStrategy> _strategies = new(StringComparer.Ordinal);

    public string Name => name;

    /// <summary>The strategy for calls that name none.</summary>
    public string StrategyName { get; set; } = RoundRobin.Name;

    /// <summary>Below this share of available servers those with an open circuit are used too; null: never.</summary>
    public double? PanicThreshold { get; set; }

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

    public void Changed()
    {
        _candidates.Clear();
        _sets.Clear();
    }

    /// <summary>Who can take the call now; null when nobody can.</summary>
    /// <param name="tool">The tool that is called; null for other methods.</param>
    /// <param name="safe">Whether the call may be repeated, whatever the servers say of the tool.</param>
    public CandidateSet? Candidates(string? tool, bool safe)
    {
        if (_candidates.TryGetValue((tool, safe), out var known))
            return known;
        if (_candidates.Count >= MostSets)
            Changed();
        return _candidates[(tool, safe)] = FindCandidates(tool, safe);
    }

    /// <summary>The server for the first attempt.</summary>
    public ServerEntry Choose(CandidateSet candidates, string? strategyName, string? affinityKey) =>
        EntryOf(Strategy(strategyName ?? StrategyName).Choose(candidates, affinityKey));

    /// <summary>The server for the first attempt at the best priority that has any available, ties by the strategy.</summary>
    public ServerEntry ChooseBest(CandidateSet candidates, string? strategyName, string? affinityKey) =>
        Choose(candidates.Levels.First(level => level.Available.Servers.Length > 0).Available, strategyName, affinityKey);

    /// <summary>The server for a further attempt: the best priority among those not tried, ties by the strategy; null when none is left.</summary>
    public ServerEntry? ChooseNext(
        string? tool, bool safe, bool onlyKnownToHaveTool, IReadOnlyList<ServerEntry> tried, string? strategyName, string? affinityKey)
    {
        if (Candidates(tool, safe) is not { } candidates)
            return null;
        foreach (var level in candidates.Levels)
        {
            var left = Sample(level.Available, affinityKey, entry => !tried.Contains(entry) && (!onlyKnownToHaveTool || entry.HasTool(tool!) == true));
            if (left.Length > 0)
                return left.Length == 1 ? EntryOf(left[0]) : Choose(level.Available.Only(left), strategyName, affinityKey);
        }
        return null;
    }

    // Neighbours from a random place, or from one that a key keeps as long as the servers are the same: so no call scans them all, and the calls
    // of a key that fail over meet again.
    private ImmutableArray<Candidate> Sample(CandidateSet candidates, string? affinityKey, Predicate<ServerEntry> isWanted)
    {
        var servers = candidates.Servers;
        if (servers.Length <= CandidateSet.LargestScan)
            return servers.RemoveAll(server => !isWanted(EntryOf(server)));
        var start = affinityKey is null ? context.Random.Next(servers.Length) : (int)(StableHash.Of(affinityKey) % (uint)servers.Length);
        var sample = ImmutableArray.CreateBuilder<Candidate>(CandidateSet.LargestScan);
        for (var i = 0; i < servers.Length && sample.Count < CandidateSet.LargestScan; i++)
        {
            var server = servers[(start + i) % servers.Length];
            if (isWanted(EntryOf(server)))
                sample.Add(server);
        }
        sample.Sort((left, right) => left.Ordinal.CompareTo(right.Ordinal));
        return sample.ToImmutable();
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
            _strategies.Add(strategyName, used = factories[strategyName](context));
        return used;
    }

    private CandidateSet? FindCandidates(string? tool, bool safe)
    {
        var outlook = OutlookFor(tool, safe);
        var members = _members.Values.Where(entry => MayServe(entry, tool)).ToList();
        var able = members.FindAll(entry => ExclusionOf(entry, tool, safe, outlook) == ExclusionReason.None);
        return able.Count == 0 ? null : Shared(new CandidateSet(CandidatesOf(able), CandidatesOf(members)));
    }

    // Most tools are had by the same servers; one set for all of them is one turn, one ring, one table of weights in each strategy.
    private CandidateSet Shared(CandidateSet found)
    {
        if (_sets.TryGetValue(found, out var same))
            return same;
        _sets.Add(found);
        return found;
    }

    private static ImmutableArray<Candidate> CandidatesOf(List<ServerEntry> entries) => [.. entries.Select(entry => entry.Candidate)];

    /// <summary>Each member, and why it is among the candidates or not.</summary>
    public IReadOnlyList<CandidateExplanation> Explain(string? tool, bool safe, DateTimeOffset now)
    {
        var outlook = OutlookFor(tool, safe);
        return [.. _members.Values.Select(Describe)];

        CandidateExplanation Describe(ServerEntry entry) => ExclusionOf(entry, tool, safe, outlook) switch
        {
            ExclusionReason.None when entry.IsBlockedByCircuit => new(entry.Name, true, $"used although {entry.WhyUnavailable(tool, now)}: panic-threshold, too few others are left"),
            ExclusionReason.None when tool is not null && entry.HasTool(tool) is null => new(entry.Name, true, "its catalogue is not known yet, it may have the tool"),
            ExclusionReason.None => new(entry.Name, true, "available"),
            ExclusionReason.CatalogueUnknown => new(entry.Name, false, "its catalogue is not known yet, and others are known to have the tool"),
            ExclusionReason.OnTrial => new(entry.Name, false, "its circuit is half open; a call that must not run twice is not risked there while another server can take it"),
            _ => new(entry.Name, false, entry.WhyUnavailable(tool, now) ?? "unavailable"),
        };
    }

    /// <summary>Why a member is not among the candidates.</summary>
    private enum ExclusionReason
    {
        None,
        Unavailable,
        CatalogueUnknown,
        OnTrial,
    }

    /// <summary>What is to be known of the whole group before any of its members is judged.</summary>
    private readonly record struct Outlook(bool Panic, bool SomeKnownToHaveTool, bool SomeInGoodHealth);

    private Outlook OutlookFor(string? tool, bool safe)
    {
        var panic = PanicThreshold is { } threshold
            && _members.Values.Count(entry => entry.IsAvailable && MayServe(entry, tool)) < threshold * _members.Values.Count(entry => MayServe(entry, tool));
        var able = _members.Values.Where(entry => IsAble(entry, tool, panic)).ToList();
        var someKnown = tool is not null && able.Exists(entry => entry.HasTool(tool) == true);
        return new Outlook(
            panic,
            someKnown,
            !safe && able.Exists(entry => entry.Report.Circuit == CircuitState.Closed && (!someKnown || entry.HasTool(tool!) == true)));
    }

    private static ExclusionReason ExclusionOf(ServerEntry entry, string? tool, bool safe, Outlook outlook)
    {
        if (!IsAble(entry, tool, outlook.Panic))
            return ExclusionReason.Unavailable;
        // A server that has just connected says in a moment what it offers and marks; until then those go first of whom it is known, or a call
        // that is safe by their marks would be sent as one that is not.
        if (outlook.SomeKnownToHaveTool && entry.HasTool(tool!) is null)
            return ExclusionReason.CatalogueUnknown;
        // Only a call that may be repeated is risked as a trial while a server in good health could take it.
        if (!safe && outlook.SomeInGoodHealth && entry.Report.Circuit != CircuitState.Closed && !(tool is not null && entry.MarksRepeatable(tool)))
            return ExclusionReason.OnTrial;
        return ExclusionReason.None;
    }

    private static bool IsAble(ServerEntry entry, string? tool, bool panic) =>
        (entry.IsAvailable || (panic && entry.IsUsableInPanic)) && MayServe(entry, tool);

    private static bool MayServe(ServerEntry entry, string? tool) => tool is null || entry.HasTool(tool) != false;
}
