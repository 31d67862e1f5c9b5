using System.Runtime.CompilerServices;
using McpActors.Balancing.Rotations;

namespace McpActors.Balancing;

/// <summary>
/// Each server in turn, in configured order, beginning with the first; with different weights each as often as its weight says, spread evenly
/// (weights 5, 1, 1 give a a b a c a a).
/// <para>When to use it: calls that cost about the same, on servers that are about as fast. It needs to know nothing of them, and each gets exactly
/// its share.</para>
/// <para>Weakness: it looks neither at load nor at speed. A server that has become slow goes on getting its share, and its queue grows.</para>
/// <para>Cost: the logarithm of the number of servers; with different weights, their number up to 16.</para>
/// </summary>
/// <remarks>
/// The turn belongs to the servers, not to places in a list: one that comes or goes neither skips nor repeats another, and one that comes back has
/// nothing to make up for. Further attempts of a call count as turns, so the server after one that fails gets no more than the others.
/// </remarks>
internal sealed class RoundRobin : ILoadBalancingStrategy
{
    public const string Name = "round-robin";

    // One turn for each set, because tools that different servers have would otherwise take turns from each other.
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
