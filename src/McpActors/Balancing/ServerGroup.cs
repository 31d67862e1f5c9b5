using System.Collections.Immutable;
using McpActors.Configuration;
using McpActors.Connections;

namespace McpActors.Balancing;

/// <summary>The servers of one group: which of them can take which call, and the strategies that choose among them.</summary>
/// <param name="name">The group's name.</param>
/// <param name="factories">The strategies by name.</param>
/// <param name="context">The context for strategies.</param>
internal sealed class ServerGroup(string name, IReadOnlyDictionary<string, StrategyFactory> factories, StrategyContext context)
{
    // Callers choose the names, so the table is bounded.
    private const int MostSets = 4096;

    private readonly SortedList<int, ServerEntry> _members = [];
    private readonly Dictionary<(Offer? Needed, bool Safe), CandidateSet?> _candidates = [];
    private readonly Dictionary<ValueTuple<Offer?>, Outage> _outages = [];
    private readonly OfferIndex _offers = new();
    private readonly HashSet<CandidateSet> _sets = new(CandidateSet.SameServers);
    private readonly Dictionary<string, ILoadBalancingStrategy> _strategies = new(StringComparer.Ordinal);

    public string Name => name;

    /// <summary>The strategy for calls that name none.</summary>
    public string StrategyName { get; set; } = StrategyNames.RoundRobin;

    /// <summary>Below this share of available servers, servers with an open circuit are used too; null: never.</summary>
    public double? PanicThreshold { get; set; }

    /// <summary>The members, in configured order.</summary>
    public IList<ServerEntry> Members => _members.Values;

    /// <summary>Creates new strategies for this context; what the old ones learned is lost.</summary>
    public void Use(StrategyContext changed)
    {
        context = changed;
        _strategies.Clear();
    }

    public void Add(ServerEntry entry)
    {
        _members.Add(entry.Candidate.Ordinal, entry);
        _offers.Replace(null, entry.Report.Connection.Catalogue);
        Changed();
    }

    public void Remove(ServerEntry entry)
    {
        _members.Remove(entry.Candidate.Ordinal);
        _offers.Replace(entry.Report.Connection.Catalogue, null);
        Changed();
    }

    /// <summary>Forgets the candidate sets, because a member, or the answer to which calls it can take, has changed.</summary>
    public void Changed()
    {
        _candidates.Clear();
        _outages.Clear();
        _sets.Clear();
    }

    /// <summary>A member has reported something new, perhaps another catalogue.</summary>
    public void Reported(ServerCatalogue? before, ServerCatalogue? after)
    {
        _outages.Clear();
        _offers.Replace(before, after);
    }

    /// <summary>Why no member can take the call.</summary>
    public Outage OutageFor(Offer? needed, DateTimeOffset now)
    {
        var key = ValueTuple.Create(Listed(needed));
        if (_outages.TryGetValue(key, out var known) && !(known.NextChange <= now))
            return known;
        if (_outages.Count >= MostSets)
            _outages.Clear();
        return _outages[key] = Outage.Of(_members.Values, key.Item1, now);
    }

    // Everything that no member lists is the same to the group, so that made-up names share one entry in each table.
    private Offer? Listed(Offer? needed) =>
        needed is { } offer && !_offers.MayHave(offer) ? new Offer(offer.Method, "") : needed;

