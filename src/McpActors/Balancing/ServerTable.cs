using McpActors.Configuration;
using McpActors.Resilience;

namespace McpActors.Balancing;

/// <summary>
/// The servers of the pool by name and group. Each group caches its candidates by tool until one of its servers changes, so that a call
/// examines no list of servers. Owned by the router alone.
/// </summary>
internal sealed class ServerTable(
    PoolSettings pool, IReadOnlyDictionary<string, StrategyFactory> strategies, Random random, TimeProvider clock)
{
    // Callers choose the tool names, so the table is bounded.
    private const int MostTools = 4096;

    private readonly Dictionary<string, ServerEntry> _servers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ServerGroup> _groups = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, ServerEntry> _inOrder = [];
    private readonly Dictionary<string, ServerGroup?> _byTool = new(StringComparer.Ordinal);
    private readonly ServerPauses _pauses = new();
    private readonly StrategyContext _context = new(random, clock, pool.CallTimeout);
    private PoolSettings _pool = pool;

    public IEnumerable<ServerEntry> InOrder => _inOrder.Values;

    public ServerEntry? Find(string name) => _servers.GetValueOrDefault(name);

    public ServerGroup? FindGroup(string name) => _groups.GetValueOrDefault(name);

    /// <summary>
    /// The group that serves a tool without a route: the given group, unless none of its servers can have the tool and a server of another
    /// group has it.
    /// </summary>
    public ServerGroup? FindGroupOf(string tool, string otherwise)
    {
        if (_byTool.TryGetValue(tool, out var known))
            return known;
        if (_byTool.Count >= MostTools)
            _byTool.Clear();
        var group = FindGroup(otherwise);
        if (group is null || group.Members.All(entry => entry.HasTool(tool) == false))
        {
            var owner = _inOrder.Values.FirstOrDefault(entry => entry.HasTool(tool) == true);
            group = owner is null ? group : FindGroup(owner.Settings.Group);
        }
        return _byTool[tool] = group;
    }

    /// <summary>Adds a server, or replaces the server of the same name.</summary>
    public void Join(ServerEntry entry)
    {
        // The group stays the same object even when the replaced server was its only member: calls under way find their next server there.
        var left = Detach(entry.Name);
        _servers.Add(entry.Name, entry);
        _inOrder.Add(entry.Candidate.Ordinal, entry);
        if (!_groups.TryGetValue(entry.Settings.Group, out var group))
        {
            _groups.Add(entry.Settings.Group, group = new ServerGroup(entry.Settings.Group, strategies, _context));
            Apply(_pool, group);
        }
        group.Add(entry);
        DropIfEmpty(left);
        _byTool.Clear();
    }

    /// <summary>Chooses servers by these settings from now on.</summary>
    public void Apply(PoolSettings settings)
    {
        _pool = settings;
        _byTool.Clear();
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
        _byTool.Clear();
    }

    private ServerGroup? Detach(string name)
    {
        if (!_servers.Remove(name, out var entry))
            return null;
        entry.HasLeft = true;
        _inOrder.Remove(entry.Candidate.Ordinal);
        var group = _groups[entry.Settings.Group];
        group.Remove(entry);
        return group;
    }

    private void DropIfEmpty(ServerGroup? group)
    {
        if (group is { Members.Count: 0 })
            _groups.Remove(group.Name);
    }

    public void Report(ServerEntry entry, ServerReport report)
    {
        var before = (entry.IsAvailable, entry.Report.Circuit, entry.Report.Connection.Catalogue);
        entry.Report = report;
        if (report.Circuit != CircuitState.HalfOpen)
            entry.TrialOut = false;
        if (!ReferenceEquals(before.Catalogue, report.Connection.Catalogue))
            _byTool.Clear();
        if (before != (entry.IsAvailable, report.Circuit, report.Connection.Catalogue))
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

    /// <summary>Ends the pauses that are over.</summary>
    public void EndPauses(DateTimeOffset now)
    {
        while (_pauses.TryEnd(now, out var entry))
            Changed(entry);
    }

    /// <summary>Notes that the server may have become available or unavailable.</summary>
    public void Changed(ServerEntry entry) => FindGroup(entry.Settings.Group)?.Changed();
}
