using System.Collections.Immutable;

namespace McpActors.Routing.Balancing;

/// <summary>
/// Chooses one of a set of interchangeable servers. One instance serves one set and is called from one thread at a time, so it may keep
/// state in plain fields. A choice should cost at most the logarithm of the number of servers above 16 of them.
/// </summary>
public interface ILoadBalancingStrategy
{
    /// <summary>The server for one attempt.</summary>
    /// <param name="candidates">The servers that can take it, at least one, in configured order.</param>
    /// <param name="affinityKey">The caller's <see cref="CallOptions.AffinityKey"/>, if it gave one.</param>
    Candidate Choose(CandidateSet candidates, string? affinityKey);

    /// <summary>Told of the end of each attempt on one of its servers. Does nothing unless a strategy learns from it.</summary>
    /// <param name="candidate">The server.</param>
    /// <param name="outcome">How the attempt ended.</param>
    /// <param name="elapsed">How long it took.</param>
    void Ended(Candidate candidate, AttemptOutcome outcome, TimeSpan elapsed)
    {
    }
}

/// <summary>Makes a strategy for one set of servers.</summary>
/// <param name="random">The source of every random choice.</param>
/// <param name="clock">The time.</param>
public delegate ILoadBalancingStrategy StrategyFactory(Random random, TimeProvider clock);

/// <summary>A server as a strategy sees it.</summary>
public sealed class Candidate
{
    internal Candidate(object owner, string name, int priority, int weight, int ordinal)
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

    /// <summary>Its share among its equals; 1 or more.</summary>
    public int Weight { get; }

    /// <summary>Its place in configured order.</summary>
    public int Ordinal { get; }

    /// <summary>Attempts sent to it and not yet ended, exact at the moment of the choice.</summary>
    public int InFlight { get; internal set; }
}

/// <summary>The servers that can take an attempt. Immutable; the same object as long as they are the same.</summary>
public sealed class CandidateSet
{
    internal CandidateSet(ImmutableArray<Candidate> servers)
    {
        Servers = servers;
        EqualWeights = servers.All(server => server.Weight == servers[0].Weight);
    }

    /// <summary>The servers, in configured order.</summary>
    public ImmutableArray<Candidate> Servers { get; }

    /// <summary>Whether all of them have the same weight.</summary>
    public bool EqualWeights { get; }
}
