using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace McpActors.Balancing;

/// <summary>
/// The servers of the best priority, each in turn. When more than two in seven of them are unavailable, a part of the calls spills over to
/// the next priority: a level takes 1.4 times the share of its servers that are available, as in Envoy.
/// <para>When to use it: some servers are the backup of others, in another region or at another price.</para>
/// <para>Weakness: the spill-over depends on the number of available servers, not on their load. To fail over a whole group only when its
/// last server is unavailable, call it with <see cref="CallMode.Failover"/>.</para>
/// <para>Cost: the number of priorities, and that of <c>round-robin</c>.</para>
/// </summary>
internal sealed class PriorityChoice(Random random) : ILoadBalancingStrategy
{
    private const int Overprovisioning = 140;

    private readonly ConditionalWeakTable<CandidateSet, int[]> _loads = [];
    private readonly Dictionary<int, RoundRobin> _rotations = [];

    public Candidate Choose(CandidateSet candidates, string? affinityKey)
    {
        var levels = candidates.Levels;
        var level = levels.Length == 1 ? levels[0] : levels[Draw(_loads.GetValue(candidates, set => Loads(set.Levels)))];
        if (!_rotations.TryGetValue(level.Priority, out var rotation))
            _rotations.Add(level.Priority, rotation = new RoundRobin());
        return rotation.Choose(level.Available, affinityKey);
    }

    /// <summary>
    /// The share of each level in percent, 100 in total. Integer arithmetic, with the rounding remainder for the first level that is not
    /// down, gives the same figures as Envoy.
    /// </summary>
    internal static int[] Loads(ImmutableArray<PriorityLevel> levels)
    {
        var health = levels.Select(level => Math.Min(100, Overprovisioning * level.Available.Servers.Length / level.MemberCount)).ToArray();
        var total = Math.Min(100, health.Sum());
        var loads = new int[levels.Length];
        var left = 100;
        for (var i = 0; i < loads.Length && total > 0; i++)
        {
            loads[i] = Math.Min(left, health[i] * 100 / total);
            left -= loads[i];
        }
        // If so few servers are available that every level rounds to zero, the best level with an available server takes all.
        var first = total > 0
            ? Array.FindIndex(health, percent => percent > 0)
            : levels.ToList().FindIndex(level => level.Available.Servers.Length > 0);
        loads[first] += left;
        return loads;
    }

    private int Draw(int[] loads)
    {
        var percent = random.Next(100);
        var level = 0;
        while (percent >= loads[level])
            percent -= loads[level++];
        return level;
    }
}