    /// <summary>The servers that can take the call now; null when none can.</summary>
    /// <param name="needed">The tool, prompt or resource that the call needs; null for other methods.</param>
    /// <param name="safe">Whether the call may run twice, whatever the servers' annotations say.</param>
    public CandidateSet? Candidates(Offer? needed, bool safe)
    {
        needed = Listed(needed);
        if (_candidates.TryGetValue((needed, safe), out var known))
            return known;
        if (_candidates.Count >= MostSets)
            Changed();
        return _candidates[(needed, safe)] = FindCandidates(needed, safe);
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
    /// The server for a further attempt: the best priority among the untried servers, slow ones last; the strategy decides among equals;
    /// null when none is left.
    /// </summary>
    public ServerEntry? ChooseNext(
        Offer? needed, bool safe, bool onlyKnownToHaveIt, IReadOnlyList<ServerEntry> tried, string? strategyName, string? affinityKey)
    {
        for (var candidates = Candidates(needed, safe); candidates is not null; candidates = candidates.Fallback)
        {
            foreach (var level in candidates.Levels)
            {
                var left = Sample(
                    level.Available,
                    affinityKey,
                    entry => !tried.Contains(entry) && (!onlyKnownToHaveIt || entry.Has(needed!.Value) == true));
                if (left.Length > 0)
                    return left.Length == 1 ? left[0].Entry : Choose(level.Available.Only(left), strategyName, affinityKey);
            }
        }
        return null;
    }

    /// <summary>Whether a call that has tried some servers and now goes to another one would have one more left.</summary>
    public bool HasMore(Offer? needed, bool safe, IReadOnlyList<ServerEntry> tried, ServerEntry current)
    {
        if (Candidates(needed, safe) is not { } candidates)
            return false;
        // Tried servers may no longer be candidates, so comparing counts is not enough.
        return candidates.Servers.Length > tried.Count + 1 || IsAnyLeft(candidates) || (candidates.Fallback is { } slow && IsAnyLeft(slow));

        bool IsAnyLeft(CandidateSet some) =>
            some.Servers.Any(candidate => !ReferenceEquals(candidate.Entry, current) && !tried.Contains(candidate.Entry));
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

    private CandidateSet? FindCandidates(Offer? needed, bool safe)
    {
        var outlook = OutlookFor(needed, safe);
        var members = _members.Values.Where(entry => MayServe(entry, needed)).ToList();
        var able = members.FindAll(entry => ExclusionOf(entry, needed, safe, outlook) == ExclusionReason.None);
        if (able.Count == 0)
            return null;
        var slow = CandidatesOf(members.FindAll(entry => ExclusionOf(entry, needed, safe, outlook) == ExclusionReason.Slow
            && ExclusionOf(entry, needed, safe, outlook with { SomeQuick = false }) == ExclusionReason.None));
        return Shared(new CandidateSet(CandidatesOf(able), CandidatesOf(members))
        {
            Fallback = slow.Length == 0 ? null : Shared(new CandidateSet(slow, slow)),
        });
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
    public IReadOnlyList<CandidateExplanation> Explain(Offer? needed, bool safe, DateTimeOffset now)
    {
        var outlook = OutlookFor(needed, safe);
        return [.. _members.Values.Select(entry => Explain(entry, ExclusionOf(entry, needed, safe, outlook), needed, now))];
    }

    private static CandidateExplanation Explain(
        ServerEntry entry, ExclusionReason reason, Offer? needed, DateTimeOffset now) => reason switch
        {
            ExclusionReason.None when entry.IsBlockedByCircuit => new(
                entry.Name, true, $"used although {entry.WhyUnavailable(needed, now)}: too few other servers are left (panic-threshold)"),
            ExclusionReason.None when needed is { } offer && entry.Has(offer) != true => new(
                entry.Name, true, $"{Doubt(entry, offer)}, it may have the {offer.Kind}"),
            ExclusionReason.None => new(entry.Name, true, "available"),
            ExclusionReason.NotKnownToHaveIt => new(
                entry.Name, false, $"{Doubt(entry, needed!.Value)}, and others are known to have the {needed!.Value.Kind}"),
            ExclusionReason.Slow => new(
                entry.Name, false, "it does not answer probes while it is busy, and another server can take the call"),
            ExclusionReason.OnTrial => new(
                entry.Name, false, "its circuit is half open; an unsafe call is not sent there while another server can take it"),
            _ => new(entry.Name, false, entry.WhyUnavailable(needed, now) ?? "unavailable"),
        };

    private static string Doubt(ServerEntry entry, Offer offer) =>
        entry.Has(offer) is null ? "its catalogue is not known yet" : "its catalogue does not list it";

    /// <summary>Why a member is not a candidate.</summary>
    private enum ExclusionReason
    {
        None,
        Unavailable,
        NotKnownToHaveIt,
        Slow,
        OnTrial,
    }

    /// <summary>The facts about the whole group that decide about each member.</summary>
    private readonly record struct Outlook(bool Panic, bool SomeKnownToHaveIt, bool SomeHealthy, bool SomeQuick);

    private Outlook OutlookFor(Offer? needed, bool safe)
    {
        var panic = PanicThreshold is { } threshold && IsBelow(threshold, needed);
        var able = _members.Values.Where(entry => IsAble(entry, needed, panic)).ToList();
        var someKnown = needed is { } offer && able.Exists(entry => entry.Has(offer) == true);
        var healthy = able.FindAll(
            entry => entry.Report.Circuit == CircuitState.Closed && (!someKnown || entry.Has(needed!.Value) == true));
        return new Outlook(panic, someKnown, SomeHealthy: !safe && healthy.Count > 0, SomeQuick: healthy.Exists(entry => !entry.IsSlow));
    }

    private bool IsBelow(double threshold, Offer? needed)
    {
        var members = _members.Values.Where(entry => MayServe(entry, needed)).ToList();
        return members.Count(entry => entry.IsAvailable) < threshold * members.Count;
    }

    private static ExclusionReason ExclusionOf(ServerEntry entry, Offer? needed, bool safe, Outlook outlook)
    {
        if (!IsAble(entry, needed, outlook.Panic))
            return ExclusionReason.Unavailable;
        // A server that has just connected has no catalogue yet, and servers may have resources that they do not list. Prefer servers known
        // to have what the call needs: the annotations of their tools may make it safe to repeat.
        if (outlook.SomeKnownToHaveIt && entry.Has(needed!.Value) != true)
            return ExclusionReason.NotKnownToHaveIt;
        if (outlook.SomeQuick && entry.IsSlow)
            return ExclusionReason.Slow;
        // An unsafe call is no trial for a half-open circuit while a healthy server can take it.
        var safeHere = safe || (needed?.Tool is { } tool && entry.MarksRepeatable(tool));
        if (!safeHere && outlook.SomeHealthy && entry.Report.Circuit != CircuitState.Closed)
            return ExclusionReason.OnTrial;
        return ExclusionReason.None;
    }

    private static bool IsAble(ServerEntry entry, Offer? needed, bool panic) =>
        (entry.IsAvailable || (panic && entry.IsUsableInPanic)) && MayServe(entry, needed);

    private static bool MayServe(ServerEntry entry, Offer? needed) => needed is not { } offer || !entry.Lacks(offer);
}
