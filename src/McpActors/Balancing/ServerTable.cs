using Akka.Actor;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;

namespace McpActors.Balancing;

/// <summary>
/// The servers of the pool by name and group. Each group caches its candidates by tool until one of its servers changes, so that a call
/// examines no list of servers. Owned by the router alone.
/// </summary>
internal sealed class ServerTable(
    PoolSettings pool, IReadOnlyDictionary<string, StrategyFactory> strategies, Random random, TimeProvider clock)
{
    // Callers choose the names, so the table is bounded.
    private const int MostOffers = 4096;

    private readonly Dictionary<string, ServerEntry> _servers = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, ServerEntry> _byCircuit = [];
    private readonly Dictionary<string, ServerGroup> _groups = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, ServerEntry> _inOrder = [];
    private readonly Dictionary<Offer, ServerGroup?> _byOffer = [];
    private readonly OfferIndex _offers = new();
    private readonly ServerPauses _pauses = new();
    private StrategyContext _context = new(random, clock, pool.CallTimeout);
    private PoolSettings _pool = pool;

    public IEnumerable<ServerEntry> InOrder => _inOrder.Values;

    public ServerEntry? Find(string name) => _servers.GetValueOrDefault(name);

    /// <summary>The server of this circuit; null when it has left or was replaced.</summary>
    public ServerEntry? Find(IActorRef circuit) => _byCircuit.GetValueOrDefault(circuit);

    public ServerGroup? FindGroup(string name) => _groups.GetValueOrDefault(name);

    /// <summary>
    /// The group that serves a tool, prompt or resource without a route: the given group, unless the catalogues of all its servers lack it
    /// and a server of another group has it.
    /// </summary>
    public ServerGroup? FindGroupOf(Offer offer, string otherwise)
    {
        // Made-up names must neither cost a look at every server nor fill the table.
        if (!_offers.MayHave(offer))
            return FindGroup(otherwise);
        if (_byOffer.TryGetValue(offer, out var known))
            return known;
        if (_byOffer.Count >= MostOffers)
            _byOffer.Clear();
        var group = FindGroup(otherwise);
        if (group is null || group.Members.All(entry => entry.Has(offer) == false))
        {
            var owner = _inOrder.Values.FirstOrDefault(entry => entry.Has(offer) == true);
            group = owner is null ? group : FindGroup(owner.Settings.Group);
        }
        return _byOffer[offer] = group;
    }

    /// <summary>Whether every server of the pool is connected and listed what it has, and none has the tool or prompt.</summary>
    public bool NobodyHas(Offer offer, DateTimeOffset now) =>
        _groups.Count > 0 && _groups.Values.All(group => group.OutageFor(offer, now).NobodyHasIt);

    /// <summary>Adds a server, or replaces the server of the same name.</summary>
    public void Join(ServerEntry entry)
    {
        // The group stays the same object even when the replaced server was its only member: calls under way find their next server there.
        var left = Detach(entry.Name);
        _servers.Add(entry.Name, entry);
        _byCircuit.Add(entry.Circuit, entry);
        _inOrder.Add(entry.Candidate.Ordinal, entry);
        if (!_groups.TryGetValue(entry.Settings.Group, out var group))
        {
            _groups.Add(entry.Settings.Group, group = new ServerGroup(entry.Settings.Group, strategies, _context));
            Apply(_pool, group);
        }
        group.Add(entry);
        _offers.Replace(null, entry.Report.Connection.Catalogue);
        DropIfEmpty(left);
        _byOffer.Clear();
    }

    /// <summary>Chooses servers by these settings from now on.</summary>
    public void Apply(PoolSettings settings)
    {
        _pool = settings;
        _byOffer.Clear();
        if (settings.CallTimeout != _context.CallTimeout)
        {
            _context = _context with { CallTimeout = settings.CallTimeout };
            foreach (var group in _groups.Values)
                group.Use(_context);
        }
        foreach (var group in _groups.Values)
            Apply(settings, group);
    }

    private static void Apply(PoolSettings settings, ServerGroup group)
    {
        group.StrategyName = settings.Groups.GetValueOrDefault(group.Name)?.LoadBalancing ?? settings.LoadBalancing;
        group.PanicThreshold = settings.PanicThreshold;
        group.Changed();
    }

    public void Leave(string name)
    {
        DropIfEmpty(Detach(name));
        _byOffer.Clear();
    }

    private ServerGroup? Detach(string name)
    {
        if (!_servers.Remove(name, out var entry))
            return null;
        entry.HasLeft = true;
        _byCircuit.Remove(entry.Circuit);
        _inOrder.Remove(entry.Candidate.Ordinal);
        var group = _groups[entry.Settings.Group];
        group.Remove(entry);
        _offers.Replace(entry.Report.Connection.Catalogue, null);
        return group;
    }

    private void DropIfEmpty(ServerGroup? group)
    {
        if (group is { Members.Count: 0 })
            _groups.Remove(group.Name);
    }

    public void Report(ServerEntry entry, ServerReport report)
    {
        var before = (entry.IsAvailable, entry.IsSlow, entry.Report.Circuit, entry.Report.Connection.Catalogue);
        entry.Report = report;
        if (FindGroup(entry.Settings.Group) is { } group)
        {
            _offers.Replace(before.Catalogue, report.Connection.Catalogue);
            group.Reported(before.Catalogue, report.Connection.Catalogue);
        }
        if (report.Circuit != CircuitState.HalfOpen)
            entry.TrialAttempt = null;
        if (!ReferenceEquals(before.Catalogue, report.Connection.Catalogue))
            _byOffer.Clear();
        if (before != (entry.IsAvailable, entry.IsSlow, report.Circuit, report.Connection.Catalogue))
            Changed(entry);
    }

    /// <summary>Sends the server no calls for this time, because it asked for that.</summary>
    public void Pause(ServerEntry entry, TimeSpan length, DateTimeOffset now)
    {
        if (length <= TimeSpan.Zero)
            return;
        _pauses.Add(entry, length, now);
        Changed(entry);
    }

    /// <summary>Ends the pause of a server before it is over.</summary>
    public void EndPause(ServerEntry entry)
    {
        if (entry.PausedUntil is null)
            return;
        entry.PausedUntil = null;
        Changed(entry);
    }

    /// <summary>Ends the pauses that are over.</summary>
    public void EndPauses(DateTimeOffset now)
    {
        while (_pauses.TryEnd(now, out var entry))
            Changed(entry);
    }

    /// <summary>Notes that the server may have become available or unavailable.</summary>
    public void Changed(ServerEntry entry) => FindGroup(entry.Settings.Group)?.Changed();
}
