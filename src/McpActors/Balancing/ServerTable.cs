using McpActors.Configuration;
using McpActors.Resilience;


namespace McpActors.Balancing;

/// <summary>
/// The servers of the pool by name and group, and for each group who can take a call right now. That is worked out once for each tool and
/// kept until a server of the group changes, so that a call costs no scan. Owned by the router alone.
/// </summary>
internal sealed class ServerTable(
    PoolSettings pool, IReadOnlyDictionary<string, StrategyFactory> strategies, Random random, TimeProvider clock)
{
    // Tool names come from callers; the table must not grow with those they make up.
    private const int MostTools = 4096;

    private readonly Dictionary<string, ServerEntry> _servers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ServerGroup> _groups = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, ServerEntry> _inOrder = [];
    private readonly Dictionary<string, ServerGroup?> _byTool = new(StringComparer.Ordinal);
    private readonly StrategyContext _context = new(random, clock, pool.CallTimeout);
    private PoolSettings _pool = pool;

    public IEnumerable<ServerEntry> InOrder => _inOrder.Values;

    public ServerEntry? Find(string name) => _servers.GetValueOrDefault(name);

    public ServerGroup? FindGroup(string name) => _groups.GetValueOrDefault(name);

    /// <summary>
    /// The group that serves a tool nobody routes: the one asked for, unless none of its servers can have the tool and those of another group do.
    /// </summary>
    public ServerGroup? FindGroupOf(string tool, string otherwise)
    {
        if (_byTool.TryGetValue(tool, out var known))
            return known;
        if (_byTool.Count >= MostTools)
            _byTool.Clear();
        var group = FindGroup(otherwise);
        if (group is null || group.Members.All(entry => entry.HasTool(tool) == false))
            group = _inOrder.Values.FirstOrDefault(entry => entry.HasTool(tool) == true) is { } owner ? FindGroup(owner.Settings.Group) : group;
        return _byTool[tool] = group;
    }

    /// <summary>Adds a server, or puts it in the place of the one of the same name.</summary>
    public void Join(ServerEntry entry)
    {
        // The group stays the same object, also when the replaced server was its only one: calls under way look for their next server there.
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

    /// <summary>From now on servers are chosen by these settings.</summary>
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

    /// <summary>Whether the server can take a call may have changed.</summary>
    public void Changed(ServerEntry entry) => FindGroup(entry.Settings.Group)?.Changed();
}
