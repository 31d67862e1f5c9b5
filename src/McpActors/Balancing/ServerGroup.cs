using System.Collections.Immutable;
using McpActors.Configuration;

namespace McpActors.Balancing;

/// <summary>The servers of one group: which of them can take which call, and the strategies that choose among them.</summary>
/// <param name="name">The group's name.</param>
/// <param name="factories">The strategies by name.</param>
/// <param name="context">The context for strategies.</param>
internal sealed class ServerGroup(string name, IReadOnlyDictionary<string, StrategyFactory> factories, StrategyContext context)
{
    // Callers choose the tool names, so the table is bounded.
    private const int MostSets = 4096;

    private readonly SortedList<int, ServerEntry> _members = [];
    private readonly Dictionary<(string? Tool, bool Safe), CandidateSet?> _candidates = [];
    private readonly HashSet<CandidateSet> _sets = new(CandidateSet.SameServers);
    private readonly Dictionary<string, ILoadBalancingStrategy> _strategies = new(StringComparer.Ordinal);

    public string Name => name;

    /// <summary>The strategy for calls that name none.</summary>
    public string StrategyName { get; set; } = StrategyNames.RoundRobin;

    /// <summary>Below this share of available servers, servers with an open circuit are used too; null: never.</summary>
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

    /// <summary>Forgets the candidate sets, because a member, or the answer to which calls it can take, has changed.</summary>
    public void Changed()
    {
        _candidates.Clear();
        _sets.Clear();
    }

    /// <summary>The servers that can take the call now; null when none can.</summary>
    /// <param name="tool">The tool that is called; null for other methods.</param>
    /// <param name="safe">Whether the call may run twice, whatever the servers' annotations say.</param>
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
        Strategy(strategyName ?? StrategyName).Choose(candidates, affinityKey).Entry;

    /// <summary>
    /// The server for the first attempt at the best priority that has an available server; the strategy decides among equals.
    /// </summary>
    public ServerEntry ChooseBest(CandidateSet candidates, string? strategyName, string? affinityKey) =>
        Choose(candidates.Levels.First(level => level.Available.Servers.Length > 0).Available, strategyName, affinityKey);

    /// <summary>
    /// The server for a further attempt: the best priority among the untried servers; the strategy decides among equals; null when none is
    /// left.
    /// </summary>
    public ServerEntry? ChooseNext(
        string? tool, bool safe, bool onlyKnownToHaveTool, IReadOnlyList<ServerEntry> tried, string? strategyName, string? affinityKey)
    {
        if (Candidates(tool, safe) is not { } candidates)
            return null;
        foreach (var level in candidates.Levels)
        {
            var left = Sample(
                level.Available, affinityKey, entry => !tried.Contains(entry) && (!onlyKnownToHaveTool || entry.HasTool(tool!) == true));
            if (left.Length > 0)
                return left.Length == 1 ? left[0].Entry : Choose(level.Available.Only(left), strategyName, affinityKey);
        }
        return null;
    }

    /// <summary>Whether a call that has tried some servers and now goes to another one would have one more left.</summary>
    public bool HasMore(string? tool, bool safe, IReadOnlyList<ServerEntry> tried, ServerEntry current)
    {
        if (Candidates(tool, safe) is not { } candidates)
            return false;
        // Tried servers may no longer be candidates, so comparing counts is not enough.
        return candidates.Servers.Length > tried.Count + 1
            || candidates.Servers.Any(candidate => !ReferenceEquals(candidate.Entry, current) && !tried.Contains(candidate.Entry));
    }

    // Consecutive servers from a random position, or from one that an affinity key keeps as long as the servers are the same. So no call
    // examines all servers, and calls of one key that fail over meet again.
    private ImmutableArray<Candidate> Sample(CandidateSet candidates, string? affinityKey, Predicate<ServerEntry> isWanted)
    {
        var servers = candidates.Servers;
        if (servers.Length <= CandidateSet.LargestScan)
            return servers.RemoveAll(server => !isWanted(server.Entry));
        var start = affinityKey is null ? context.Random.Next(servers.Length) : (int)(StableHash.Of(affinityKey) % (uint)servers.Length);
        var sample = ImmutableArray.CreateBuilder<Candidate>(CandidateSet.LargestScan);
        for (var i = 0; i < servers.Length && sample.Count < CandidateSet.LargestScan; i++)
        {
            var server = servers[(start + i) % servers.Length];
            if (isWanted(server.Entry))
                sample.Add(server);
        }
        sample.Sort((left, right) => left.Ordinal.CompareTo(right.Ordinal));
        return sample.ToImmutable();
    }

    /// <summary>Reports the end of an attempt to every strategy in use.</summary>
    public void Ended(ServerEntry entry, AttemptOutcome outcome, TimeSpan elapsed)
    {
        foreach (var strategy in _strategies.Values)
            strategy.Ended(entry.Candidate, outcome, elapsed);
    }

