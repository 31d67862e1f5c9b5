namespace McpActors.Balancing;

/// <summary>A server as a strategy sees it.</summary>
public sealed class Candidate
{
    internal Candidate(ServerEntry entry, int ordinal)
    {
        Entry = entry;
        Ordinal = ordinal;
        Name = entry.Settings.Name;
        Priority = entry.Settings.Priority;
        Weight = entry.Settings.Weight;
    }

    /// <summary>The router's knowledge of the server, which strategies do not see.</summary>
    internal ServerEntry Entry { get; }

    /// <summary>The server's name.</summary>
    public string Name { get; }

    /// <summary>Its priority; the lowest number is the best.</summary>
    public int Priority { get; }

    /// <summary>
    /// Its share among its equals, more than 0: the configured weight, reduced while the server warms up. It changes only together with the
    /// <see cref="CandidateSet"/>s that contain the server, so results derived from a set's weights stay valid as long as the set does.
    /// </summary>
    public double Weight { get; internal set; }

    /// <summary>Its position in configured order.</summary>
    public int Ordinal { get; }

    /// <summary>Attempts sent to it and not yet ended, exact at the moment of the choice.</summary>
    public int InFlight { get; internal set; }
}
