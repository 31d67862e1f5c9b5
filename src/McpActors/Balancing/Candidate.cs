namespace McpActors.Balancing;

/// <summary>A server as a strategy sees it.</summary>
public sealed class Candidate
{
    internal Candidate(object owner, string name, int priority, double weight, int ordinal)
    {
        Owner = owner;
        Name = name;
        Priority = priority;
        Weight = weight;
        Ordinal = ordinal;
    }

    /// <summary>What the router knows of the server, which is not the strategy's business.</summary>
    internal object Owner { get; }

    /// <summary>The server's name.</summary>
    public string Name { get; }

    /// <summary>Its priority; the lowest number is the best.</summary>
    public int Priority { get; }

    /// <summary>
    /// Its share among its equals, more than 0: the configured weight, scaled down while the server warms up. It changes only together with the
    /// <see cref="CandidateSet"/>s the server is in, so what a strategy works out from a set's weights holds as long as the set does.
    /// </summary>
    public double Weight { get; internal set; }

    /// <summary>Its place in configured order.</summary>
    public int Ordinal { get; }

    /// <summary>Attempts sent to it and not yet ended, exact at the moment of the choice.</summary>
    public int InFlight { get; internal set; }
}
