using System.Runtime.CompilerServices;

namespace McpActors.Balancing;

/// <summary>
/// The same server for the same <see cref="CallOptions.AffinityKey"/>, from every process, as long as it is there; when a server leaves, only its
/// keys move, and when it comes back they return. Weights say how many keys a server has. Calls without a key go as <c>least-connections</c> sends them.
/// <para>When to use it: servers that are faster for what they have seen before, such as caches, open files or loaded models.</para>
/// <para>Weakness: it looks at no load. A key that is called often loads its one server, and shares differ by some percent by chance.
/// <c>consistent-hash-bounded</c> sends on to another server what would load one a quarter above the average.</para>
/// <para>Cost: the logarithm of the number of servers.</para>
/// </summary>
internal sealed class ConsistentHash : ILoadBalancingStrategy
{
    public const string Name = "consistent-hash";
    public const string BoundedName = "consistent-hash-bounded";

    private const double LoadBound = 1.25;

    // How many places a key may have.
    private const int Looks = 16;

    // Of many servers each choice draws two to know the average load; it is that of the last few dozen drawn.
    private const int Draws = 2;
    private const double DrawShare = 1 / 32.0;

    private readonly Random _random;
    private readonly bool _bounded;
    private readonly AttemptLoad _load;
    private readonly LeastConnections _withoutKey;
    private readonly ConditionalWeakTable<CandidateSet, Ring> _rings = [];

    public ConsistentHash(StrategyContext context, bool bounded)
    {
        _random = context.Random;
        _bounded = bounded;
        _load = new AttemptLoad(context.Clock);
        _withoutKey = new LeastConnections(context);
    }

    public Candidate Choose(CandidateSet candidates, string? affinityKey)
    {
        if (affinityKey is null)
            return _withoutKey.Choose(candidates, null);
        if (candidates.Servers.Length == 1)
            return candidates.Servers[0];
        // A set that is there for one choice only is not worth remembering.
        var ring = candidates.Whole is null ? _rings.GetValue(candidates, set => new Ring(set)) : new Ring(candidates);
        var key = StableHash.Of(affinityKey);
        return _bounded ? Bounded(ring, key) : ring.Hashes.Find(key);
    }

    public void Ended(Candidate candidate, AttemptOutcome outcome, TimeSpan elapsed)
    {
        _load.Ended(candidate, outcome, elapsed);
        _withoutKey.Ended(candidate, outcome, elapsed);
    }

    // A server that fails at once would be the only one never full, and get what all others send on; its failures count as load.
    // Who is full sends on to where the key's next hash falls, not to a neighbour, which would soon be full of it.
    private Candidate Bounded(Ring ring, ulong key)
    {
        var average = AverageLoad(ring);
        for (var i = 0; i < Looks; i++)
        {
            var server = ring.Hashes.Find(i == 0 ? key : StableHash.Derive(key, -i));
            // Rounded, so that a key comes back to its server before the last trace of a failure has faded.
            if (Math.Round(_load.InFlight(server)) < Math.Max(1, Math.Ceiling(LoadBound * average * server.Weight)))
                return server;
        }
        // A key that has filled all of these is called so often that it belongs to nobody.
        return _withoutKey.Choose(ring.Candidates, null);
    }

    // Attempts in flight for each unit of weight.
    private double AverageLoad(Ring ring)
    {
        var servers = ring.Candidates.Servers;
        if (servers.Length <= CandidateSet.LargestScan)
        {
            // With the attempt that is to be placed, which among few makes a difference.
            var (inFlight, weight) = (1.0, 0.0);
            foreach (var server in servers)
            {
                inFlight += server.InFlight;
                weight += server.Weight;
            }
            return inFlight / weight;
        }
        for (var i = 0; i < Draws; i++)
        {
            // Drawn in proportion to weight, the average of what each has for its weight is that of all.
            var server = ring.Candidates.WeightedSampler.One(_random);
            ring.AverageLoad += DrawShare * ((server.InFlight / server.Weight) - ring.AverageLoad);
        }
        return ring.AverageLoad;
    }

    /// <summary>What is kept for a set of servers.</summary>
    private sealed class Ring(CandidateSet candidates)
    {
        public CandidateSet Candidates => candidates;

        public HashRing Hashes { get; } = new(candidates.Servers);

        /// <summary>Of many servers, what is known of their load.</summary>
        public double AverageLoad { get; set; }
    }
}
