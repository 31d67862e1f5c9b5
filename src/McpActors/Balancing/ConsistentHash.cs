using System.Runtime.CompilerServices;

namespace McpActors.Balancing;

/// <summary>
/// The same server for the same <see cref="CallOptions.AffinityKey"/>, in every process, as long as the server is available; when a server
/// leaves, only its keys move, and when it comes back they return. Weights set the share of keys. Calls without a key use
/// <c>least-connections</c>.
/// <para>When to use it: servers that answer faster for keys they have served before, such as caches, open files or loaded models.</para>
/// <para>Weakness: it ignores load. A key with many calls loads its one server, and shares differ by some percent by chance.
/// <c>consistent-hash-bounded</c> sends a call to another server when it would load its own a quarter above the average.</para>
/// <para>Cost: the logarithm of the number of servers.</para>
/// </summary>
internal sealed class ConsistentHash : ILoadBalancingStrategy
{
    private const double LoadBound = 1.25;

    // The most servers that a key may use.
    private const int Looks = 16;

    // Among many servers, each choice samples two to estimate the average load as a moving average of the last few dozen samples.
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
        // A set for a single choice is not worth caching.
        var ring = candidates.Whole is null ? _rings.GetValue(candidates, set => new Ring(set)) : new Ring(candidates);
        var key = StableHash.Of(affinityKey);
        return _bounded ? Bounded(ring, key) : ring.Hashes.Find(key);
    }

    public void Ended(Candidate candidate, AttemptOutcome outcome, TimeSpan elapsed)
    {
        _load.Ended(candidate, outcome, elapsed);
        _withoutKey.Ended(candidate, outcome, elapsed);
    }

    // A server that fails at once would never be full and would get all the overflow, so failures count as load.
    // The overflow of a full server goes to the server of the key's next hash, not to a neighbour, which it would soon fill.
    private Candidate Bounded(Ring ring, ulong key)
    {
        var average = AverageLoad(ring);
        for (var i = 0; i < Looks; i++)
        {
            var server = ring.Hashes.Find(i == 0 ? key : StableHash.Derive(key, -i));
            // Rounded, so that a key returns to its server before a failure has faded completely.
            if (Math.Round(_load.InFlight(server)) < Math.Max(1, Math.Ceiling(LoadBound * average * server.Weight)))
                return server;
        }
        // A key that has filled all of these servers has so many calls that any server may take them.
        return _withoutKey.Choose(ring.Candidates, null);
    }

    // Attempts in flight for each unit of weight.
    private double AverageLoad(Ring ring)
    {
        var servers = ring.Candidates.Servers;
        if (servers.Length <= CandidateSet.LargestScan)
        {
            // Includes the attempt to place, which makes a difference among few servers.
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
            // With draws in proportion to weight, the average of the loads per weight is the average load of all.
            var server = ring.Candidates.WeightedSampler.One(_random);
            ring.AverageLoad += DrawShare * ((server.InFlight / server.Weight) - ring.AverageLoad);
        }
        return ring.AverageLoad;
    }

    /// <summary>The cached state of a set of servers.</summary>
    private sealed class Ring(CandidateSet candidates)
    {
        public CandidateSet Candidates => candidates;

        public HashRing Hashes { get; } = new(candidates.Servers);

        /// <summary>The estimated average load, among many servers.</summary>
        public double AverageLoad { get; set; }
    }
}
