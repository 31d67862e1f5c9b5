using System.Runtime.CompilerServices;
using McpActors.Balancing;

namespace McpActors.Tests.Balancing;

/// <summary>The least loaded server of the own zone, by the prefix of its name; without one, of all servers.</summary>
internal sealed class SameZone(string zone, Random random) : ILoadBalancingStrategy
{
    // A derived value is valid as long as the set is the same object.
    private readonly ConditionalWeakTable<CandidateSet, Candidate[]> _near = [];

    public Candidate Choose(CandidateSet candidates, string? affinityKey)
    {
        var near = _near.GetValue(candidates, set => [.. set.Servers.Where(IsNear)]);
        return (near.Length > 0 ? near : candidates.Servers.AsEnumerable())
            .MinBy(server => (Load: (server.InFlight + 1) / server.Weight, Tie: random.NextDouble()))!;
    }

    private bool IsNear(Candidate server) => server.Name.StartsWith(zone, StringComparison.Ordinal);
}