    private ILoadBalancingStrategy Strategy(string strategyName)
    {
        if (!_strategies.TryGetValue(strategyName, out var strategy))
            _strategies.Add(strategyName, strategy = factories[strategyName](context));
        return strategy;
    }

    private CandidateSet? FindCandidates(string? tool, bool safe)
    {
        var outlook = OutlookFor(tool, safe);
        var members = _members.Values.Where(entry => MayServe(entry, tool)).ToList();
        var able = members.FindAll(entry => ExclusionOf(entry, tool, safe, outlook) == ExclusionReason.None);
        return able.Count == 0 ? null : Shared(new CandidateSet(CandidatesOf(able), CandidatesOf(members)));
    }

    // Most tools have the same servers. One set for all of them means one rotation, one ring, one table of weights in each strategy.
    private CandidateSet Shared(CandidateSet found)
    {
        if (_sets.TryGetValue(found, out var same))
            return same;
        _sets.Add(found);
        return found;
    }

    private static ImmutableArray<Candidate> CandidatesOf(List<ServerEntry> entries) => [.. entries.Select(entry => entry.Candidate)];

    /// <summary>Each member, and why it is a candidate or not.</summary>
    public IReadOnlyList<CandidateExplanation> Explain(string? tool, bool safe, DateTimeOffset now)
    {
        var outlook = OutlookFor(tool, safe);
        return [.. _members.Values.Select(entry => Explain(entry, ExclusionOf(entry, tool, safe, outlook), tool, now))];
    }

    private static CandidateExplanation Explain(
        ServerEntry entry, ExclusionReason reason, string? tool, DateTimeOffset now) => reason switch
        {
            ExclusionReason.None when entry.IsBlockedByCircuit => new(
                entry.Name, true, $"used although {entry.WhyUnavailable(tool, now)}: too few other servers are left (panic-threshold)"),
            ExclusionReason.None when tool is not null && entry.HasTool(tool) is null => new(
                entry.Name, true, "its catalogue is not known yet, it may have the tool"),
            ExclusionReason.None => new(entry.Name, true, "available"),
            ExclusionReason.CatalogueUnknown => new(
                entry.Name, false, "its catalogue is not known yet, and others are known to have the tool"),
            ExclusionReason.OnTrial => new(
                entry.Name, false, "its circuit is half open; an unsafe call is not sent there while another server can take it"),
            _ => new(entry.Name, false, entry.WhyUnavailable(tool, now) ?? "unavailable"),
        };

    /// <summary>Why a member is not a candidate.</summary>
    private enum ExclusionReason
    {
        None,
        Unavailable,
        CatalogueUnknown,
        OnTrial,
    }

    /// <summary>The facts about the whole group that decide about each member.</summary>
    private readonly record struct Outlook(bool Panic, bool SomeKnownToHaveTool, bool SomeHealthy);

    private Outlook OutlookFor(string? tool, bool safe)
    {
        var panic = PanicThreshold is { } threshold && IsBelow(threshold, tool);
        var able = _members.Values.Where(entry => IsAble(entry, tool, panic)).ToList();
        var someKnown = tool is not null && able.Exists(entry => entry.HasTool(tool) == true);
        return new Outlook(
            panic,
            someKnown,
            !safe && able.Exists(entry => entry.Report.Circuit == CircuitState.Closed && (!someKnown || entry.HasTool(tool!) == true)));
    }

    private bool IsBelow(double threshold, string? tool)
    {
        var members = _members.Values.Where(entry => MayServe(entry, tool)).ToList();
        return members.Count(entry => entry.IsAvailable) < threshold * members.Count;
    }

    private static ExclusionReason ExclusionOf(ServerEntry entry, string? tool, bool safe, Outlook outlook)
    {
        if (!IsAble(entry, tool, outlook.Panic))
            return ExclusionReason.Unavailable;
        // A server that has just connected has no catalogue yet. Prefer servers known to have the tool: their annotations may make the call
        // safe to repeat.
        if (outlook.SomeKnownToHaveTool && entry.HasTool(tool!) is null)
            return ExclusionReason.CatalogueUnknown;
        // An unsafe call is no trial for a half-open circuit while a healthy server can take it.
        var safeHere = safe || (tool is not null && entry.MarksRepeatable(tool));
        if (!safeHere && outlook.SomeHealthy && entry.Report.Circuit != CircuitState.Closed)
            return ExclusionReason.OnTrial;
        return ExclusionReason.None;
    }

    private static bool IsAble(ServerEntry entry, string? tool, bool panic) =>
        (entry.IsAvailable || (panic && entry.IsUsableInPanic)) && MayServe(entry, tool);

    private static bool MayServe(ServerEntry entry, string? tool) => tool is null || entry.HasTool(tool) != false;
}
