using McpActors.Resilience;

namespace McpActors.Balancing;

/// <summary>
/// Gives servers that have just connected a share that grows in steps from a tenth to the whole, so that they can fill their caches and
/// pools (Envoy's slow start with aggression 1: weight × time since the connection / window, at least 10 %). Owned by the router alone.
/// </summary>
/// <param name="window">The time until the whole share; zero: no slow start.</param>
internal sealed class SlowStart(TimeSpan window)
{
    private const double LeastShare = 0.1;
    private const int Steps = 20;

    private readonly Dictionary<ServerEntry, DateTimeOffset> _warming = [];

    /// <summary>The time until the whole share; a change also affects servers that are warming up.</summary>
    public TimeSpan Window { get; set; } = window;

    /// <summary>Whether a server is warming up.</summary>
    public bool IsActive => _warming.Count > 0;

    /// <summary>How often <see cref="Step"/> changes something.</summary>
    public TimeSpan Interval => Window / Steps;

    /// <summary>Begins to warm the server up if this report is its first one of a connection.</summary>
    /// <param name="entry">The server with the report before.</param>
    /// <param name="report">The new report.</param>
    /// <param name="now">The time.</param>
    public void Observe(ServerEntry entry, ServerReport report, DateTimeOffset now)
    {
        if (Window <= TimeSpan.Zero || entry.IsConnected || report.Connection.Status != ServerStatus.Connected)
            return;
        _warming[entry] = now;
        entry.Candidate.Weight = entry.Settings.Weight * LeastShare;
    }

    /// <summary>Gives each server the share for the time that has passed; returns the servers whose share changed.</summary>
    public IReadOnlyList<ServerEntry> Step(DateTimeOffset now)
    {
        var changed = _warming.Keys.ToArray();
        foreach (var entry in changed)
        {
            var share = Window > TimeSpan.Zero ? Math.Clamp((now - _warming[entry]) / Window, LeastShare, 1) : 1;
            if (share >= 1)
                _warming.Remove(entry);
            entry.Candidate.Weight = entry.Settings.Weight * share;
        }
        return changed;
    }

    public void Forget(ServerEntry entry) => _warming.Remove(entry);
}
