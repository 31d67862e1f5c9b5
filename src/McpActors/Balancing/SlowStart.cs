namespace McpActors.Balancing;

/// <summary>
/// Servers that have just connected get a share that grows from a tenth to the whole within a time, in steps, so that they can fill their caches
/// and pools (Envoy's slow start with aggression 1: weight × time since the connection / window, at least 10 %). Owned by the router alone.
/// </summary>
internal sealed class SlowStart
{
    private const double LeastShare = 0.1;
    private const int Steps = 20;

    private readonly Dictionary<ServerEntry, DateTimeOffset> _warming = [];

    /// <summary>Whether there is anybody to warm up.</summary>
    public bool IsActive => _warming.Count > 0;

    /// <summary>How often <see cref="Step"/> is worth calling.</summary>
    public static TimeSpan StepOf(TimeSpan window) => window / Steps;

    public void Begin(ServerEntry entry, DateTimeOffset now)
    {
        _warming[entry] = now;
        entry.Candidate.Weight = entry.Settings.Weight * LeastShare;
    }

    /// <summary>Gives each its share for the time that has passed; yields those whose share has changed.</summary>
    public IEnumerable<ServerEntry> Step(TimeSpan window, DateTimeOffset now)
    {
        foreach (var (entry, since) in _warming.ToArray())
        {
            var share = window > TimeSpan.Zero ? Math.Clamp((now - since) / window, LeastShare, 1) : 1;
            if (share >= 1)
                _warming.Remove(entry);
            entry.Candidate.Weight = entry.Settings.Weight * share;
            yield return entry;
        }
    }

    public void Forget(ServerEntry entry) => _warming.Remove(entry);
}
