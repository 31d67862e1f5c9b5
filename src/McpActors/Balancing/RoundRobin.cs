using System.Runtime.CompilerServices;
using McpActors.Balancing.Rotations;

namespace McpActors.Balancing;

/// <summary>
/// Each server in turn, in configured order, beginning with the first; with different weights, each in proportion to its weight and spread
/// evenly (weights 5, 1, 1 give a a b a c a a).
/// <para>When to use it: calls of similar cost on servers of similar speed. It needs no knowledge of the servers, and each gets exactly its
/// share.</para>
/// <para>Weakness: it ignores load and speed. A server that has become slow keeps its share of the calls, and its queue grows.</para>
/// <para>Cost: the logarithm of the number of servers; with different weights, their number up to 16.</para>
/// </summary>
/// <remarks>
/// A turn belongs to a server, not to a position in a list: a server that comes or goes neither skips nor repeats another, and a server
/// that comes back does not catch up. Further attempts of a call count as turns, so the server after a failing one gets no more than the
/// others.
/// </remarks>
internal sealed class RoundRobin : ILoadBalancingStrategy
{
    // One rotation for each set: tools of different sets of servers must not take turns from each other.
    private readonly ConditionalWeakTable<CandidateSet, Rotation> _rotations = [];
    private CandidateSet? _set;
    private Rotation? _rotation;

    public Candidate Choose(CandidateSet candidates, string? affinityKey)
    {
        var whole = candidates.Whole ?? candidates;
        if (!ReferenceEquals(_set, whole))
        {
            if (!_rotations.TryGetValue(whole, out var rotation))
                _rotations.Add(whole, rotation = Rotation.Of(whole, _rotation));
            (_set, _rotation) = (whole, rotation);
        }
        return _rotation!.Next(candidates);
    }
}
